/*
 * Which names of a stream stand for secrets, whatever their namespace: a prefix or a default namespace that
 * was missed must not show one, so rather too much is hidden than too little.
 *
 *     elements     auth, challenge, response, success              RFC 6120, section 6
 *                  initial-response, additional-data, next, ...    XEP-0388
 *                  password, digest                                XEP-0077, XEP-0078, XEP-0045
 *                  handshake                                       XEP-0114
 *     attributes   token, password                                 XEP-0484, XEP-0397, XEP-0215, XEP-0249
 *     fields       password, muc#roomconfig_roomsecret, ...        XEP-0004; those of type text-private too
 *     headers      Authorization, Cookie                           XEP-0363
 *
 * Names are compared without their prefix and in lower case. What stands in the body of a message or in an
 * address, such as that of an upload, is not known here.
 */

/** Elements whose whole content is hidden. */
const secretElements: ReadonlySet<string> = new Set([
  'additional-data',
  'auth',
  'challenge',
  'digest',
  'handshake',
  'initial-response',
  'next',
  'response',
  'task-data',
]);

const secretWord = /passw|passphrase|passcode|pwd|secret|token|credential|key-params/;

/** Attributes of such an element that may be seen all the same. */
const plainAttributes: ReadonlySet<string> = new Set(['expiry', 'mechanism', 'type', 'xmlns']);

const secretHeader = /^(proxy-)?authorization$|cookie/;

/** The part of a qualified name behind its prefix, to compare. */
export const localOf = (name: string): string =>
  name.slice(name.lastIndexOf(':') + 1).toLowerCase();

export const isSecretElement = (local: string): boolean =>
  secretElements.has(local) || secretWord.test(local);

/** Whether the value of an attribute is hidden, given the local name of its element. */
export function isSecretAttribute(name: string, element: string): boolean {
  if (secretWord.test(localOf(name))) return true;
  const isPlain = name.startsWith('xmlns:') || plainAttributes.has(name);
  return isSecretElement(element) && !isPlain;
}

/** Whether an attribute can make its element a secret one. */
export const isTelling = (name: string, element: string): boolean =>
  element === 'field' ? name === 'var' || name === 'type' : element === 'header' && name === 'name';

/** Whether this value of a telling attribute does so. A reference could stand for any letter. */
export function tellsSecret(name: string, value: string): boolean {
  const text = value.trim().toLowerCase();
  if (text.includes('&')) return true;
  if (name === 'type') return text === 'text-private';
  return name === 'name' ? secretHeader.test(text) : secretWord.test(text);
}
