/*
 * Stanza errors (RFC 6120, section 8.3): the 22 conditions with their default types, and the reply that
 * carries one. Whether a reply may be sent at all is decided in `errorReply`: a stanza of type error or
 * result is never answered, whatever went wrong with it.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';

export type ErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

/** The type that section 8.3.3 gives each condition, where it gives one, else the usual one. */
const defaultTypes = {
  'bad-request': 'modify',
  conflict: 'cancel',
  'feature-not-implemented': 'cancel',
  forbidden: 'auth',
  gone: 'cancel',
  'internal-server-error': 'cancel',
  'item-not-found': 'cancel',
  'jid-malformed': 'modify',
  'not-acceptable': 'modify',
  'not-allowed': 'cancel',
  'not-authorized': 'auth',
  'policy-violation': 'modify',
  'recipient-unavailable': 'wait',
  redirect: 'modify',
  'registration-required': 'auth',
  'remote-server-not-found': 'cancel',
  'remote-server-timeout': 'wait',
  'resource-constraint': 'wait',
  'service-unavailable': 'cancel',
  'subscription-required': 'auth',
  'undefined-condition': 'cancel',
  'unexpected-request': 'wait',
} as const satisfies Record<string, ErrorType>;

export type StanzaCondition = keyof typeof defaultTypes;

export interface StanzaErrorOptions {
  readonly type?: ErrorType;
  /** One sentence in English for people. */
  readonly text?: string;
  /** The entity that refuses, where it is not the one addressed (section 8.3.2). */
  readonly by?: string;
  /** With `gone` and `redirect`: the new address, as a URI. */
  readonly uri?: string;
  /** A condition of the application's own, in its namespace (section 8.3.4). */
  readonly application?: Element;
}

export function stanzaError(condition: StanzaCondition, options: StanzaErrorOptions = {}): Element {
  const { type = defaultTypes[condition], text, by, uri, application } = options;
  return xml(
    'error',
    { by, type },
    xml(condition, { xmlns: NS.stanzas }, uri),
    text && xml('text', { xmlns: NS.stanzas, 'xml:lang': 'en' }, text),
    application,
  );
}

/** A payload is sent back only up to this many bytes of the stanza: nobody needs an echo of 200 KB. */
const maxEchoBytes = 4096;

/**
 * The reply to a stanza that could not be handled: same kind, same id, addresses swapped, the payload if
 * it is small. undefined when the stanza must not be answered.
 */
export function errorReply(
  stanza: Element,
  condition: StanzaCondition,
  options: StanzaErrorOptions = {},
): Element | undefined {
  const type = stanza.attr('type');
  if (type === 'error' || (stanza.name === 'iq' && type === 'result')) return undefined;
  const echo = stanza.toBytes().length <= maxEchoBytes ? stanza.children : [];
  return xml(
    stanza.name,
    { xmlns: stanza.ns, type: 'error', ...swapped(stanza) },
    ...echo,
    stanzaError(condition, options),
  );
}

/** The answer to a request, with the payload given. */
export function resultReply(stanza: Element, ...children: Element[]): Element {
  return xml('iq', { xmlns: stanza.ns, type: 'result', ...swapped(stanza) }, ...children);
}

/** The attributes of a reply: `to` and `from` change places, the id stays; what is absent stays absent. */
function swapped(stanza: Element): Record<string, string> {
  const attrs: Record<string, string> = {};
  const id = stanza.attr('id');
  const to = stanza.attr('to');
  const from = stanza.attr('from');
  if (id !== undefined) attrs.id = id;
  if (from !== undefined) attrs.to = from;
  if (to !== undefined) attrs.from = to;
  return attrs;
}
