/*
 * What makes a stanza one, before anybody looks at its address (RFC 6120, section 8; RFC 6121, sections
 * 4.7 and 5.2.2): its kind, its type, an id and the right number of payloads on an iq.
 *
 *     iq         id and a known type; get and set have exactly one child, result at most one
 *     presence   no type or a known one; at most one priority, -128 to 127
 *     message    an unknown type counts as `normal`, so nothing here can be wrong
 *
 * A stanza of type error or result that breaks a rule is ignored, since it must not be answered.
 */
import type { Element } from '../element.js';
import type { StanzaCondition } from './stanza-error.js';

export type StanzaKind = 'message' | 'presence' | 'iq';

export type MessageType = 'normal' | 'chat' | 'groupchat' | 'headline' | 'error';

export type PresenceType =
  | 'available'
  | 'unavailable'
  | 'subscribe'
  | 'subscribed'
  | 'unsubscribe'
  | 'unsubscribed'
  | 'probe'
  | 'error';

const presenceTypes: ReadonlySet<string> = new Set<PresenceType>([
  'unavailable',
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
  'probe',
  'error',
]);

const iqTypes: ReadonlySet<string> = new Set(['get', 'set', 'result', 'error']);

/** The kind of a first-level element, or undefined when it is no stanza of this content namespace. */
export function stanzaKind(element: Element, contentNamespace: string): StanzaKind | undefined {
  if (element.ns !== contentNamespace) return undefined;
  const { name } = element;
  return name === 'message' || name === 'presence' || name === 'iq' ? name : undefined;
}

export function messageType(message: Element): MessageType {
  const type = message.attr('type');
  return type === 'chat' || type === 'groupchat' || type === 'headline' || type === 'error'
    ? type
    : 'normal';
}

/** Call it on presence that passed `checkStanza`. */
export const presenceType = (presence: Element): PresenceType =>
  (presence.attr('type') as PresenceType | undefined) ?? 'available';

/** The priority that a presence announces; undefined when it is written wrongly. */
export function presencePriority(presence: Element): number | undefined {
  const priorities = presence.elements('priority', presence.ns);
  const first = priorities.at(0);
  if (!first) return 0;
  const text = first.text.trim();
  if (priorities.length > 1 || !/^[+-]?[0-9]{1,3}$/.test(text)) return undefined;
  const priority = Number(text);
  return priority >= -128 && priority <= 127 ? priority : undefined;
}

/** The condition to answer with, or undefined for a stanza in order. */
export function checkStanza(stanza: Element, kind: StanzaKind): StanzaCondition | undefined {
  if (kind === 'message') return undefined;
  const type = stanza.attr('type');
  if (kind === 'presence') {
    if (type === undefined)
      return presencePriority(stanza) === undefined ? 'bad-request' : undefined;
    return presenceTypes.has(type) ? undefined : 'bad-request';
  }
  if (type === undefined || !iqTypes.has(type) || !stanza.attr('id')) return 'bad-request';
  const childCount = stanza.elements().length;
  if (type === 'result') return childCount > 1 ? 'bad-request' : undefined;
  if (type === 'error') return undefined;
  return childCount === 1 ? undefined : 'bad-request';
}
