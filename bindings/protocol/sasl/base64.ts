/*
 * Base64 as SASL over XMPP uses it (RFC 6120, section 6.4; RFC 4648, section 4): the standard
 * alphabet with its padding and nothing else. `atob` alone would take white space and missing padding,
 * which section 6.5.5 answers with `incorrect-encoding`.
 */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The bytes, or undefined when the text is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (!base64.test(text)) return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
