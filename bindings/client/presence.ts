/*
 * Presence (RFC 6121, section 4): ours, said again at each new session, and that of others as it was last
 * heard. Built on a client's public face alone.
 *
 * A new session knows nothing of the presence of others until they tell it; one that goes on has missed
 * nothing. The best of several resources is the one of the highest priority, of those the one heard last.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import { presencePriority } from '../protocol/stanza-check.js';
import type { Client, SendOptions } from './client.js';
import { bareOf } from './roster.js';
import { Listeners } from './listeners.js';

export interface OwnPresence {
  /** Absent: simply available. */
  readonly show?: 'away' | 'chat' | 'dnd' | 'xa';
  /** For people. */
  readonly status?: string;
  /** -128 to 127 (0); a negative one gets no messages that are sent to the account. */
  readonly priority?: number;
  /** Further children, such as the hash of XEP-0115. */
  readonly extensions?: readonly Element[];
}

export interface ContactPresence {
  /** Full, in canonical form. */
  readonly jid: string;
  /** '' for simply available. */
  readonly show: string;
  readonly status: string;
  readonly priority: number;
  readonly stanza: Element;
}

/** A resource that is available, or no longer: then without `presence`. */
export type PresenceListener = (jid: string, presence: ContactPresence | undefined) => void;

/**
 * Says that we are available, and keeps who else is.
 *
 *     const presence = openPresence(client);
 *     await presence.set({ show: 'away', status: 'on the balcony' });
 *     presence.best('romeo@example.net')?.show     // 'dnd', or undefined while he is away
 */
export const openPresence = (client: Client): Presence => new Presence(client);

export class Presence {
  readonly #client: Client;
  readonly #contacts = new Map<string, ContactPresence>();
  readonly #listeners = new Listeners<Parameters<PresenceListener>>();
  readonly #releases: (() => void)[];
  #own: Element | undefined;

  /** @internal */
  constructor(client: Client) {
    this.#client = client;
    this.#releases = [
      client.onStanza((stanza) => this.#take(stanza)),
      client.onStatus((status) => {
        if (status.state === 'closed') this.#forget();
        if (status.state !== 'online' || status.isResumed) return;
        this.#forget();
        if (this.#own) client.send(this.#own).catch(() => undefined);
      }),
    ];
  }

  /** Makes us available, or changes how; resolves when it is sent. Said again at each new session. */
  async set(own: OwnPresence = {}, options: SendOptions = {}): Promise<void> {
    const { show, status, priority = 0, extensions = [] } = own;
    if (!Number.isInteger(priority) || priority < -128 || priority > 127) {
      throw new UsageError('priority is an integer from -128 to 127');
    }
    this.#own = xml(
      'presence',
      { xmlns: NS.client },
      show && xml('show', {}, show),
      status && xml('status', {}, status),
      priority !== 0 && xml('priority', {}, priority),
      extensions,
    );
    await this.#client.send(this.#own, options);
  }

  /** Makes us unavailable, without leaving. */
  async clear(status?: string, options: SendOptions = {}): Promise<void> {
    this.#own = undefined;
    await this.#client.send(
      xml('presence', { type: 'unavailable' }, status && xml('status', {}, status)),
      options,
    );
  }

  /** The available resources of an account, the best first. */
  of(jid: string | Jid): readonly ContactPresence[] {
    const bare = bareOf(jid);
    return [...this.#contacts.values()]
      .filter((contact) => Jid.parseWire(contact.jid).bare.toString() === bare)
      .reverse()
      .sort((one, other) => other.priority - one.priority);
  }

  /** The best resource of an account; undefined while none is available. */
  best(jid: string | Jid): ContactPresence | undefined {
    return this.of(jid).at(0);
  }

  /** Calls for each change; returns what ends that. */
  onChange(listener: PresenceListener): () => void {
    return this.#listeners.add((change) => listener(...change));
  }

  /** Listens no longer; our presence stays as it is. */
  close(): void {
    for (const release of this.#releases.splice(0)) release();
    this.#listeners.clear();
  }

  #take(stanza: Element): void {
    const from = stanza.attr('from');
    if (stanza.name !== 'presence' || from === undefined) return;
    const jid = Jid.parseWire(from).toString();
    const type = stanza.attr('type');
    if (type === undefined) {
      const presence: ContactPresence = {
        jid,
        show: stanza.child('show')?.text ?? '',
        status: stanza.child('status')?.text ?? '',
        priority: presencePriority(stanza) ?? 0,
        stanza,
      };
      // Anew, for the order of what was heard.
      this.#contacts.delete(jid);
      this.#contacts.set(jid, presence);
      this.#tell(jid, presence);
    } else if (type === 'unavailable') {
      // From a bare JID: all its resources.
      const gone = [...this.#contacts.keys()].filter(
        (each) => each === jid || each.startsWith(`${jid}/`),
      );
      for (const each of gone) this.#remove(each);
    }
  }

  #forget(): void {
    for (const jid of [...this.#contacts.keys()]) this.#remove(jid);
  }

  #remove(jid: string): void {
    if (this.#contacts.delete(jid)) this.#tell(jid, undefined);
  }

  #tell(jid: string, presence: ContactPresence | undefined): void {
    this.#listeners.tell([jid, presence]);
  }
}
