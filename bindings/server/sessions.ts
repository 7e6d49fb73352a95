/*
 * Who is here: the bound resources of each account, with their presence. A session is known by its full
 * JID, is *available* once it has sent presence (RFC 6121, section 4), and counts as absent for stanzas
 * to the bare JID until then.
 */
import type { Element } from '../element.js';
import { Jid } from '../jid.js';
import type { BindAnswer } from '../protocol/effects.js';
import { presencePriority } from '../protocol/stanza-check.js';
import type { Seat } from '../router.js';
import type { StreamCondition } from '../protocol/stream-error.js';
import type { StreamManagement } from '../protocol/stream-management.js';

/** What happens to a request for a resource that is taken (RFC 6120, section 7.7.2.2). */
export type ConflictPolicy = 'rename' | 'refuse' | 'replace';

/** The stream of a session, as far as others may use it. */
export interface SessionStream {
  readonly id: number;
  readonly isEncrypted: boolean;
  /** The namespace that stanzas need not declare there. */
  readonly scope: string;
  /** The language that its stanzas inherit. */
  readonly lang: string;
  /** Whether what it sends is acknowledged (XEP-0198), and so must not be lost. */
  readonly isManaged: boolean;
  /** Queues the bytes of one stanza; a `tag` of the mailbox is confirmed or released in time. */
  deliver(bytes: Uint8Array, tag?: number): void;
  /** Whether its connection was lost, and it waits to be resumed. */
  readonly isLost: boolean;
  /** Does something in its name: what that writes must last before its client hears of it. */
  act(action: () => void): void;
  /** Ends the stream, with an error or without. */
  close(condition?: StreamCondition): void;
  /** Gives up the session, for another stream to go on with; nothing where it cannot be resumed. */
  handOver(): StreamManagement | undefined;
}

export class Session {
  /** The full JID; what its stanzas are stamped with. */
  readonly jid: string;
  /** The bare JID. */
  readonly account: string;
  readonly local: string;
  readonly resource: string;
  /** Another one once the session goes on over another stream. */
  connection: SessionStream;
  /** The last presence without `to`, stamped; undefined while the resource is not available. */
  presence: Element | undefined;
  priority = 0;
  /** Addresses that got presence from this resource directly (RFC 6121, section 4.6). */
  readonly directed = new Set<string>();
  /** Its place at the router, where messages take the short way. */
  seat: Seat<Session> | undefined;
  /** Whether it has asked for the roster and is told of changes (RFC 6121, section 2.2). */
  isInterested = false;

  constructor(local: string, domain: string, resource: string, connection: SessionStream) {
    this.local = local;
    this.account = `${local}@${domain}`;
    this.resource = resource;
    this.jid = `${this.account}/${resource}`;
    this.connection = connection;
  }

  get isAvailable(): boolean {
    return this.presence !== undefined;
  }

  become(presence: Element | undefined): void {
    this.presence = presence;
    this.priority = (presence && presencePriority(presence)) ?? 0;
    if (presence) this.seat?.available({ priority: this.priority });
    else this.seat?.unavailable();
  }
}

/** What a client asks for. */
export interface Wanted {
  readonly local: string;
  readonly domain: string;
  /** undefined: any. */
  readonly resource: string | undefined;
  /** Whether the holder of that resource is the same client, which has come again. */
  readonly takesOver?: boolean;
}

export interface SessionsOptions {
  readonly conflict: ConflictPolicy;
  /** Bound resources of one account. */
  readonly maxResources: number;
  /** A resource that nobody can guess. */
  readonly generate: () => string;
}

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #accounts = new Map<string, Map<string, Session>>();
  #count = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Bound resources of all accounts. */
  get count(): number {
    return this.#count;
  }

  /** Whether the account has a bound resource. */
  has(account: string): boolean {
    return this.#accounts.has(account);
  }

  of(account: string): Iterable<Session> {
    return this.#accounts.get(account)?.values() ?? [];
  }

  /** Those that have sent presence. */
  available(account: string): Session[] {
    return [...this.of(account)].filter((session) => session.isAvailable);
  }

  find(account: string, resource: string): Session | undefined {
    return this.#accounts.get(account)?.get(resource);
  }

  /** Gives a resource: the one asked for if it is an address and free, else by the conflict policy. */
  bind(
    { local, domain, resource: wanted, takesOver = false }: Wanted,
    connection: SessionStream,
  ): { readonly answer: BindAnswer; readonly session?: Session } {
    const account = `${local}@${domain}`;
    const resources = this.#accounts.get(account);
    let resource = this.#options.generate();
    if (wanted !== undefined) {
      const checked = Jid.check(`${domain}/${wanted}`);
      if (!checked.ok) return refusedWith('bad-request');
      resource = checked.jid.resource;
    }
    const holder = resources?.get(resource);
    if (holder) {
      const isFree = holder.connection.isLost || takesOver;
      if (this.#options.conflict === 'refuse' && !isFree) {
        return refusedWith('conflict');
      }
      // Ends the old session, which leaves the table on the way.
      // One that nobody is connected to any more is in nobody's way (section 7.7.2.2).
      if (this.#options.conflict === 'replace' || isFree) {
        holder.connection.close('conflict');
      } else resource = this.#options.generate();
    }
    if ((resources?.size ?? 0) >= this.#options.maxResources) {
      return refusedWith('resource-constraint');
    }
    const session = new Session(local, domain, resource, connection);
    this.#add(session);
    return { answer: { kind: 'bound', resource }, session };
  }

  remove(session: Session): void {
    const resources = this.#accounts.get(session.account);
    if (resources?.get(session.resource) !== session) return;
    resources.delete(session.resource);
    if (resources.size === 0) this.#accounts.delete(session.account);
    this.#count -= 1;
  }

  #add(session: Session): void {
    const resources = this.#accounts.get(session.account) ?? new Map<string, Session>();
    resources.set(session.resource, session);
    this.#accounts.set(session.account, resources);
    this.#count += 1;
  }
}

const refusedWith = (
  condition: Extract<BindAnswer, { kind: 'refused' }>['condition'],
): { readonly answer: BindAnswer } => ({ answer: { kind: 'refused', condition } });
