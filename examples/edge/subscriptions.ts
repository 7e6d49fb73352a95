/*
 * Subscriptions of an account to others, and of others to it (RFC 6121, section 3), for this account's side alone. The
 * machine is that of tercet's server; here is who is told what.
 */
import type { Element } from 'tercet';
import { isPendingIn, rosterItem, transition } from 'tercet/server';
import type { Contact, SubscriptionDirection, SubscriptionEvent } from 'tercet/server';
import { bareOf } from './env.js';
import type { Presences } from './presences.js';
import type { Roster } from './roster.js';
import { maxContacts } from './roster.js';
import type { Side } from './side.js';
import { makePresence, toServer } from './stanzas.js';

const events: readonly string[] = ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'];

/** Whether presence of this type is about a subscription. */
export const isEvent = (type: string): type is SubscriptionEvent => events.includes(type);

export class Subscriptions {
  readonly #side: Side;
  readonly #presences: Presences;
  readonly #roster: Roster;

  constructor(side: Side, presences: Presences, roster: Roster) {
    this.#side = side;
    this.#presences = presences;
    this.#roster = roster;
  }

  /** The account asks, grants, takes back or refuses; `bytes` have bare addresses. */
  asked(to: string, event: SubscriptionEvent, bytes: Uint8Array): void {
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
    const { account } = this.#side;
    const { jid } = contact;
    switch (effect) {
      case 'reply-subscribed':
        return this.#post(jid, makePresence({ type: 'subscribed', from: account }));
      case 'reply-unsubscribed':
        return this.#post(jid, makePresence({ type: 'unsubscribed', from: account }));
      case 'push':
        if (contact.isListed) this.#roster.push(rosterItem(contact));
        return;
      case 'presence':
        return this.#presences.show(jid);
      case 'unavailable':
        return this.#presences.hide(jid);
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
