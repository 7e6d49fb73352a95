/*
 * The roster (RFC 6121, section 2): asked for, changed, pushed to every resource that has asked for it, with
 * versions (section 2.6). What it is built of stands in roster-items.ts and rosters.ts.
 *
 * A client changes names and groups, and removes; subscriptions change by presence alone. Removing ends
 * them both ways (section 2.5.2), takes back a request of ours and refuses one of theirs.
 */
import { xml } from '../../builder.js';
import type { Element } from '../../element.js';
import { NS } from '../../namespaces.js';
import type { Request, RequestReply, ServerModule } from '../module.js';
import { part } from '../presences.js';
import { push, readRosterSet, removedItem, rosterItem, sendPush } from '../roster-items.js';

export interface RosterOptions {
  /** Contacts of one account (2,000). */
  readonly maxContacts?: number;
}

export function roster({ maxContacts = 2000 }: RosterOptions = {}): ServerModule {
  return {
    name: 'roster',
    skipsPlainMessages: true,
    features: [NS.roster],
    streamFeatures: [xml('ver', { xmlns: NS.rosterVersioning })],
    requests: [
      {
        name: 'query',
        ns: NS.roster,
        at: ['own-account'],
        get,
        set: (query, request) => set(query, request, maxContacts),
      },
    ],
    stanza({ kind, stanza, sender, to, realm, server }): boolean {
      // A roster is its owner's (section 2.1.5); whether there is an account changes nothing.
      if (kind !== 'iq' || realm !== 'account' || to?.resource !== '') return false;
      if (!stanza.child('query', NS.roster) || to.toString() === sender.account) return false;
      const type = stanza.attr('type');
      if (type !== 'get' && type !== 'set') return false;
      server.refuse(stanza, 'forbidden', sender);
      return true;
    },
  };
}

function get(query: Element, { sender, server }: Request): RequestReply {
  const { account } = sender;
  const { rosters } = server;
  sender.isInterested = true;
  const known = query.attr('ver');
  const changes = known === undefined ? undefined : rosters.changesSince(account, known);
  const listed = [...rosters.contacts(account)].filter(({ isListed }) => isListed);
  // Where more has changed than there is, the whole is shorter.
  if (!changes || changes.length > listed.length) {
    const version = rosters.version(account);
    return xml('query', { xmlns: NS.roster, ver: version }, ...listed.map(rosterItem));
  }
  const after = (): void => {
    for (const change of changes) {
      const item = change.type === 'item' ? rosterItem(change.contact) : removedItem(change.jid);
      sendPush(item, change.version, sender, server);
    }
  };
  return { after };
}

function set(query: Element, request: Request, maxContacts: number): RequestReply {
  const { sender, server } = request;
  const { account } = sender;
  const wanted = readRosterSet(query, account);
  switch (wanted.type) {
    case 'refused':
      return { error: wanted.condition };
    case 'remove':
      return remove(wanted.jid, request);
    case 'update': {
      const { jid, name, groups } = wanted;
      const isNew = server.rosters.find(account, jid) === undefined;
      if (isNew && server.rosters.count(account) >= maxContacts) {
        return { error: 'resource-constraint' };
      }
      const contact = server.rosters.contact(account, jid);
      const kept = server.rosters.set(account, { ...contact, name, groups, isListed: true });
      push(rosterItem(kept), account, server);
      return undefined;
    }
  }
}

function remove(jid: string, { sender, server }: Request): RequestReply {
  const { account } = sender;
  const contact = server.rosters.find(account, jid);
  if (!contact?.isListed) return { error: 'item-not-found' };
  part(contact, account, server);
  server.rosters.remove(account, jid);
  push(removedItem(jid), account, server);
  return undefined;
}
