/*
 * The roster of an account, its subscriptions and its presence (RFC 6121, sections 2 to 4), for this account's side
 * alone: what the other side makes of it is decided in the other object, and reaches it by `post`.
 *
 * The machine of subscriptions and the roster are those of tercet's server; here is who is told what.
 */
import { parse, xml } from 'tercet';
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
  transition,
} from 'tercet/server';
import type { Contact, Rosters, SubscriptionDirection, SubscriptionEvent } from 'tercet/server';
import { bareOf } from './env.js';
import type { OwnPresence } from './env.js';
import type { Resource, Resources } from './resources.js';

/** What is used of the account's object. */
interface Side {
  readonly account: string;
  readonly rosters: Rosters;
  readonly resources: Resources;
  changed(resource: Resource): void;
  tell(resource: Resource, stanza: Element): void;
  post(to: string, bytes: Uint8Array): void;
  lastPresence(): number | undefined;
  noteLastPresence(): void;
}

const ns = { client: 'jabber:client', roster: 'jabber:iq:roster', delay: 'urn:xmpp:delay' };
const maxContacts = 2000;
const maxDirected = 1000;
const encoder = new TextEncoder();

/** A stanza of clients in the namespace of servers. */
export const toServer = (stanza: Element): Uint8Array =>
  encoder.encode(
    stanza.toString().replace(/ xmlns=(["'])jabber:client\1/, " xmlns='jabber:server'"),
  );

const makePresence = (
  attrs: Readonly<Record<string, string | undefined>>,
  ...children: Element[]
): Element => xml('presence', { xmlns: ns.client, ...attrs }, ...children);

const events: readonly string[] = ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'];

export class Contacts {
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
  }

  // What a resource of the account sends.

  /** Presence of any kind. Whether the resource can be given what has waited for it. */
  sent({ to, type, priority, bytes }: OwnPresence, resource: Resource): boolean {
    if (to !== undefined) {
      if (events.includes(type)) this.#asked(to, type as SubscriptionEvent, bytes);
      else this.#directed(to, type, bytes, resource);
      return false;
    }
    const stanza = parse(bytes);
    if (type === 'unavailable') {
      this.#leave(resource, stanza);
      return false;
    }
    const isInitial = resource.presence === undefined;
    const wasReachable = !isInitial && resource.priority >= 0;
    resource.presence = stanza.toString();
    resource.priority = priority;
    this.#side.changed(resource);
    this.#announce(stanza, resource);
    if (isInitial) this.#greet(resource);
    return priority >= 0 && !wasReachable;
  }

  /** The stream of a resource is over. */
  left(resource: Resource): void {
    this.#leave(resource, makePresence({ from: resource.jid, type: 'unavailable' }));
  }

  #leave(resource: Resource, unavailable: Element): void {
    const { account, rosters } = this.#side;
    if (resource.presence !== undefined) {
      this.#announce(unavailable, resource);
      this.#side.noteLastPresence();
    }
    for (const address of resource.directed) {
      // Whoever is subscribed has been told by the broadcast.
      if (!rosters.isSubscriber(account, bareOf(address))) this.#post(address, unavailable);
    }
    resource.presence = undefined;
    resource.priority = 0;
    resource.directed.clear();
    this.#side.changed(resource);
  }

  /** To the account's own available resources, the sender's included, and to all who may see it (section 4.2.2). */
  #announce(stanza: Element, resource: Resource): void {
    const { account, rosters, resources } = this.#side;
    for (const target of resources.available) {
      // One that goes because its stream is gone has nobody to tell.
      const isSelf = target === resource && stanza.attr('type') === 'unavailable';
      if (!isSelf) this.#side.tell(target, stanza.withAttrs({ to: target.jid }));
    }
    for (const { jid, state } of rosters.contacts(account)) {
      if (isFrom(state)) this.#post(jid, stanza);
    }
  }

  /** What a resource that has come learns: who else is there, and who waits for an answer (sections 3.1.3, 4.3). */
  #greet(resource: Resource): void {
    const { account, rosters, resources } = this.#side;
    for (const other of resources.available) {
      if (other === resource || other.presence === undefined) continue;
      this.#side.tell(resource, parse(other.presence).withAttrs({ to: resource.jid }));
    }
    for (const { jid, state, request } of rosters.contacts(account)) {
      if (isTo(state)) this.#post(jid, makePresence({ type: 'probe', from: resource.jid }));
      if (request !== undefined) this.#side.tell(resource, parse(request));
    }
  }

  #directed(to: string, type: string, bytes: Uint8Array, resource: Resource): void {
    if (type === 'unavailable') resource.directed.delete(to);
    else if (type === 'available') {
      resource.directed.add(to);
      for (const oldest of resource.directed) {
        if (resource.directed.size <= maxDirected) break;
        resource.directed.delete(oldest);
      }
    }
    this.#side.changed(resource);
    this.#side.post(to, bytes);
  }

  /** Somebody has gone who need not be told that this resource goes (section 4.6.3). */
  gone(resource: Resource, from: string): void {
    if (resource.directed.delete(from)) this.#side.changed(resource);
  }

  // Presence of others.

  /** A probe (section 4.3.2). */
  probed(stanza: Element, mayAsk: boolean): void {
    const { account, rosters, resources } = this.#side;
    const from = stanza.attr('from') ?? '';
    const to = stanza.attr('to') ?? account;
    const id = stanza.attr('id');
    const resource = resources.find(to);
    const isShown =
      resource !== undefined &&
      (resource.directed.has(from) || resource.directed.has(bareOf(from)));
    if (!isShown && !(mayAsk && rosters.isSubscriber(account, bareOf(from)))) {
      return this.#post(from, makePresence({ type: 'unsubscribed', from: account, id }));
    }
    if (to !== account) {
      const type = resource?.presence === undefined && !isShown ? 'unavailable' : undefined;
      return this.#post(from, makePresence({ type, from: to, id }));
    }
    const { available } = resources;
    for (const { presence } of available) {
      if (presence !== undefined) this.#post(from, parse(presence));
    }
    if (available.length > 0) return;
    const last = this.#side.lastPresence();
    const stamps =
      last === undefined
        ? []
        : [xml('delay', { xmlns: ns.delay, from: account, stamp: new Date(last).toISOString() })];
    this.#post(from, makePresence({ type: 'unavailable', from: account, id }, ...stamps));
  }

  // Subscriptions (section 3).

  /** The account asks, grants, takes back or refuses; `bytes` have bare addresses. */
  #asked(to: string, event: SubscriptionEvent, bytes: Uint8Array): void {
    const { account, rosters } = this.#side;
    const jid = bareOf(to);
    // Everybody sees their own presence anyway.
    if (jid === account) return;
    const before = rosters.contact(account, jid);
    const { state, isApproved, effects } = transition(
      'out',
      event,
      before.state,
      before.isApproved,
    );
    const isKept = state !== before.state || isApproved !== before.isApproved;
    const isNew = rosters.find(account, jid) === undefined;
    if (isNew && isKept && rosters.count(account) >= maxContacts) return;
    const after = settle(before, { ...before, state, isApproved }, 'out', event);
    const contact = isKept ? rosters.set(account, after) : before;
    for (const effect of effects) {
      if (effect === 'forward') this.#side.post(jid, bytes);
      else this.#carryOut(effect, contact);
    }
  }

  /** The contact asks, grants, takes back or refuses. */
  arrived(stanza: Element): void {
    const { account, rosters, resources } = this.#side;
    const event = stanza.attr('type') as SubscriptionEvent;
    const jid = bareOf(stanza.attr('from') ?? '');
    const before = rosters.contact(account, jid);
    const { state, isApproved, effects } = transition('in', event, before.state, before.isApproved);
    const isAsking = isPendingIn(state) && !isPendingIn(before.state);
    if (isAsking && rosters.count(account) >= maxContacts) return;
    const request = isAsking ? stanza.toString() : before.request;
    const after = settle(before, { ...before, state, isApproved, request }, 'in', event);
    const isKept = state !== before.state || isApproved !== before.isApproved;
    const contact = isKept ? rosters.set(account, after) : before;
    for (const effect of effects) {
      if (effect !== 'forward') {
        this.#carryOut(effect, contact);
        continue;
      }
      // Requests go to whoever is available, the rest to whoever is interested (sections 3.1.3 to 3.3.3).
      const targets =
        event === 'subscribe'
          ? resources.available
          : [...resources].filter(({ isInterested }) => isInterested);
      for (const target of targets) this.#side.tell(target, stanza);
    }
  }

  #carryOut(
    effect: 'reply-subscribed' | 'reply-unsubscribed' | 'push' | 'presence' | 'unavailable',
    contact: Contact,
  ): void {
    const { account, resources } = this.#side;
    const { jid } = contact;
    switch (effect) {
      case 'reply-subscribed':
        return this.#post(jid, makePresence({ type: 'subscribed', from: account }));
      case 'reply-unsubscribed':
        return this.#post(jid, makePresence({ type: 'unsubscribed', from: account }));
      case 'push':
        if (contact.isListed) this.#push(rosterItem(contact));
        return;
      case 'presence':
        for (const { presence } of resources.available) {
          if (presence !== undefined) this.#post(jid, parse(presence));
        }
        return;
      case 'unavailable':
        for (const resource of resources.available) this.#hide(resource, jid);
    }
  }

  #hide(resource: Resource, contact: string): void {
    this.#post(contact, makePresence({ type: 'unavailable', from: resource.jid }));
    for (const address of resource.directed) {
      if (bareOf(address) === contact) resource.directed.delete(address);
    }
    this.#side.changed(resource);
  }

  // The roster (section 2).

  /** The answer to a roster request of the account's own resource; undefined for other requests. */
  rosterRequest(stanza: Element, resource: Resource): Element | undefined {
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
      this.#push(removedItem(jid));
    } else {
      if (!contact.isListed && rosters.count(account) >= maxContacts) {
        return errorReply(stanza, 'resource-constraint');
      }
      const { name, groups } = wanted;
      this.#push(rosterItem(rosters.set(account, { ...contact, name, groups, isListed: true })));
    }
    return resultReply(stanza);
  }

  /** Ends the subscriptions with a contact both ways, and the requests for them (section 2.5.2). */
  #part({ jid, state }: Contact): void {
    const { account, resources } = this.#side;
    const tell = (type: string): void => this.#post(jid, makePresence({ type, from: account }));
    if (isFrom(state)) for (const resource of resources.available) this.#hide(resource, jid);
    if (isTo(state) || isPendingOut(state)) tell('unsubscribe');
    if (isFrom(state) || isPendingIn(state)) tell('unsubscribed');
  }

  #push(item: Element): void {
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

/** What follows from a state: whether it is an item, and whether a request still waits. */
function settle(
  before: Contact,
  after: Contact,
  direction: SubscriptionDirection,
  event: SubscriptionEvent,
): Contact {
  const isListed =
    before.isListed ||
    after.isApproved ||
    (direction === 'out' && event !== 'unsubscribed' && after.state !== before.state);
  return { ...after, isListed, request: isPendingIn(after.state) ? after.request : undefined };
}
