/*
 * Stanzas as they are made here, and the two namespaces that they are in: a client's stream has `jabber:client`, what
 * goes from one account to another `jabber:server`, as between servers (RFC 6120, section 4.8.3).
 */
import { xml } from 'tercet';
import type { Element } from 'tercet';

export const ns = {
  client: 'jabber:client',
  roster: 'jabber:iq:roster',
  delay: 'urn:xmpp:delay',
} as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A stanza of clients in the namespace of servers. */
export const toServer = (stanza: Element): Uint8Array =>
  encoder.encode(
    stanza.toString().replace(/ xmlns=(["'])jabber:client\1/, " xmlns='jabber:server'"),
  );

/** A stanza that was made ready for servers, as its client sent it. */
export const toClient = (bytes: Uint8Array): Uint8Array =>
  encoder.encode(
    decoder.decode(bytes).replace(/ xmlns=(["'])jabber:server\1/, " xmlns='jabber:client'"),
  );

export const makePresence = (
  attrs: Readonly<Record<string, string | undefined>>,
  ...children: Element[]
): Element => xml('presence', { xmlns: ns.client, ...attrs }, ...children);
