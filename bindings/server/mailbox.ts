/*
 * Messages that must not be lost: those that wait for somebody to come (XEP-0160), and those that are on
 * their way to somebody while their sender was promised that they are safe (XEP-0198).
 *
 *     kept -> waiting -- taken --> on its way -- confirmed --> gone
 *                ^                    |
 *                +----- released -----+
 *
 * On its way is known in memory alone: after a restart everything waits. So a message may be sent twice,
 * with the same id, and is never sent not at all.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';
import { parse } from '../parse.js';
import { messageType } from '../protocol/stanza-check.js';
import { delay } from './delay.js';
import type { Storage } from './storage/storage.js';

/** A message on its way: `tag` comes back when it is confirmed or released. */
export interface Taken {
  readonly tag: number;
  readonly stanza: Element;
}

interface OnItsWay {
  readonly account: string;
  readonly key: string;
  /** How many resources may still confirm it. */
  holderCount: number;
}

const collection = 'offline';
const hints = 'urn:xmpp:hints';
const decoder = new TextDecoder();

export interface MailboxOptions {
  readonly storage: Storage;
  readonly domain: string;
  readonly date: () => number;
}

export class Mailbox {
  readonly #options: MailboxOptions;
  readonly #onItsWay = new Map<number, OnItsWay>();
  /** Account and key of the same. */
  readonly #taken = new Set<string>();
  #lastKey = 0;
  #lastTag = 0;
  #stampedAt = -1;
  #stampText = '';

  constructor(options: MailboxOptions) {
    this.#options = options;
  }

  /** All messages of an account, those on their way too. */
  count(account: string): number {
    return this.#options.storage.count(collection, account);
  }

  /** Until somebody comes. */
  keep(account: string, message: Element): void {
    this.#write(account, message);
  }

  /** Until one of these many resources confirms it. */
  keepOnItsWay(account: string, message: Element, holderCount: number): number {
    return this.#send(account, this.#write(account, message), holderCount);
  }

  /**
   * The same for the bytes of a message that the router has found worth storing: with a body or a hint, of type `normal` or
   * `chat`, declaring all that it uses. 0 if it asks not to be stored.
   */
  keepBytesOnTheirWay(account: string, bytes: Uint8Array, holderCount: number): number {
    const source = decoder.decode(bytes);
    const end = source.lastIndexOf('</');
    if (remarkable.test(source) || end < source.lastIndexOf('/>')) {
      const message = parse(source);
      return isWorthKeeping(message) ? this.keepOnItsWay(account, message, holderCount) : 0;
    }
    const now = this.#options.date();
    const kept = source.slice(0, end) + this.#stamp(now) + source.slice(end);
    return this.#send(account, this.#store(account, kept, now), holderCount);
  }

  /** What waits, in order; it is on its way to one resource now. */
  take(account: string): Taken[] {
    return this.#options.storage
      .list(collection, account)
      .filter(({ key }) => !this.#taken.has(nameOf(account, key)))
      .map(({ key, value }) => ({ tag: this.#send(account, key, 1), stanza: parse(value) }));
  }

  /** It has arrived. */
  confirm(tag: number): void {
    const message = this.#onItsWay.get(tag);
    if (!message) return;
    this.#forget(tag, message);
    this.#options.storage.delete(collection, message.account, message.key);
  }

  /** It has not arrived there. Returns the account where it waits again; undefined if others may confirm it. */
  release(tag: number): string | undefined {
    const message = this.#onItsWay.get(tag);
    if (!message) return undefined;
    message.holderCount -= 1;
    if (message.holderCount > 0) return undefined;
    this.#forget(tag, message);
    return message.account;
  }

  #forget(tag: number, { account, key }: OnItsWay): void {
    this.#onItsWay.delete(tag);
    this.#taken.delete(nameOf(account, key));
  }

  #send(account: string, key: string, holderCount: number): number {
    this.#lastTag += 1;
    this.#onItsWay.set(this.#lastTag, { account, key, holderCount });
    this.#taken.add(nameOf(account, key));
    return this.#lastTag;
  }

  #write(account: string, message: Element): string {
    const { domain, date } = this.#options;
    const now = date();
    return this.#store(account, stamped(message, now, domain).toString(), now);
  }

  #store(account: string, source: string, now: number): string {
    // Ascending, also when the clock goes back while the server runs.
    this.#lastKey = Math.max(this.#lastKey + 1, now * 1000);
    const key = String(this.#lastKey).padStart(17, '0');
    this.#options.storage.set(collection, account, key, source);
    return key;
  }

  /** The stamp of now, as text. */
  #stamp(now: number): string {
    if (now !== this.#stampedAt) {
      this.#stampedAt = now;
      this.#stampText = delay(now, this.#options.domain).toString();
    }
    return this.#stampText;
  }
}

/** What a message has that is to be looked at: hints, stamps, and names that are written with references. */
const remarkable = /urn:xmpp:(?:hints|delay)|&#/;

const nameOf = (account: string, key: string): string => `${account} ${key}`;

/**
 * Whether a message is one to keep: with a body or the hint to store it (XEP-0334), of a type that is for
 * later too. Not the notice that somebody types, nor what says that it is not to be stored.
 */
export function isWorthKeeping(message: Element): boolean {
  const type = messageType(message);
  if (type !== 'chat' && type !== 'normal') return false;
  const hasHint = (name: string): boolean => message.child(name, hints) !== undefined;
  if (hasHint('no-store') || hasHint('no-permanent-store')) return false;
  return message.child('body', message.ns) !== undefined || hasHint('store');
}

/** With our stamp, and none that pretends to be ours. */
function stamped(message: Element, date: number, domain: string): Element {
  // On its own feet first: a prefix may be declared by the stream alone.
  const own = parse(message.toString());
  const isForged = (child: Element): boolean =>
    child.name === 'delay' && child.ns === NS.delay && child.attr('from') === domain;
  const children = own.children.filter((child) => typeof child === 'string' || !isForged(child));
  return xml('message', { ...own.attrs, xmlns: own.ns }, ...children, delay(date, domain));
}
