/*
 * What the server writes on a client's stanza before anybody else reads it (RFC 6120, section 8.1).
 */
import type { Element } from '../element.js';
import type { StanzaKind } from '../protocol/stanza-check.js';
import type { Session } from './sessions.js';

const subscriptionTypes: ReadonlySet<string | undefined> = new Set([
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
]);

/** `from` is ours to say (RFC 6120, section 8.1.2.1), the language where the stanza has none. */
export function stamp(stanza: Element, kind: StanzaKind, sender: Session): Element {
  const isSubscription = kind === 'presence' && subscriptionTypes.has(stanza.attr('type'));
  const from = isSubscription ? sender.account : sender.jid;
  const { lang } = sender.connection;
  return lang === '' || stanza.attrs['xml:lang'] !== undefined
    ? stanza.withAttrs({ from })
    : stanza.withAttrs({ from, 'xml:lang': lang });
}
