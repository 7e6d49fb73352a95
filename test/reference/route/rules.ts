/*
 * Where a stanza goes, by RFC 6120, sections 8 and 10, and the table of RFC 6121, section 8.5, written down once more:
 * over elements, addresses as strings and plain maps, as slow as it likes. The router has to say the same.
 */
import type { Element } from 'tercet';
import { formatAddress, parseAddress } from '../jid/jid.js';
import { cellOf, type Cell, type Place, type State, type Table } from './table.js';

export interface ReferenceSeat {
  readonly jid: string;
  readonly name: string;
  isAvailable: boolean;
  priority: number;
  /** Where it has sent presence directly. */
  readonly directed: Set<string>;
}

export interface World {
  readonly table: Table;
  readonly domains: readonly string[];
  readonly isOutspoken: boolean;
  readonly seats: readonly ReferenceSeat[];
  exists(bare: string): boolean;
  knows(bare: string, fromBare: string): boolean;
}

/** Who sends: a seat, or another server by its domain. */
export interface Sender {
  readonly seat?: ReferenceSeat;
  readonly domain: string;
  readonly isStrict: boolean;
}

export interface Ruling {
  readonly type: 'deliver' | 'handle' | 'store' | 'forward' | 'bounce' | 'drop' | 'close';
  readonly subject?: string;
  readonly targets: readonly string[];
  readonly condition?: string;
  /** Canonical; '' for none that is right. */
  readonly to: string;
  readonly isBare: boolean;
  readonly holds: boolean;
  readonly priority: number;
}

const streamOf = { client: 'jabber:client', server: 'jabber:server' };
const kinds = ['message', 'presence', 'iq'];
const types: Record<string, readonly string[]> = {
  message: ['normal', 'chat', 'groupchat', 'headline', 'error'],
  presence: [
    'available',
    'unavailable',
    'subscribe',
    'subscribed',
    'unsubscribe',
    'unsubscribed',
    'probe',
    'error',
  ],
  iq: ['get', 'set', 'result', 'error'],
};
const subscriptions = ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'];

export const bareOf = (address: string): string => address.split('/')[0] ?? '';

/** Canonical, undefined for what is no address. */
function canonical(address: string | undefined): string | undefined {
  const parsed = address === undefined ? undefined : parseAddress(address);
  return parsed?.ok === true ? formatAddress(parsed) : undefined;
}

const domainOf = (address: string): string => {
  const bare = bareOf(address);
  return bare.slice(bare.indexOf('@') + 1);
};

export function contentOf({ seat }: Sender): string {
  return seat === undefined ? streamOf.server : streamOf.client;
}

/** The type of a stanza, as RFC 6121 names it; '' for one that there is not. */
export function typeOf(stanza: Element): string {
  const type = stanza.attr('type');
  if (stanza.name === 'message') {
    return type !== undefined && types.message.includes(type) ? type : 'normal';
  }
  if (type === undefined) return stanza.name === 'presence' ? 'available' : '';
  if (type === 'available') return '';
  return types[stanza.name].includes(type) ? type : '';
}

export function rule(world: World, sender: Sender, stanza: Element): Ruling {
  const content = contentOf(sender);
  const none = { targets: [], to: '', isBare: false, holds: false, priority: 0 };
  if (stanza.ns !== content || !kinds.includes(stanza.name)) {
    return { ...none, type: 'handle', subject: 'element', holds: true };
  }
  const type = typeOf(stanza);
  const to = canonical(stanza.attr('to'));
  const from = canonical(stanza.attr('from'));
  const close = (condition: string): Ruling => ({
    ...none,
    type: 'close',
    condition,
    to: to ?? '',
    holds: true,
  });
  if (sender.seat === undefined) {
    if (to === undefined || from === undefined) return close('improper-addressing');
    if (domainOf(from) !== sender.domain) return close('invalid-from');
  } else if (sender.isStrict && stanza.attr('from') !== undefined) {
    if (from !== sender.seat.jid && from !== bareOf(sender.seat.jid)) return close('invalid-from');
  }
  const { priority, fault } = readForm(stanza, type, content);
  const base = { ...none, to: to ?? '', priority };
  const isAnswered = type !== 'error' && type !== 'result';
  const bounce = (condition: string): Ruling =>
    isAnswered ? { ...base, type: 'bounce', condition } : { ...base, type: 'drop' };
  if (stanza.attr('to') !== undefined && to === undefined) return bounce('jid-malformed');
  if (fault) return bounce('bad-request');

  const own = sender.seat === undefined ? '' : bareOf(sender.seat.jid);
  if (to === undefined) {
    if (type === 'available' || type === 'unavailable') {
      return { ...base, type: 'handle', subject: 'broadcast', to: own, holds: true };
    }
    if (stanza.name === 'presence' && type !== 'error') return bounce('bad-request');
  }
  if (sender.seat !== undefined && to !== undefined && stanza.name === 'presence') {
    if (type === 'available') sender.seat.directed.add(to);
    if (type === 'unavailable') sender.seat.directed.delete(to);
  }
  const address = to ?? own;
  const isSubscription = stanza.name === 'presence' && subscriptions.includes(type);
  const holds = isSubscription && sender.seat !== undefined;
  const ruling = { ...base, to: address, isBare: isSubscription, holds };
  if (!world.domains.includes(domainOf(address))) {
    return sender.seat === undefined ? close('host-unknown') : { ...ruling, type: 'forward' };
  }
  if (!bareOf(address).includes('@')) {
    const isChange = stanza.name === 'iq' && type === 'set';
    return { ...ruling, type: 'handle', subject: 'host', holds: holds || isChange };
  }
  return ruleAccount(world, sender, stanza, type, ruling, from ?? '');
}

type Base = Omit<Ruling, 'type'>;

function ruleAccount(
  world: World,
  sender: Sender,
  stanza: Element,
  type: string,
  base: Base,
  serverFrom: string,
): Ruling {
  const bare = bareOf(base.to);
  const seats = world.seats.filter(({ jid }) => bareOf(jid) === bare);
  const matched = seats.find(({ jid }) => jid === base.to);
  const isFull = base.to !== bare;
  const state: State =
    seats.length === 0 ? (world.exists(bare) ? 'no resource' : 'no account') : stateOf(seats);
  const place: Place = isFull ? (matched === undefined ? 'miss' : 'match') : 'bare';
  // A bound resource may be the only one, without presence: the table has that column for all of them.
  const cell = cellOf(world.table, stanza.name, type, place, state);
  const from = sender.seat?.jid ?? serverFrom;
  const isOwn = sender.seat !== undefined && bareOf(from) === bare;
  const isDirected =
    matched !== undefined && (matched.directed.has(from) || matched.directed.has(bareOf(from)));
  const isKnown = (): boolean => isOwn || isDirected || world.knows(bare, bareOf(from));
  const isNobody = state === 'no account';
  const letter = letterOf(world, cell, { stanza, type, place, isNobody, isKnown });
  const present = seats.filter(({ isAvailable }) => isAvailable);
  const nonNegative = present.filter(({ priority }) => priority >= 0);
  const deliver = (list: readonly ReferenceSeat[]): Ruling => ({
    ...base,
    type: 'deliver',
    targets: list.map(({ name }) => name).sort(),
  });
  switch (letter) {
    case 'D':
      return deliver(matched === undefined ? nonNegative : [matched]);
    case 'A':
      return deliver(nonNegative);
    case 'M': {
      const highest = Math.max(...nonNegative.map(({ priority }) => priority));
      return deliver(nonNegative.filter(({ priority }) => priority === highest));
    }
    case 'V':
      return deliver(present);
    case 'O':
      return { ...base, type: isStorable(stanza) ? 'store' : 'drop' };
    case 'E':
      return { ...base, type: 'bounce', condition: 'service-unavailable' };
    case 'H':
      return {
        ...base,
        type: 'handle',
        subject: 'account',
        holds: base.holds || (isOwn && stanza.name === 'iq' && type === 'set'),
      };
    case 'P':
      return { ...base, type: 'handle', subject: 'subscription', holds: true };
    case 'U':
      return { ...base, type: 'handle', subject: 'unsubscribed' };
    default:
      return { ...base, type: 'drop' };
  }
}

function stateOf(seats: readonly ReferenceSeat[]): State {
  const present = seats.filter(({ isAvailable }) => isAvailable);
  const count = present.filter(({ priority }) => priority >= 0).length;
  if (count > 0) return count === 1 ? 'one' : 'several';
  return present.length > 0 ? 'negative' : 'connected';
}

interface Meeting {
  readonly stanza: Element;
  readonly type: string;
  readonly place: Place;
  readonly isNobody: boolean;
  isKnown(): boolean;
}

/** A host that prefers errors to silence stores nothing, and has one answer for all who may not know. */
function letterOf(world: World, { stranger, known }: Cell, meeting: Meeting): string {
  const { stanza, type, place, isNobody } = meeting;
  if (world.isOutspoken && stanza.name === 'message' && type !== 'error') {
    if (stranger === 'O' || stranger !== known) return 'E';
    const isSaid = type !== 'headline' || place !== 'bare';
    if (isNobody && isSaid && stranger === 'S') return 'E';
  }
  return stranger === known || !meeting.isKnown() ? stranger : known;
}

function isStorable(stanza: Element): boolean {
  return stanza
    .elements()
    .some(
      ({ name, ns }) =>
        (name === 'body' && ns === stanza.ns) || (name === 'store' && ns === 'urn:xmpp:hints'),
    );
}

/** RFC 6120, section 8.2.3; RFC 6121, section 4.7.2.3. */
function readForm(
  stanza: Element,
  type: string,
  content: string,
): { priority: number; fault: boolean } {
  const children = stanza.elements();
  if (stanza.name === 'message') return { priority: 0, fault: false };
  if (type === '') return { priority: 0, fault: true };
  if (stanza.name === 'presence') {
    const found = type === 'available' ? children.filter(isPriority(content)) : [];
    const numbers = found.map(readPriority);
    const fault = numbers.length > 1 || numbers.includes(undefined);
    return { priority: numbers[0] ?? 0, fault };
  }
  const isRequest = type === 'get' || type === 'set';
  const isLong = isRequest ? children.length !== 1 : type === 'result' && children.length > 1;
  return { priority: 0, fault: isLong || (stanza.attr('id') ?? '') === '' };
}

const isPriority =
  (content: string) =>
  ({ name, ns }: Element): boolean =>
    name === 'priority' && ns === content;

function readPriority(element: Element): number | undefined {
  if (element.elements().length > 0) return undefined;
  const text = element.text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
  if (!/^[+-]?[0-9]+$/.test(text)) return undefined;
  const number = Number(text);
  return number >= -128 && number <= 127 ? number : undefined;
}
