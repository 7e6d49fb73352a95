/*
 * Presence on its way (RFC 6121, section 4): what modules share that show an account to others or hide it.
 * Stanzas to contacts go by `pass`, so blocking and the routing table hold for them as for any other.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';
import { bareOf } from './addresses.js';
import type { ModuleHost } from './module.js';
import type { Contact } from './rosters.js';
import type { Session } from './sessions.js';
import { isFrom, isPendingIn, isPendingOut, isTo } from './subscription.js';

/** A presence of its own making; without `type` it is available. */
export const makePresence = (
  attrs: Readonly<Record<string, string | undefined>>,
  ...children: Element[]
): Element => xml('presence', { xmlns: NS.client, ...attrs }, ...children);

/** To the account's own available resources, the sender's included, and to all who see its presence. */
export function announce(stanza: Element, session: Session, server: ModuleHost): void {
  const { account } = session;
  for (const target of server.sessions.available(account)) {
    server.send(stanza.withAttrs({ to: target.jid }), target);
  }
  for (const { jid, state } of server.rosters.contacts(account)) {
    if (isFrom(state) && !server.isBlocked(account, jid)) {
      server.pass(stanza.withAttrs({ to: jid }));
    }
  }
}

/** The account's resources as they are now, to somebody who may see them from now on. */
export function showTo(contact: string, account: string, server: ModuleHost): void {
  if (server.isBlocked(account, contact)) return;
  for (const { presence } of server.sessions.available(account)) {
    if (presence) server.pass(presence.withAttrs({ to: contact }));
  }
}

/** `unavailable` of each resource, to somebody who may not see them any longer. */
export function hideFrom(contact: string, account: string, server: ModuleHost): void {
  for (const session of server.sessions.available(account)) {
    server.pass(makePresence({ type: 'unavailable', from: session.jid, to: contact }));
    forgetDirected(session, contact);
  }
}

/** Ends the subscriptions with a contact both ways, and the requests for them. */
export function part(contact: Contact, account: string, server: ModuleHost): void {
  const { jid, state } = contact;
  const tell = (type: string): void => server.pass(makePresence({ type, from: account, to: jid }));
  if (isFrom(state)) hideFrom(jid, account, server);
  if (isTo(state) || isPendingOut(state)) tell('unsubscribe');
  if (isFrom(state) || isPendingIn(state)) tell('unsubscribed');
}

/** What a resource that has come learns: the account's other resources, and those of its contacts. */
export function showContacts(session: Session, server: ModuleHost): void {
  const { account } = session;
  for (const { jid, state } of server.rosters.contacts(account)) {
    // Their own side decides: it is what holds if the two rosters differ.
    if (isTo(state) && server.rosters.isSubscriber(jid, account)) showOthers(jid, session, server);
  }
  showOthers(account, session, server);
}

function showOthers(account: string, session: Session, server: ModuleHost): void {
  if (server.isBlocked(session.account, account) || server.isBlocked(account, session.account)) {
    return;
  }
  for (const other of server.sessions.available(account)) {
    if (other !== session && other.presence) {
      server.send(other.presence.withAttrs({ to: session.jid }), session);
    }
  }
}

/** Nobody of this account has directed presence of the session any longer. */
function forgetDirected(session: Session, account: string): void {
  for (const address of session.directed) {
    if (bareOf(address) === account) session.directed.delete(address);
  }
}
