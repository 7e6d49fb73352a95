/*
 * What becomes of a session whose stream has ended, and of what its client may not have got (XEP-0198).
 *
 *     the stream was lost, and can be resumed -> the session is parked (resumption.ts)
 *     else, or given up                       -> it leaves, modules are told, and what is unacknowledged goes on:
 *                                                messages to their account, requests back as errors
 *
 * A message of the mailbox is confirmed when its recipient has it, and released when it will not get it there.
 */
import type { Element } from '../element.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import { parse } from '../parse.js';
import { stanzaKind } from '../protocol/stanza-check.js';
import type { StreamManagement } from '../protocol/stream-management.js';
import type { Arrivals } from './arrivals.js';
import type { Commits } from './commits.js';
import type { StreamEnd } from './connection-owner.js';
import { isWorthKeeping } from './mailbox.js';
import type { ModuleHost } from './module.js';
import type { Resumption } from './resumption.js';
import type { Seats } from './seats.js';
import type { Session, SessionStream } from './sessions.js';

export interface EndingsOptions {
  readonly arrivals: Arrivals;
  readonly seats: Seats;
  readonly resumption: Resumption;
  readonly commits: Commits;
  /** To be told to the modules. */
  readonly left: (session: Session) => void;
}

export class Endings {
  readonly #server: ModuleHost;
  readonly #options: EndingsOptions;
  #isStopping = false;

  constructor(server: ModuleHost, options: EndingsOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** Nobody comes back from here on. */
  stop(): void {
    this.#isStopping = true;
  }

  streamEnded(connection: SessionStream, session: Session | undefined, end: StreamEnd): void {
    const { kind, ...details } = end.reason;
    const { id } = connection;
    this.#server.log('info', 'stream ended', { id, jid: session?.jid, reason: kind, ...details });
    if (!session) return;
    if (end.isResumable && end.management && !this.#isStopping) {
      this.#options.resumption.park(session, connection, end.management);
    } else this.end(session, end.management);
  }

  /** The resource is gone; what it did not acknowledge is not. */
  end(session: Session, management: StreamManagement | undefined): void {
    const { resumption, seats, arrivals, commits, left } = this.#options;
    if (management) resumption.forget(session, management);
    this.#server.sessions.remove(session);
    // From here on nothing is for it, and it goes without its seat.
    seats.leave(session);
    left(session);
    const unacked = management?.unacked ?? [];
    for (const { bytes, tag } of unacked) if (tag === 0) this.#divert(bytes, session);
    this.release(unacked.map(({ tag }) => tag));
    arrivals.arrive();
    commits.plan();
  }

  /** What was on its way to a session when that ended, such as by what came before it in the same chunk. */
  missed(session: Session, bytes: Uint8Array, tag: number): void {
    const { arrivals, commits } = this.#options;
    if (tag === 0) this.#divert(bytes, session);
    else this.release([tag]);
    arrivals.arrive();
    commits.plan();
  }

  confirm(tags: readonly number[]): void {
    for (const tag of tags) if (tag !== 0) this.#server.mailbox.confirm(tag);
    this.#options.commits.plan();
  }

  release(tags: readonly number[]): void {
    const accounts = new Set<string>();
    for (const tag of tags) {
      const account = tag === 0 ? undefined : this.#server.mailbox.release(tag);
      if (account !== undefined) accounts.add(account);
    }
    for (const account of accounts) this.#sendAgain(account);
  }

  /** Stanzas that a resource may not have got: a message is for the account, a request gets an error. */
  #divert(bytes: Uint8Array, session: Session): void {
    for (const stanza of readIn(session.connection.scope, bytes)) {
      if (typeof stanza !== 'string') this.#divertStanza(stanza, session);
    }
  }

  #divertStanza(stanza: Element, session: Session): void {
    const server = this.#server;
    const kind = stanzaKind(stanza, NS.client);
    if (!kind) return;
    const from = Jid.check(stanza.attr('from') ?? '');
    const sender = from.ok
      ? server.sessions.find(from.jid.bare.toString(), from.jid.resource)
      : undefined;
    if (kind === 'iq') server.refuse(stanza, 'service-unavailable', sender);
    if (kind === 'message' && isWorthKeeping(stanza)) {
      this.#options.arrivals.push({ kind, stanza, to: Jid.parse(session.account), sender });
    }
  }

  /** What waits for an account, to its most available resource, if it has one. */
  #sendAgain(account: string): void {
    const { sessions, mailbox } = this.#server;
    const candidates = sessions.available(account).filter(({ priority }) => priority >= 0);
    candidates.sort((one, other) => other.priority - one.priority);
    const target = candidates.at(0);
    if (!target) return;
    for (const { tag, stanza } of mailbox.take(account)) {
      this.#server.sendKept(stanza, tag, target);
    }
  }
}

/** Stanzas as they were written, where `scope` was declared around them. */
const readIn = (scope: string, bytes: Uint8Array): Element['children'] =>
  parse(`<stream xmlns='${scope}'>${new TextDecoder().decode(bytes)}</stream>`).children;
