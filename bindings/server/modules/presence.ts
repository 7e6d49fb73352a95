/*
 * Presence (RFC 6121, section 4): broadcast to those who may see it, the presence of contacts for a
 * resource that has come, directed presence, probes, and `unavailable` when a stream is lost.
 *
 * Directed presence is remembered for each resource until it is taken back, the other side goes, or the
 * resource does; subscriptions come first, so a contact that sees the broadcast is not told twice.
 */
import type { Element } from '../../element.js';
import { presenceType } from '../../protocol/stanza-check.js';
import { bareOf } from '../addresses.js';
import type { Arrival, Inbound, ModuleHost, ServerModule } from '../module.js';
import { delay } from '../delay.js';
import { announce, makePresence, showContacts } from '../presences.js';
import type { Session } from '../sessions.js';

export function presence(): ServerModule {
  return {
    name: 'presence',
    skipsPlainMessages: true,
    stanza(inbound): boolean {
      if (inbound.kind !== 'presence') return false;
      if (inbound.to) return direct(inbound);
      broadcast(inbound);
      return true;
    },
    arrival(arrival): boolean {
      if (arrival.kind !== 'presence' || presenceType(arrival.stanza) !== 'probe') return false;
      probe(arrival);
      return true;
    },
    delivered(stanza, from, targets): void {
      if (stanza.name !== 'presence' || stanza.attr('type') !== 'unavailable') return;
      // Whoever has gone need not be told that we go (section 4.6.3).
      for (const { directed } of targets) directed.delete(from);
    },
    ended(session, server): void {
      leave(session, makePresence({ from: session.jid, type: 'unavailable' }), server);
    },
  };
}

/** Presence without `to`: to everybody who may see it (sections 4.2 to 4.5). */
function broadcast({ stanza, sender, server }: Inbound): void {
  const type = presenceType(stanza);
  if (type === 'unavailable') return leave(sender, stanza, server);
  if (type !== 'available') return server.refuse(stanza, 'bad-request', sender);
  const isInitial = !sender.isAvailable;
  const wasNegative = sender.priority < 0;
  sender.become(stanza);
  announce(stanza, sender, server);
  if (isInitial) showContacts(sender, server);
  if (isInitial || (wasNegative && sender.priority >= 0)) server.tellAvailable(sender, isInitial);
}

/** The resource goes offline, by its own word or by the loss of its stream. */
function leave(session: Session, unavailable: Element, server: ModuleHost): void {
  const isAnnounced = session.isAvailable;
  if (isAnnounced) {
    announce(unavailable, session, server);
    session.become(undefined);
    // An account may end with its stream.
    if (server.accounts.exists(session.account)) {
      server.storage.set('last-presence', session.account, '', String(server.date()));
    }
  }
  for (const address of session.directed) {
    // Whoever is subscribed has been told by the broadcast, if there was one.
    if (isAnnounced && server.rosters.isSubscriber(session.account, bareOf(address))) continue;
    server.pass(unavailable.withAttrs({ to: address }));
  }
  session.directed.clear();
}

/** Presence with `to` goes where it is sent; whether the other side knows of us is remembered. */
function direct({ stanza, sender, to, realm }: Inbound): boolean {
  const type = presenceType(stanza);
  const address = to?.toString() ?? '';
  // More than anybody greets; beyond it the oldest are forgotten, and not told of the end.
  if (type === 'available' && realm === 'account') {
    sender.directed.add(address);
    for (const oldest of sender.directed) {
      if (sender.directed.size <= maxDirected) break;
      sender.directed.delete(oldest);
    }
  }
  if (type === 'unavailable') sender.directed.delete(address);
  // Nobody answers for the server's own address.
  return realm === 'server';
}

const maxDirected = 1000;

/** What a probe is told (section 4.3.2). */
function probe({ stanza, from, account, resource, sender, server }: Arrival): void {
  const asker = bareOf(from);
  const reply = (attrs: { readonly type?: string; readonly from: string }): Element =>
    makePresence({ ...attrs, to: from, id: stanza.attr('id') });
  const mayAsk = server.rosters.isSubscriber(account, asker);
  const session = resource === '' ? undefined : server.sessions.find(account, resource);
  const isShown = session?.directed.has(from) === true || session?.directed.has(asker) === true;
  if (!mayAsk && !isShown) {
    // The same for an account that does not exist.
    // It answers the probe, and so is none of the stanzas that change a subscription of the sender.
    if (sender) server.send(reply({ type: 'unsubscribed', from: account }), sender);
    return;
  }
  if (resource !== '') {
    const isThere = session?.isAvailable === true || isShown;
    const full = `${account}/${resource}`;
    return server.pass(reply({ ...(!isThere && { type: 'unavailable' }), from: full }));
  }
  const present = server.sessions.available(account);
  if (present.length === 0) {
    const last = server.storage.get('last-presence', account, '');
    const attrs = { type: 'unavailable', from: account, to: from, id: stanza.attr('id') };
    return server.pass(makePresence(attrs, ...(last ? [delay(Number(last), server.domain)] : [])));
  }
  for (const each of present) {
    if (each.presence) server.pass(each.presence.withAttrs({ to: from }));
  }
}
