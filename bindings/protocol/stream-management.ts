/*
 * The account of one managed session (XEP-0198): how many of the peer's stanzas were handled, and which
 * of ours it has not acknowledged. It belongs to a session, not to a connection: a stream that is resumed
 * goes on with the account of the one that was lost. Both roles keep the same.
 *
 *            sent, acknowledged │ sent, not acknowledged      │ to come
 *     ───────────────────────── │ ─────────────────────────── │ ────────
 *                          acked count                   sent count         both modulo 2^32
 *
 * Counts wrap at 2^32 (section 4); a count beyond what was sent is the peer's fault and told as such. What
 * the XML looks like and when it may be sent is the stream machine's business.
 */
import { parse } from '../parse.js';

/** A stanza of ours that the peer has not acknowledged. */
export interface Sent {
  readonly bytes: Uint8Array;
  /** A number of the host's, such as a position in its journal; 0 when it gave none. */
  readonly tag: number;
}

export interface ManagementLimits {
  /** Stanzas that may wait for an acknowledgement (1,000), and their bytes (1 MiB). */
  readonly maxUnackedCount?: number;
  readonly maxUnackedBytes?: number;
  /** How many stanzas (8) or how many milliseconds after one (1,000) an acknowledgement is asked for. */
  readonly requestCount?: number;
  readonly requestMs?: number;
}

export interface ManagementOptions extends ManagementLimits {
  /** Names the session for resumption; '' or absent: it cannot be resumed. */
  readonly id?: string;
  /** How long it can be resumed. */
  readonly maxSeconds?: number;
  /** What the default namespace was where the stanzas were written: '' over WebSocket. */
  readonly scope?: string;
  /** For a session that comes out of storage. */
  readonly handledCount?: number;
  readonly sentCount?: number;
  readonly unacked?: readonly Sent[];
}

/** Whether one lies at most so far behind the other on the circle of 2^32. */
const distance = (from: number, to: number): number => (to - from) >>> 0;

/**
 * The account of one session under stream management (XEP-0198).
 *
 *     const account = new StreamManagement({ id: 'a-name', maxSeconds: 300 });
 *     account.push(bytes, 7);     // true: within the limits
 *     account.acknowledge(1);     // [{ bytes, tag: 7 }]
 *     account.acknowledge(5);     // undefined: more than was sent
 */
export class StreamManagement {
  readonly id: string;
  readonly maxSeconds: number;
  readonly #limits: Required<ManagementLimits>;
  #scope: string;
  #handledCount: number;
  #sentCount: number;
  #queue: Sent[];
  #unackedBytes: number;
  #unrequestedCount = 0;
  #isAwaiting = false;

  constructor(options: ManagementOptions = {}) {
    const { id = '', maxSeconds = 0, scope = '', unacked = [] } = options;
    const { maxUnackedCount = 1000, maxUnackedBytes = 1_048_576 } = options;
    const { requestCount = 8, requestMs = 1000 } = options;
    this.id = id;
    this.maxSeconds = maxSeconds;
    this.#scope = scope;
    this.#limits = { maxUnackedCount, maxUnackedBytes, requestCount, requestMs };
    this.#handledCount = (options.handledCount ?? 0) >>> 0;
    this.#sentCount = (options.sentCount ?? unacked.length) >>> 0;
    this.#queue = [...unacked];
    this.#unackedBytes = unacked.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** The default namespace where the kept stanzas were written, which they need not declare. */
  get scope(): string {
    return this.#scope;
  }

  /** Stanzas of the peer that were handled here, modulo 2^32: the `h` that we say. */
  get handledCount(): number {
    return this.#handledCount;
  }

  /** Stanzas sent to the peer, modulo 2^32. */
  get sentCount(): number {
    return this.#sentCount;
  }

  /** What the peer has not acknowledged, oldest first. */
  get unacked(): readonly Sent[] {
    return this.#queue;
  }

  get unackedBytes(): number {
    return this.#unackedBytes;
  }

  get requestMs(): number {
    return this.#limits.requestMs;
  }

  /** The peer's stanzas were taken over. */
  receive(count = 1): void {
    this.#handledCount = (this.#handledCount + count) >>> 0;
  }

  /**
   * A stanza goes to the peer, or will when the session is resumed. Returns whether the queue is within
   * its limits; beyond them the session must end.
   */
  push(bytes: Uint8Array, tag = 0): boolean {
    this.#queue.push({ bytes, tag });
    this.#sentCount = (this.#sentCount + 1) >>> 0;
    this.#unackedBytes += bytes.length;
    this.#unrequestedCount += 1;
    const { maxUnackedCount, maxUnackedBytes } = this.#limits;
    return this.#queue.length <= maxUnackedCount && this.#unackedBytes <= maxUnackedBytes;
  }

  /**
   * The peer has handled `h` stanzas. Returns those that it had not acknowledged before; undefined when
   * `h` is more than were sent, or less than it said before, which the circle cannot tell apart.
   */
  acknowledge(h: number): readonly Sent[] | undefined {
    const ackedCount = (this.#sentCount - this.#queue.length) >>> 0;
    const count = distance(ackedCount, h);
    if (count > this.#queue.length) return undefined;
    this.#isAwaiting = false;
    if (count === 0) return [];
    const acked = this.#queue.splice(0, count);
    for (const { bytes } of acked) this.#unackedBytes -= bytes.length;
    this.#unrequestedCount = Math.min(this.#unrequestedCount, this.#queue.length);
    return acked;
  }

  /**
   * Whether to ask for an acknowledgement: now, after a while, or not, since nothing is open or one was
   * asked for already. One question at a time is enough: its answer covers all that was sent before.
   */
  get request(): 'now' | 'later' | 'none' {
    if (this.#isAwaiting || this.#unrequestedCount === 0) return 'none';
    return this.#unrequestedCount >= this.#limits.requestCount ? 'now' : 'later';
  }

  /** An acknowledgement was asked for. */
  requested(): void {
    this.#isAwaiting = true;
    this.#unrequestedCount = 0;
  }

  /**
   * The session goes on over another transport: what was asked on the old one is not answered there, and
   * what is kept is written for the new one.
   */
  resumed(scope: string): void {
    this.#isAwaiting = false;
    this.#unrequestedCount = this.#queue.length;
    // A stanza that declares all it uses is right everywhere; another lacks its default namespace.
    if (scope !== this.#scope && scope === '')
      this.#queue = this.#queue.map(selfContained(this.#scope));
    this.#scope = scope;
  }
}

const selfContained =
  (scope: string) =>
  ({ bytes, tag }: Sent): Sent => {
    const stanza = parse(`<stream xmlns='${scope}'>${decoder.decode(bytes)}</stream>`).child();
    return stanza ? { bytes: stanza.toBytes(), tag } : { bytes, tag };
  };

const decoder = new TextDecoder();
