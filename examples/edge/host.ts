/*
 * Requests that name no account's data: to the domain itself, and the few that an account's bare JID answers in the
 * same way. Discovery (XEP-0030), ping (XEP-0199), the session of RFC 3921.
 */
import { parse, xml } from 'tercet';
import type { Element } from 'tercet';
import { errorReply, resultReply } from 'tercet/protocol';

const discoInfo = 'http://jabber.org/protocol/disco#info';
const discoItems = 'http://jabber.org/protocol/disco#items';
const ping = 'urn:xmpp:ping';
const features = [discoInfo, discoItems, ping, 'jabber:iq:roster', 'msgoffline'];

/** The answer to a stanza for the domain, if it gets one. */
export function hostReply(bytes: Uint8Array): Uint8Array | undefined {
  const stanza = parse(bytes);
  const type = stanza.attr('type') ?? '';
  if (stanza.name === 'presence' || type === 'error' || type === 'result') return undefined;
  const payload = stanza.name === 'iq' ? commonReply(stanza, 'server', 'im') : undefined;
  return (payload ?? errorReply(stanza, 'service-unavailable'))?.toBytes();
}

/** The result of a request that every address here answers alike; undefined for any other. */
export function commonReply(stanza: Element, category: string, type: string): Element | undefined {
  const payload = stanza.child();
  switch (`${stanza.attr('type') ?? ''} ${payload?.ns ?? ''}`) {
    case `get ${discoInfo}`: {
      const identity = xml('identity', { category, type, name: 'tercet at the edge' });
      const known = features.map((feature) => xml('feature', { var: feature }));
      return resultReply(stanza, xml('query', { xmlns: discoInfo }, identity, ...known));
    }
    case `get ${discoItems}`:
      return resultReply(stanza, xml('query', { xmlns: discoItems }));
    case `get ${ping}`:
    case 'set urn:ietf:params:xml:ns:xmpp-session':
      return resultReply(stanza);
    default:
      return undefined;
  }
}
