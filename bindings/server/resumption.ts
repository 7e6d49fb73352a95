/*
 * Sessions that can be resumed (XEP-0198, section 5): by which name, and those of them whose connection is lost.
 *
 *     enabled ──► bound ── its connection is lost ──► parked ──► resumed: bound again
 *                   │                                    └──► given up: over
 *                   └── its client leaves ──────────────────► over
 *
 * A session lives in memory, so none outlives the process. What outlives it is how many of its stanzas were
 * handled: whoever tries to resume a session that is over hears so with that number, after a restart too if
 * the server was stopped and not killed, and need not send those again. Such numbers are kept for a day.
 */
import type { EnableAnswer, ResumeAnswer, StreamEffect } from '../protocol/effects.js';
import { encodeBase64 } from '../protocol/sasl/base64.js';
import type { StreamManagement } from '../protocol/stream-management.js';
import { ParkedStream } from './parked-stream.js';
import type { Session, SessionStream } from './sessions.js';
import type { Storage } from './storage/storage.js';

export interface ResumptionOptions {
  readonly storage: Storage;
  readonly maxSeconds: number;
  readonly random: (byteCount: number) => Uint8Array;
  readonly now: () => number;
  readonly date: () => number;
  /** A parked session is not going to be resumed. */
  readonly givenUp: (session: Session, management: StreamManagement) => void;
  /** And something was on its way to it meanwhile. */
  readonly missed: (session: Session, bytes: Uint8Array, tag: number) => void;
}

type Wanted<T extends 'enable' | 'resume'> = Extract<StreamEffect, { type: T }>;

/** How far a session came that is over. */
interface Over {
  readonly h: number;
  /** Until when that is kept, in milliseconds since 1970. */
  readonly until: number;
}

const collection = 'session';
const keptMs = 86_400_000;
/** Of one account. */
const maxKept = 16;

export class Resumption {
  readonly #options: ResumptionOptions;
  readonly #sessions = new Map<string, Session>();
  /** Until when they wait, by the clock of `now`. */
  readonly #parked = new Map<Session, number>();

  constructor(options: ResumptionOptions) {
    this.#options = options;
  }

  enable(wanted: Wanted<'enable'>, session: Session): EnableAnswer {
    if (!wanted.wantsResume) return { kind: 'enabled' };
    const { maxSeconds: most, random } = this.#options;
    const id = encodeBase64(random(15));
    this.#sessions.set(id, session);
    return { kind: 'enabled', id, maxSeconds: Math.min(wanted.maxSeconds ?? most, most) };
  }

  resume(
    wanted: Wanted<'resume'>,
    connection: SessionStream,
  ): { readonly answer: ResumeAnswer; readonly session?: Session } {
    const account = `${wanted.local}@${wanted.domain}`;
    const session = this.#sessions.get(wanted.id);
    const management = session?.account === account ? session.connection.handOver() : undefined;
    if (!session || !management) {
      return {
        answer: { kind: 'refused', condition: 'item-not-found', ...this.#over(account, wanted.id) },
      };
    }
    session.connection = connection;
    this.#parked.delete(session);
    return { answer: { kind: 'resumed', management, resource: session.resource }, session };
  }

  /** The connection is lost, but its client may come back. */
  park(
    session: Session,
    { id, isEncrypted, lang }: SessionStream,
    management: StreamManagement,
  ): void {
    const giveUp = (): void => {
      if (this.#parked.delete(session)) this.#options.givenUp(session, management);
    };
    const missed: ParkedStream['missed'] = (...stanza) => this.#options.missed(session, ...stanza);
    session.connection = new ParkedStream(id, isEncrypted, lang, management, giveUp, missed);
    this.#parked.set(session, this.#options.now() + management.maxSeconds * 1000);
  }

  /** The session is over. */
  forget({ account }: Session, { id, handledCount: h }: StreamManagement): void {
    if (!this.#sessions.delete(id)) return;
    const { storage, date } = this.#options;
    const over: Over = { h, until: date() + keptMs };
    this.#makeRoom(account);
    storage.set(collection, account, id, JSON.stringify(over));
  }

  /** Gives up those that have waited long enough. */
  tick(now: number): void {
    for (const [{ connection }, until] of this.#parked) if (now >= until) connection.close();
  }

  /** Gives up all that wait. */
  stop(): void {
    for (const { connection } of this.#parked.keys()) connection.close();
  }

  #over(account: string, id: string): { h?: number } {
    const value = this.#options.storage.get(collection, account, id);
    if (value === undefined) return {};
    const { h, until } = JSON.parse(value) as Over;
    return until > this.#options.date() ? { h } : {};
  }

  #makeRoom(account: string): void {
    const { storage, date } = this.#options;
    const kept = storage
      .list(collection, account)
      .map(({ key, value }) => ({ key, until: (JSON.parse(value) as Over).until }))
      .sort((one, other) => other.until - one.until);
    kept.forEach(({ key, until }, index) => {
      if (index >= maxKept - 1 || until <= date()) storage.delete(collection, account, key);
    });
  }
}
