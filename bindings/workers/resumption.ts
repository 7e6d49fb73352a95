/*
 * Sessions of an object that can be resumed (XEP-0198, section 5), whether or not a socket carries them now.
 *
 *     carried ── its socket is gone ──► waiting ── its client is back, here or elsewhere ──► carried
 *                                          │
 *                                          └── it was not back in time, or too much waits ──► over: told to the host
 *
 * A session that waits needs nothing in memory: its end is an alarm. Whatever is in the store is told to the host
 * once it is over, also after a crash: the alarm is there before anything waits.
 */
import type { EnableAnswer, EndReason } from '../protocol/effects.js';
import { StreamManagement } from '../protocol/stream-management.js';
import type { ManagementLimits } from '../protocol/stream-management.js';
import type { KeptSession, SessionStorage } from './session-store.js';
import { SessionStore } from './session-store.js';
import type { StreamHost } from './stream-host.js';

export interface ResumptionOptions {
  /** Of the object, which has SQLite. */
  readonly storage: SessionStorage;
  /** How long a client may be away (300); it can ask for less. */
  readonly maxSeconds?: number;
}

/** Until a host that could not be told is told again. */
const retryMs = 10_000;
/** After a crash a client sends as many of its stanzas again at most that were safe and not acknowledged. */
const countsPerWrite = 32;
/** What a client has sent and is not safe yet, up to the last of it; 0: nothing of it is. */
interface Settling {
  last: Promise<void> | undefined;
  safeCount: number;
}

type Tell = StreamHost['ended'];

const away: EndReason = { kind: 'disconnected' };

export class Resumption {
  readonly #store: SessionStore;
  readonly #setAlarm: (time: number) => Promise<void>;
  readonly #maxSeconds: number;
  readonly #limits: ManagementLimits;
  readonly #tell: Tell;
  #alarmAt = Infinity;
  readonly #ending = new Map<string, Promise<void>>();
  /** What clients sent last, until it is safe. */
  readonly #settling = new Map<string, Settling>();

  constructor(options: ResumptionOptions, limits: ManagementLimits, tell: Tell) {
    const { storage, maxSeconds = 300 } = options;
    this.#store = new SessionStore(storage.sql);
    this.#setAlarm = (time) => storage.setAlarm(time);
    this.#maxSeconds = maxSeconds;
    this.#limits = limits;
    this.#tell = tell;
  }

  has(stream: string): boolean {
    return this.#store.has(stream);
  }

  // While a socket carries it.

  enable(stream: string, jid: string, wantedSeconds = this.#maxSeconds): EnableAnswer {
    const maxSeconds = Math.min(wantedSeconds, this.#maxSeconds);
    const session = { name: stream, jid, maxSeconds, handled: 0, acked: 0, unacked: [] };
    this.#store.set(stream, session, null);
    return { kind: 'enabled', id: stream, maxSeconds };
  }

  /** Stanzas go to the client: there will be an alarm if nothing is heard of it any more. */
  sent(stream: string, stanzas: readonly Uint8Array[]): void {
    this.#store.push(stream, stanzas);
    if (this.#alarmAt === Infinity) this.#schedule(Date.now() + this.#maxSeconds * 1000);
  }

  acknowledged(stream: string, count: number): void {
    this.#store.acknowledge(stream, count);
  }

  /** So many stanzas of the client's have come; they are safe when the promise says so. */
  received(stream: string, count: number, safe: Promise<void>): void {
    const settling: Settling = this.#settling.get(stream) ?? { last: undefined, safeCount: 0 };
    const last = safe
      .then(
        () => (settling.safeCount = count),
        // What is not safe does not count: its client sends it again.
        () => undefined,
      )
      .then(() => {
        const isLast = settling.last === last;
        if (isLast) this.#settling.delete(stream);
        // Each write holds up what the object sends after it: of many in a row only some are written.
        const isDue = isLast || count % countsPerWrite === 0;
        if (isDue && settling.safeCount > 0) this.#store.handled(stream, settling.safeCount);
      });
    settling.last = last;
    this.#settling.set(stream, settling);
  }

  /** The client is told that so many of its stanzas are safe. */
  acknowledging(stream: string, count: number): void {
    this.#store.handled(stream, count);
  }

  /** Its account in memory; `handled`: what has come, which is known where the socket is still there. */
  management(stream: string, handled?: number): StreamManagement | undefined {
    const session = this.#store.find(stream);
    if (!session) return undefined;
    const { name, maxSeconds, acked, unacked } = session;
    return new StreamManagement({
      ...this.#limits,
      id: name,
      maxSeconds,
      handledCount: handled ?? session.handled,
      sentCount: acked + unacked.length,
      unacked: unacked.map((bytes) => ({ bytes, tag: 0 })),
    });
  }

  // While none does.

  /** Sockets have ended with an earlier life of the object. */
  check(isCarried: (stream: string) => boolean): void {
    for (const stream of this.#store.carried()) if (!isCarried(stream)) this.wait(stream);
  }

  wait(stream: string): void {
    const { maxSeconds = 0 } = this.#store.waiting(stream) ?? {};
    this.#waitUntil(stream, Date.now() + maxSeconds * 1000);
  }

  /** Stanzas for a client that is away. False if it is not waited for. */
  keep(stream: string, stanzas: readonly Uint8Array[]): boolean {
    const waiting = this.#store.waiting(stream);
    if (!waiting) return false;
    this.#store.push(stream, stanzas);
    const { maxUnackedCount = 1000, maxUnackedBytes = 1_048_576 } = this.#limits;
    const { count, bytes } = this.#store.size(stream);
    if (count > maxUnackedCount || bytes > maxUnackedBytes) this.#waitUntil(stream, Date.now());
    // Its socket ended with an earlier life of the object.
    else if (waiting.until === null) this.wait(stream);
    return true;
  }

  /** Its client is back, in the stream of this name: all of it, and under which address. */
  resume(stream: string): { jid: string; management: StreamManagement } | undefined {
    const session = this.#store.find(stream);
    const management = this.management(stream);
    if (!session || !management || this.#ending.has(stream)) return undefined;
    this.#store.wait(stream, null);
    return { jid: session.jid, management };
  }

  // From one object to another.

  /** When all that its client has sent is safe: then it can be handed over. */
  async settled(stream: string): Promise<void> {
    await this.#settling.get(stream)?.last;
  }

  handOver(stream: string): KeptSession | undefined {
    return this.#ending.has(stream) ? undefined : this.#store.find(stream);
  }

  takeOver(stream: string, session: KeptSession): void {
    const until = Date.now() + session.maxSeconds * 1000;
    this.#store.set(stream, session, until);
    this.#schedule(until);
  }

  forget(stream: string): void {
    this.#store.remove(stream);
  }

  // The end.

  /** It is over: resolves when the host knows. */
  async end(stream: string, reason: EndReason = away): Promise<void> {
    const ending = this.#ending.get(stream) ?? this.#end(stream, reason);
    this.#ending.set(stream, ending);
    await ending.finally(() => this.#ending.delete(stream));
  }

  async #end(stream: string, reason: EndReason): Promise<void> {
    // Should this object end in the midst of it.
    this.#waitUntil(stream, Date.now() + retryMs);
    // Again for what has come meanwhile, until the host sends no more here.
    for (let session = this.#store.find(stream); session; session = this.#store.find(stream)) {
      await this.#tell({ id: stream, jid: session.jid, lang: '' }, reason, session.unacked);
      this.#store.acknowledge(stream, session.unacked.length);
      if (this.#store.size(stream).count === 0) this.#store.remove(stream);
    }
  }

  /** The alarm of the object: ends what nobody came back for. */
  async alarm(isCarried: (stream: string) => boolean): Promise<void> {
    this.#alarmAt = Infinity;
    this.check(isCarried);
    const due = this.#store.due(Date.now());
    // Who could not be told is due again.
    await Promise.allSettled(due.map((stream) => this.end(stream)));
    const isCarrying = this.#store.carried().length > 0;
    this.#schedule(isCarrying ? Date.now() + this.#maxSeconds * 1000 : Infinity);
  }

  #waitUntil(stream: string, until: number): void {
    this.#store.wait(stream, until);
    this.#schedule(until);
  }

  /** One alarm for all: the earliest. */
  #schedule(time: number): void {
    const next = Math.min(time, this.#store.next() ?? Infinity);
    if (next === this.#alarmAt || next === Infinity) return;
    this.#alarmAt = next;
    // What cannot be stored ends the object, and is not sent.
    this.#setAlarm(next).catch(() => undefined);
  }
}
