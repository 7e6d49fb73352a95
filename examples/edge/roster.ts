/*
 * The roster of an account as its resources ask for it, change it and are told of changes (RFC 6121, section 2).
 */
import { xml } from 'tercet';
import type { Element } from 'tercet';
import { errorReply, resultReply } from 'tercet/protocol';
import {
  isFrom,
  isPendingIn,
  isPendingOut,
  isTo,
  readRosterSet,
  removedItem,
  rosterItem,
} from 'tercet/server';
import type { Contact } from 'tercet/server';
import type { Presences } from './presences.js';
import type { Resource } from './resources.js';
import type { Side } from './side.js';
import { makePresence, ns, toServer } from './stanzas.js';

export const maxContacts = 2000;

export class Roster {
  readonly #side: Side;
  readonly #presences: Presences;

  constructor(side: Side, presences: Presences) {
    this.#side = side;
    this.#presences = presences;
  }

  /** The answer to a roster request of the account's own resource; undefined for other requests. */
  answer(stanza: Element, resource: Resource): Element | undefined {
    const query = stanza.child('query', ns.roster);
    if (!query) return undefined;
    if (stanza.attr('type') === 'set') return this.#set(stanza, query);
    const { account, rosters } = this.#side;
    resource.isInterested = true;
    this.#side.changed(resource);
    const ver = rosters.version(account);
    if (query.attr('ver') === ver) return resultReply(stanza);
    const items = [...rosters.contacts(account)].filter(({ isListed }) => isListed).map(rosterItem);
    return resultReply(stanza, xml('query', { xmlns: ns.roster, ver }, ...items));
  }

  #set(stanza: Element, query: Element): Element | undefined {
    const { account, rosters } = this.#side;
    const wanted = readRosterSet(query, account);
    if (wanted.type === 'refused') return errorReply(stanza, wanted.condition);
    const { jid } = wanted;
    const contact = rosters.contact(account, jid);
    if (wanted.type === 'remove') {
      if (!contact.isListed) return errorReply(stanza, 'item-not-found');
      this.#part(contact);
      rosters.remove(account, jid);
      this.push(removedItem(jid));
    } else {
      if (!contact.isListed && rosters.count(account) >= maxContacts) {
        return errorReply(stanza, 'resource-constraint');
      }
      const { name, groups } = wanted;
      this.push(rosterItem(rosters.set(account, { ...contact, name, groups, isListed: true })));
    }
    return resultReply(stanza);
  }

  /** Ends the subscriptions with a contact both ways, and the requests for them (section 2.5.2). */
  #part({ jid, state }: Contact): void {
    const { account } = this.#side;
    const tell = (type: string): void => this.#post(jid, makePresence({ type, from: account }));
    if (isFrom(state)) this.#presences.hide(jid);
    if (isTo(state) || isPendingOut(state)) tell('unsubscribe');
    if (isFrom(state) || isPendingIn(state)) tell('unsubscribed');
  }

  /** Tells the resources that asked for the roster of a change (section 2.1.6). */
  push(item: Element): void {
    const { account, rosters, resources } = this.#side;
    const query = xml('query', { xmlns: ns.roster, ver: rosters.version(account) }, item);
    for (const resource of resources) {
      if (!resource.isInterested) continue;
      const attrs = { xmlns: ns.client, type: 'set', id: crypto.randomUUID(), to: resource.jid };
      this.#side.tell(resource, xml('iq', attrs, query));
    }
  }

  #post(to: string, stanza: Element): void {
    this.#side.post(to, toServer(stanza.withAttrs({ to })));
  }
}
