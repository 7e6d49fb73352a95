/*
 * The presence of an account: who is told that a resource comes, changes or goes, and what a probe is answered
 * (RFC 6121, section 4), for this account's side alone.
 */
import { parse, xml } from 'tercet';
import type { Element } from 'tercet';
import { isFrom, isPendingIn, isTo } from 'tercet/server';
import { bareOf } from './env.js';
import type { OwnPresence } from './env.js';
import type { Resource } from './resources.js';
import type { Side } from './side.js';
import { makePresence, ns, toServer } from './stanzas.js';

/** Addresses that one resource may have sent presence directly. */
const maxDirected = 1000;

export class Presences {
  readonly #side: Side;

  constructor(side: Side) {
    this.#side = side;
  }

  // What a resource of the account sends.

  /** Presence that is no subscription. Whether the resource can be given what has waited for it. */
  sent({ to, type, priority, bytes }: OwnPresence, resource: Resource): boolean {
    if (to !== undefined) {
      this.#directed(to, type, bytes, resource);
      return false;
    }
    const stanza = parse(bytes);
    if (type === 'unavailable') {
      // The resource itself hears of it too (section 4.5.2).
      if (resource.presence !== undefined) this.#tell(resource, stanza);
      this.#leave(resource, stanza);
      return false;
    }
    const isInitial = resource.presence === undefined;
    const wasReachable = !isInitial && resource.priority >= 0;
    resource.presence = stanza.toString();
    resource.priority = priority;
    this.#side.changed(resource);
    this.#tell(resource, stanza);
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

  /** To the account's other available resources, and to all who may see it (section 4.2.2). */
  #announce(stanza: Element, resource: Resource): void {
    const { account, rosters, resources } = this.#side;
    for (const target of resources.available) {
      if (target !== resource) this.#tell(target, stanza);
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
      this.#tell(resource, parse(other.presence));
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

  // What others learn.

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
      // Whoever has asked for a subscription waits for its answer: this would be one.
      if (isPendingIn(rosters.contact(account, bareOf(from)).state)) return;
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

  /** A contact may see them from now on (section 3.1.6). */
  show(contact: string): void {
    for (const { presence } of this.#side.resources.available) {
      if (presence !== undefined) this.#post(contact, parse(presence));
    }
  }

  /** A contact may not see them any more (section 3.2.2). */
  hide(contact: string): void {
    for (const resource of this.#side.resources.available) {
      this.#post(contact, makePresence({ type: 'unavailable', from: resource.jid }));
      for (const address of resource.directed) {
        if (bareOf(address) === contact) resource.directed.delete(address);
      }
      this.#side.changed(resource);
    }
  }

  #tell(resource: Resource, presence: Element): void {
    this.#side.tell(resource, presence.withAttrs({ to: resource.jid }));
  }

  #post(to: string, stanza: Element): void {
    this.#side.post(to, toServer(stanza.withAttrs({ to })));
  }
}
