/*
 * The roster (RFC 6121, sections 2 and 3): read at each new session, kept up to date by what the server pushes,
 * changed by requests. Built on a client's public face alone.
 *
 * Invariants: a push counts only from the account itself (section 2.1.6); pushes that come while the roster
 * is read are applied after it. A session that goes on has missed nothing, and is not read again.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import type { Client, SendOptions } from './client.js';
import { untilAborted } from './deadline.js';
import { StanzaError } from './errors.js';
import { Listeners } from './listeners.js';
import type { RequestOptions } from './requests.js';

export interface RosterItem {
  /** Bare, in canonical form. */
  readonly jid: string;
  /** As this account calls it, '' for none. */
  readonly name: string;
  /** Who sees whose presence: `to`, we see theirs; `from`, they see ours. */
  readonly subscription: 'none' | 'to' | 'from' | 'both';
  /** Whether a request of ours waits for their answer. */
  readonly isAsking: boolean;
  readonly groups: readonly string[];
}

/** What of an item can be set. */
export interface RosterChange {
  readonly name?: string;
  readonly groups?: readonly string[];
}

/** One item that is new, has changed, or is gone: then without `item`. */
export type RosterListener = (jid: string, item: RosterItem | undefined) => void;

/**
 * Reads the roster, and keeps it. Rejects with the reason of the signal when that is aborted before it is read. A client
 * has one open at a time: from a second on, the first hears of no changes any more.
 *
 *     const roster = await openRoster(client);
 *     for (const { jid, name, subscription } of roster.items.values()) console.log(jid, name);
 *     await roster.set('romeo@example.net', { name: 'Romeo', groups: ['Verona'] });
 *     await roster.subscribe('romeo@example.net');
 */
export async function openRoster(client: Client, options: SendOptions = {}): Promise<Roster> {
  const roster = new Roster(client);
  try {
    await roster.read(options);
  } catch (error) {
    roster.close();
    throw error;
  }
  return roster;
}

export class Roster {
  readonly #client: Client;
  readonly #items = new Map<string, RosterItem>();
  readonly #listeners = new Listeners<Parameters<RosterListener>>();
  readonly #releases: (() => void)[];
  /** Pushes that wait, while the roster is read. */
  #pushes: Element[] | undefined;
  #reading: Promise<void> | undefined;

  /** @internal */
  constructor(client: Client) {
    this.#client = client;
    this.#releases = [
      client.handle(NS.roster, (iq) => this.#push(iq)),
      client.onStatus((status) => {
        if (status.state !== 'online' || status.isResumed) return;
        // What is read is of the session before, and will not come. Where it cannot be read now either, it
        // stays as it was until the next session.
        this.#reading = undefined;
        this.read().catch(() => undefined);
      }),
    ];
  }

  /** By bare JID. */
  get items(): ReadonlyMap<string, RosterItem> {
    return this.#items;
  }

  /** Calls for each change; returns what ends that. */
  onChange(listener: RosterListener): () => void {
    return this.#listeners.add((change) => listener(...change));
  }

  /** Adds somebody, or sets name and groups: those that are not given are taken away. */
  async set(
    jid: string | Jid,
    { name, groups = [] }: RosterChange = {},
    options: RequestOptions = {},
  ): Promise<void> {
    const item = xml(
      'item',
      { jid: bareOf(jid), name },
      groups.map((group) => xml('group', {}, group)),
    );
    await this.#request('set', item, options);
  }

  /** Removes somebody, with all subscriptions (section 2.5). */
  async remove(jid: string | Jid, options: RequestOptions = {}): Promise<void> {
    await this.#request('set', xml('item', { jid: bareOf(jid), subscription: 'remove' }), options);
  }

  /** Asks to see somebody's presence (section 3.1). */
  subscribe(jid: string | Jid, options: SendOptions = {}): Promise<void> {
    return this.#subscription('subscribe', jid, options);
  }

  /** Wants to see it no longer. */
  unsubscribe(jid: string | Jid, options: SendOptions = {}): Promise<void> {
    return this.#subscription('unsubscribe', jid, options);
  }

  /** Lets somebody see ours, who asked: a presence of type `subscribe` came. */
  approve(jid: string | Jid, options: SendOptions = {}): Promise<void> {
    return this.#subscription('subscribed', jid, options);
  }

  /** Does not let somebody see ours, or no longer. */
  deny(jid: string | Jid, options: SendOptions = {}): Promise<void> {
    return this.#subscription('unsubscribed', jid, options);
  }

  /** Reads the roster anew; a reading that is under way is waited for, and goes on when a signal ends the wait. */
  read(options: SendOptions = {}): Promise<void> {
    this.#reading ??= this.#begin();
    return untilAborted(this.#reading, options.signal);
  }

  /** Keeps it no longer up to date. */
  close(): void {
    for (const release of this.#releases.splice(0)) release();
    this.#listeners.clear();
  }

  #begin(): Promise<void> {
    const pushes: Element[] = [];
    this.#pushes = pushes;
    const reading = this.#read(pushes).finally(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    return reading;
  }

  async #read(pushes: Element[]): Promise<void> {
    // Not when another one has begun, in a later session.
    const isLast = (): boolean => this.#pushes === pushes;
    try {
      const result = await this.#request('get');
      if (!isLast()) return await this.#reading;
      const items = result.child('query', NS.roster)?.elements('item') ?? [];
      const known = new Set(items.map((item) => keyOf(item)));
      for (const jid of [...this.#items.keys()]) if (!known.has(jid)) this.#put(jid, undefined);
      for (const item of items) this.#apply(item);
    } finally {
      if (isLast()) {
        this.#pushes = undefined;
        for (const item of pushes) this.#apply(item);
      }
    }
  }

  #push(iq: Element): undefined {
    const from = iq.attr('from');
    const own = this.#client.jid.bare;
    const isOwn = from === undefined || Jid.parseWire(from).equals(own);
    const items = iq.child('query', NS.roster)?.elements('item') ?? [];
    const item = items.at(0);
    if (iq.attr('type') !== 'set' || !isOwn) throw new StanzaError('service-unavailable');
    // Section 2.1.6: one item, of somebody.
    if (!item || items.length > 1 || keyOf(item) === '') throw new StanzaError('bad-request');
    if (this.#pushes) this.#pushes.push(item);
    else this.#apply(item);
  }

  #apply(item: Element): void {
    const jid = keyOf(item);
    // Nobody's item.
    if (jid === '') return;
    const subscription = item.attr('subscription') ?? 'none';
    if (subscription === 'remove') return this.#put(jid, undefined);
    this.#put(jid, {
      jid,
      name: item.attr('name') ?? '',
      subscription: isSubscription(subscription) ? subscription : 'none',
      isAsking: item.attr('ask') === 'subscribe',
      groups: item.elements('group').map(({ text }) => text),
    });
  }

  #put(jid: string, item: RosterItem | undefined): void {
    if (item) this.#items.set(jid, item);
    else if (!this.#items.delete(jid)) return;
    this.#listeners.tell([jid, item]);
  }

  #request(type: 'get' | 'set', item?: Element, options: RequestOptions = {}): Promise<Element> {
    const query = xml('query', { xmlns: NS.roster }, item);
    return this.#client.request(xml('iq', { type }, query), options);
  }

  async #subscription(type: string, jid: string | Jid, options: SendOptions): Promise<void> {
    await this.#client.send(xml('presence', { type, to: bareOf(jid) }), options);
  }
}

const keyOf = (item: Element): string => Jid.parseWire(item.attr('jid') ?? '').toString();

const isSubscription = (text: string): text is RosterItem['subscription'] =>
  ['none', 'to', 'from', 'both'].includes(text);

/** Throws UsageError for what is no address. */
export function bareOf(jid: string | Jid): string {
  if (jid instanceof Jid) return jid.bare.toString();
  const checked = Jid.check(jid);
  if (!checked.ok) throw new UsageError(`not an address: ${checked.error.message}`);
  return checked.jid.bare.toString();
}
