/*
 * Subscriptions (RFC 6121, section 3): what the machine of subscription.ts decides is carried out here, for
 * the account that sends and for the account that receives, each against its own roster.
 *
 * A request that nobody has answered is kept, one for each sender, and shown to each resource that comes
 * (section 3.1.3). Addresses are bare before anything else.
 */
import { xml } from '../../builder.js';
import type { Element } from '../../element.js';
import { NS } from '../../namespaces.js';
import { parse } from '../../parse.js';
import { bareOf } from '../addresses.js';
import type { Arrival, Inbound, ModuleHost, ServerModule } from '../module.js';
import { hideFrom, makePresence, showTo } from '../presences.js';
import { push, rosterItem } from '../roster-items.js';
import type { Contact } from '../rosters.js';
import type { Session } from '../sessions.js';
import { isPendingIn, transition } from '../subscription.js';
import type { SubscriptionDirection, SubscriptionEvent } from '../subscription.js';

export interface SubscriptionsOptions {
  /** Contacts of one account, strangers who wait for an answer included (2,000). */
  readonly maxContacts?: number;
  /** Strangers who wait for an answer of one account (200); the requests of others are dropped. */
  readonly maxPending?: number;
  /** A longer request (4,096 bytes) is kept without its content. */
  readonly maxRequestBytes?: number;
}

export function subscriptions(options: SubscriptionsOptions = {}): ServerModule {
  const limits = { maxContacts: 2000, maxPending: 200, maxRequestBytes: 4096, ...options };
  return {
    name: 'subscriptions',
    skipsPlainMessages: true,
    streamFeatures: [xml('sub', { xmlns: NS.preApproval })],
    stanza: (inbound) => leaves(inbound, limits),
    arrival: (arrival) => arrives(arrival, limits),
    available: showRequests,
  };
}

const events: ReadonlySet<string | undefined> = new Set<SubscriptionEvent>([
  'subscribe',
  'unsubscribe',
  'subscribed',
  'unsubscribed',
]);

const eventOf = (stanza: Element): SubscriptionEvent | undefined => {
  const type = stanza.attr('type');
  return stanza.name === 'presence' && events.has(type) ? (type as SubscriptionEvent) : undefined;
};

type Limits = Required<SubscriptionsOptions>;

/** The account asks, grants, takes back or refuses. */
function leaves({ stanza, sender, to, realm, server }: Inbound, limits: Limits): boolean {
  const event = eventOf(stanza);
  if (!event || !to || realm !== 'account') return false;
  const { account } = sender;
  const jid = to.bare.toString();
  // Everybody sees their own presence anyway.
  if (jid === account) return true;
  const before = server.rosters.contact(account, jid);
  const { state, isApproved, effects } = transition('out', event, before.state, before.isApproved);
  const isNew = server.rosters.find(account, jid) === undefined;
  const isKept = state !== before.state || isApproved !== before.isApproved;
  if (isNew && isKept && server.rosters.count(account) >= limits.maxContacts) {
    server.refuse(stanza, 'resource-constraint', sender);
    return true;
  }
  const after = settle(before, { ...before, state, isApproved }, 'out', event);
  const contact = isKept ? server.rosters.set(account, after) : before;
  for (const effect of effects) {
    if (effect === 'forward') server.pass(stanza.withAttrs({ from: account, to: jid }), sender);
    else carryOut(effect, contact, account, server);
  }
  return true;
}

/** The contact asks, grants, takes back or refuses. */
function arrives({ stanza, from, account, server }: Arrival, limits: Limits): boolean {
  const event = eventOf(stanza);
  if (!event) return false;
  const jid = bareOf(from);
  const before = server.rosters.contact(account, jid);
  const { state, isApproved, effects } = transition('in', event, before.state, before.isApproved);
  const arrived = stanza.withAttrs({ from: jid, to: account });
  let after: Omit<Contact, 'change'> = { ...before, state, isApproved };
  if (isPendingIn(state) && !isPendingIn(before.state)) {
    if (!before.isListed && pendingCount(account, server) >= limits.maxPending) return true;
    const text = arrived.toString();
    const request = text.length <= limits.maxRequestBytes ? text : bare(arrived).toString();
    after = { ...after, request };
  }
  after = settle(before, after, 'in', event);
  const isKept = state !== before.state || isApproved !== before.isApproved;
  const contact = isKept ? server.rosters.set(account, after) : before;
  for (const effect of effects) {
    if (effect === 'forward') deliver(arrived, event, account, server);
    else carryOut(effect, contact, account, server);
  }
  return true;
}

/** What follows from a state: whether it is an item, and whether a request still waits. */
function settle(
  before: Contact,
  after: Omit<Contact, 'change'>,
  direction: SubscriptionDirection,
  event: SubscriptionEvent,
): Omit<Contact, 'change'> {
  // What the account does is in its roster, but a refusal is not; what a stranger does is not either.
  const isListed =
    before.isListed ||
    after.isApproved ||
    (direction === 'out' && event !== 'unsubscribed' && after.state !== before.state);
  return { ...after, isListed, request: isPendingIn(after.state) ? after.request : undefined };
}

/** Requests go to whoever is available, the rest to whoever is interested (sections 3.1.3 to 3.3.3). */
function deliver(
  stanza: Element,
  event: SubscriptionEvent,
  account: string,
  server: ModuleHost,
): void {
  const targets =
    event === 'subscribe'
      ? server.sessions.available(account)
      : [...server.sessions.of(account)].filter(({ isInterested }) => isInterested);
  server.send(stanza, ...targets);
}

function carryOut(
  effect: 'reply-subscribed' | 'reply-unsubscribed' | 'push' | 'presence' | 'unavailable',
  contact: Contact,
  account: string,
  server: ModuleHost,
): void {
  const { jid } = contact;
  switch (effect) {
    case 'reply-subscribed':
      return server.pass(makePresence({ type: 'subscribed', from: account, to: jid }));
    case 'reply-unsubscribed':
      return server.pass(makePresence({ type: 'unsubscribed', from: account, to: jid }));
    case 'push':
      if (contact.isListed) push(rosterItem(contact), account, server);
      return;
    case 'presence':
      return showTo(jid, account, server);
    case 'unavailable':
      return hideFrom(jid, account, server);
  }
}

/** Whoever becomes available is asked what nobody has answered yet. */
function showRequests(session: Session, isInitial: boolean, server: ModuleHost): void {
  if (!isInitial) return;
  for (const { request } of server.rosters.contacts(session.account)) {
    if (request !== undefined) server.send(parse(request), session);
  }
}

const pendingCount = (account: string, server: ModuleHost): number =>
  [...server.rosters.contacts(account)].filter(
    ({ isListed, state }) => !isListed && isPendingIn(state),
  ).length;

const bare = (stanza: Element): Element =>
  makePresence({
    type: stanza.attr('type'),
    from: stanza.attr('from'),
    to: stanza.attr('to'),
    id: stanza.attr('id'),
  });
