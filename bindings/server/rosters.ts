/*
 * The contacts of all accounts (RFC 6121, section 2), kept in storage, at hand in memory while they are
 * used. A contact may be there without being listed: one that has asked for a subscription and was not
 * answered is no roster item yet (appendix A.1).
 *
 * Versions (section 2.6): each change of a roster has a number, and each contact remembers that of its
 * last one. Of removed items the last few are remembered; whoever knows an older version gets the whole
 * roster again. A version names the storage too, so that numbers of another life never fit.
 */
import { encodeBase64 } from '../protocol/sasl/base64.js';
import type { Storage } from './storage/storage.js';
import { isFrom } from './subscription.js';
import type { SubscriptionState } from './subscription.js';

export interface Contact {
  /** Bare JID. */
  readonly jid: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly state: SubscriptionState;
  /** The next request of the contact is approved beforehand (section 3.4). */
  readonly isApproved: boolean;
  /** Whether it is an item of the roster. */
  readonly isListed: boolean;
  /** The request that waits for an answer, a stanza. */
  readonly request?: string | undefined;
  /** The number of the roster's change that made it what it is. */
  readonly change: number;
}

/** What happened to a roster since a version, in order. */
export type RosterChange =
  | { readonly type: 'item'; readonly contact: Contact; readonly version: string }
  | { readonly type: 'removed'; readonly jid: string; readonly version: string };

interface Roster {
  /** Of the last change. */
  change: number;
  /** Changes up to this one are no longer known one by one. */
  forgotten: number;
  readonly contacts: Map<string, Contact>;
  /** Removed items, with the number of the change. */
  readonly removed: Map<string, number>;
}

/** The part of a roster's record that is not its contacts. */
interface Head {
  readonly change: number;
  readonly forgotten: number;
  readonly removed: readonly (readonly [string, number])[];
}

export interface RostersOptions {
  /** Removed items to be remembered, for each roster. */
  readonly maxRemoved?: number;
  /** Rosters at hand; those that were not used for long are read again when needed. */
  readonly maxCached?: number;
}

export class Rosters {
  readonly #storage: Storage;
  readonly #maxRemoved: number;
  readonly #maxCached: number;
  readonly #cache = new Map<string, Roster>();
  #epochOfStorage: string | undefined;

  constructor(storage: Storage, { maxRemoved = 64, maxCached = 10_000 }: RostersOptions = {}) {
    this.#storage = storage;
    this.#maxRemoved = maxRemoved;
    this.#maxCached = maxCached;
  }

  /** All contacts, those that are not listed too. */
  contacts(account: string): Iterable<Contact> {
    return this.#roster(account).contacts.values();
  }

  find(account: string, jid: string): Contact | undefined {
    return this.#roster(account).contacts.get(jid);
  }

  /** What is known of a stranger: nothing. */
  contact(account: string, jid: string): Contact {
    return (
      this.find(account, jid) ?? {
        jid,
        name: '',
        groups: [],
        state: 'N',
        isApproved: false,
        isListed: false,
        change: 0,
      }
    );
  }

  count(account: string): number {
    return this.#roster(account).contacts.size;
  }

  /** Whether a bare JID sees this account's presence, as each account sees its own. */
  isSubscriber(account: string, jid: string): boolean {
    if (account === jid) return true;
    const contact = this.find(account, jid);
    return contact !== undefined && isFrom(contact.state);
  }

  version(account: string): string {
    return this.#version(this.#roster(account).change);
  }

  /** What happened since a version, or undefined where only the whole roster can say. */
  changesSince(account: string, version: string): readonly RosterChange[] | undefined {
    const roster = this.#roster(account);
    const [epoch, number = ''] = version.split('-');
    if (epoch !== this.#epoch() || !/^[0-9]{1,15}$/.test(number)) return undefined;
    const known = Number(number);
    if (known > roster.change || known < roster.forgotten) return undefined;
    const items = [...roster.contacts.values()]
      .filter(({ isListed, change }) => isListed && change > known)
      .map((contact) => ({ type: 'item', contact, change: contact.change }) as const);
    const removals = [...roster.removed]
      .filter(([, change]) => change > known)
      .map(([jid, change]) => ({ type: 'removed', jid, change }) as const);
    return [...items, ...removals]
      .sort((one, other) => one.change - other.change)
      .map(({ change, ...rest }) => ({ ...rest, version: this.#version(change) }));
  }

  /**
   * Keeps a contact. If it is listed, the roster has a new version; a listed contact that becomes
   * unlisted counts as removed.
   */
  set(account: string, contact: Omit<Contact, 'change'>): Contact {
    const roster = this.#roster(account);
    const wasListed = roster.contacts.get(contact.jid)?.isListed ?? false;
    if (!contact.isListed && wasListed) this.#noteRemoval(roster, contact.jid);
    else if (contact.isListed) {
      roster.change += 1;
      roster.removed.delete(contact.jid);
    }
    const kept: Contact = { ...contact, change: contact.isListed ? roster.change : 0 };
    // A stranger who waits for nothing need not be remembered.
    const isTrivial = !kept.isListed && kept.state === 'N' && !kept.isApproved;
    if (isTrivial) {
      roster.contacts.delete(kept.jid);
      this.#storage.delete('roster', account, kept.jid);
    } else {
      roster.contacts.set(kept.jid, kept);
      this.#storage.set('roster', account, kept.jid, JSON.stringify(kept));
    }
    if (kept.isListed || wasListed) this.#writeHead(account, roster);
    return kept;
  }

  /** Forgets a contact altogether. */
  remove(account: string, jid: string): void {
    this.set(account, {
      ...this.contact(account, jid),
      state: 'N',
      isApproved: false,
      isListed: false,
    });
  }

  /** Makes two accounts of this storage contacts of each other, subscribed both ways. */
  befriend(account: string, other: string): void {
    for (const [owner, jid] of [
      [account, other],
      [other, account],
    ] as const) {
      const { name, groups, state, isListed } = this.contact(owner, jid);
      if (state === 'B' && isListed) continue;
      this.set(owner, { jid, name, groups, state: 'B', isApproved: false, isListed: true });
    }
  }

  /** Reads again from storage: everything, such as after writes that did not last, or one account. */
  refresh(account?: string): void {
    if (account === undefined) this.#cache.clear();
    else this.#cache.delete(account);
  }

  #noteRemoval(roster: Roster, jid: string): void {
    roster.change += 1;
    roster.removed.set(jid, roster.change);
    for (const [oldest, change] of roster.removed) {
      if (roster.removed.size <= this.#maxRemoved) break;
      roster.removed.delete(oldest);
      roster.forgotten = change;
    }
  }

  #writeHead(account: string, { change, forgotten, removed }: Roster): void {
    const head: Head = { change, forgotten, removed: [...removed] };
    this.#storage.set('roster-head', account, '', JSON.stringify(head));
  }

  #roster(account: string): Roster {
    const cached = this.#cache.get(account);
    if (cached) return cached;
    const written = this.#storage.get('roster-head', account, '');
    const head = written === undefined ? undefined : (JSON.parse(written) as Head);
    const roster: Roster = {
      change: head?.change ?? 0,
      forgotten: head?.forgotten ?? 0,
      removed: new Map(head?.removed ?? []),
      contacts: new Map(
        this.#storage
          .list('roster', account)
          .map(({ key, value }) => [key, JSON.parse(value) as Contact]),
      ),
    };
    this.#cache.set(account, roster);
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= this.#maxCached) break;
      this.#cache.delete(oldest);
    }
    return roster;
  }

  #version(change: number): string {
    return `${this.#epoch()}-${change}`;
  }

  /** The name of this storage's life. */
  #epoch(): string {
    const known = this.#epochOfStorage ?? this.#storage.get('server', '', 'roster-epoch');
    if (known !== undefined) return (this.#epochOfStorage = known);
    const random = encodeBase64(crypto.getRandomValues(new Uint8Array(6)));
    const epoch = random.replaceAll(/[^A-Za-z0-9]/g, 'x');
    this.#storage.set('server', '', 'roster-epoch', epoch);
    return (this.#epochOfStorage = epoch);
  }
}
