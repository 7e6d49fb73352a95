/*
 * Presence (RFC 6121, section 4) over the contacts that the modules name: broadcast to them and to the
 * own resources, their presence back, directed presence, probes, and `unavailable` when a stream is lost.
 *
 * Contacts are mutual: whoever is one sees and is seen. Requests to change that (section 3) need a roster
 * that can be changed, which is not here yet: a request to subscribe to a contact is granted at once, as
 * it holds already (section 3.1.3); the other types change nothing and are dropped.
 */
import type { Element } from '../../element.js';
import { xml } from '../../builder.js';
import { NS } from '../../namespaces.js';
import { presenceType } from '../../protocol/stanza-check.js';
import { decide } from '../delivery.js';
import type { Inbound, ServerModule } from '../module.js';
import type { Server } from '../create-server.js';
import type { Session } from '../sessions.js';

export function presence(): ServerModule {
  return {
    name: 'presence',
    stanza(inbound): boolean {
      if (inbound.kind !== 'presence') return false;
      if (inbound.to) route(inbound);
      else broadcast(inbound);
      return true;
    },
    ended(session, server): void {
      leave(session, offline(session.jid), server);
    },
  };
}

/** Presence without `to`: to everybody who may see it (sections 4.2 to 4.5). */
function broadcast({ stanza, sender, server }: Inbound): void {
  const type = presenceType(stanza);
  if (type === 'unavailable') return leave(sender, stanza, server);
  if (type !== 'available') return server.refuse(stanza, 'bad-request', sender);
  const isInitial = !sender.isAvailable;
  sender.become(stanza);
  announce(stanza, sender, server);
  if (!isInitial) return;
  for (const account of [...server.contactsOf(sender.account), sender.account]) {
    for (const session of server.sessions.of(account)) {
      if (session !== sender) sendPresenceOf(session, sender, server);
    }
  }
}

/** The resource goes offline, by its own word or by the loss of its stream. */
function leave(session: Session, unavailable: Element, server: Server): void {
  if (session.isAvailable) {
    announce(unavailable, session, server);
    session.become(undefined);
  }
  for (const address of session.directed) {
    for (const target of server.sessions.of(bareOf(address))) {
      if (address === target.jid || (address === target.account && target.isAvailable)) {
        server.send(unavailable.withAttrs({ to: address }), target);
      }
    }
  }
  session.directed.clear();
}

/** To the available resources of each contact and of the account itself, the sender's included. */
function announce(stanza: Element, sender: Session, server: Server): void {
  const own = available(sender.account, server);
  for (const target of own) server.send(stanza.withAttrs({ to: target.jid }), target);
  const told = [...own];
  for (const account of server.contactsOf(sender.account)) {
    const targets = available(account, server);
    told.push(...targets);
    sender.directed.delete(account);
    if (targets.length > 0) server.send(stanza.withAttrs({ to: account }), ...targets);
  }
  // They know it now, and need not be told a second time at the end.
  for (const target of told) sender.directed.delete(target.jid);
}

/** Presence with `to`: directed, a probe, or about subscriptions. */
function route({ stanza, sender, to, realm, server }: Inbound): void {
  const type = presenceType(stanza);
  if (!to || realm !== 'account') return;
  const account = to.bare.toString();
  const { cell, targets } = decide('presence', type, {
    exists: server.hasAccount(to),
    sessions: [...server.sessions.of(account)],
    resource: to.resource,
  });
  if (type === 'available') sender.directed.add(to.toString());
  if (type === 'unavailable') sender.directed.delete(to.toString());
  if (cell === 'U') return server.send(reply('unsubscribed', stanza, account), sender);
  if (cell === 'H') return probe(stanza, sender, account, to.resource, server);
  if (cell === 'P') return subscription(stanza, sender, account, server);
  server.send(stanza, ...targets);
}

/** What a probe is told (section 4.3.2). */
function probe(
  stanza: Element,
  sender: Session,
  account: string,
  resource: string,
  server: Server,
): void {
  if (!isContact(sender.account, account, server)) {
    return server.send(reply('unsubscribed', stanza, account), sender);
  }
  const present = available(account, server);
  if (resource !== '') {
    const isThere = present.some((session) => session.resource === resource);
    return server.send(
      reply(isThere ? undefined : 'unavailable', stanza, `${account}/${resource}`),
      sender,
    );
  }
  if (present.length === 0) return server.send(reply('unavailable', stanza, account), sender);
  for (const session of present) sendPresenceOf(session, sender, server);
}

function subscription(stanza: Element, sender: Session, account: string, server: Server): void {
  if (presenceType(stanza) !== 'subscribe' || !isContact(sender.account, account, server)) return;
  server.send(reply('subscribed', stanza, account).withAttrs({ to: sender.account }), sender);
}

function isContact(account: string, other: string, server: Server): boolean {
  return account === other || server.contactsOf(account).includes(other);
}

const available = (account: string, server: Server): Session[] =>
  [...server.sessions.of(account)].filter((session) => session.isAvailable);

function sendPresenceOf(session: Session, target: Session, server: Server): void {
  if (session.presence) server.send(session.presence.withAttrs({ to: target.jid }), target);
}

const offline = (jid: string): Element =>
  xml('presence', { xmlns: NS.client, from: jid, type: 'unavailable' });

function reply(type: string | undefined, stanza: Element, from: string): Element {
  return xml('presence', {
    xmlns: NS.client,
    type,
    from,
    to: stanza.attr('from'),
    id: stanza.attr('id'),
  });
}

/** Of an address in canonical form: what stands before the resource. */
function bareOf(address: string): string {
  const index = address.indexOf('/');
  return index < 0 ? address : address.slice(0, index);
}
