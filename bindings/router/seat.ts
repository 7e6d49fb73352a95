/*
 * A seat at the router: a bound resource, or the stream of another server, with what the host has to do when
 * something is for it.
 */
import { SeatFlag } from '../../assembly/abi.js';
import { UsageError } from '../errors.js';
import { defaultLimits, limitValues, type Limits, type LimitValues } from '../limits.js';
import type { Batch } from './batch.js';
import type { RouterCalls } from './calls.js';

/** What the host wants to see although the core could deliver it. */
export interface SeatFlags {
  /** Whatever comes from or goes to the account comes up as a verdict: block lists, hooks. */
  readonly filtered?: boolean;
  /** XEP-0280 is on: the account's messages come up as verdicts. */
  readonly carbons?: boolean;
  /** XEP-0352: the client is not looking; what is for the account comes up as verdicts. */
  readonly inactive?: boolean;
  /** Presence and iq that the seat sends come up as verdicts: only messages go past the host. */
  readonly attended?: boolean;
  /** Messages that the seat sends, and that are worth storing, come up as verdicts: the host keeps them first. */
  readonly kept?: boolean;
  /** Output is cut into stanzas, one group each: stream management, WebSocket. */
  readonly units?: boolean;
}

/** Where the bytes come from that `seat.feed` takes. */
export type SeatStream =
  /** A stream of its own, from its header on. */
  | { readonly limits?: Limits }
  /** One that the router's engine has been reading. @internal */
  | { readonly handle: number };

/** What a seat asks of its router. @internal */
export interface SeatHost<Target> {
  readonly calls: RouterCalls;
  openStream(seat: Seat<Target>, stream: SeatStream): number;
  feedSeat(seat: Seat<Target>, chunk: Uint8Array): Iterable<Batch<Target>>;
  takeChunk(seat: Seat<Target>, chunk: Uint8Array): Batch<Target>;
  takeMore(seat: Seat<Target>): Batch<Target>;
  removeSeat(seat: Seat<Target>): void;
}

/** What a seat is made of. @internal */
export interface SeatParts<Target> {
  readonly jid: string;
  readonly target: Target;
  readonly handle: number;
  readonly header: string;
  /** Flags of the core that never change. */
  readonly fixed: number;
  readonly flags: SeatFlags;
}

/** A bound resource. It is connected from the beginning, and available once it says so. */
export class Seat<Target> {
  /** The full JID, in canonical form; the domain of another server's stream. */
  readonly jid: string;
  readonly target: Target;
  /** @internal */
  readonly handle: number;
  /** Source of a stream header that declares what the seat's own does. @internal */
  readonly header: string;
  /** RFC 7395: one frame is one stanza. @internal */
  readonly isFramed: boolean;
  /** The stream of another server. @internal */
  readonly isServer: boolean;
  /** Tokens of what waits for an answer, by the bare JID it is for. @internal */
  waiting: Map<string, number> | undefined = undefined;
  /** The core's stream that the seat's bytes come from, -1 for none. @internal */
  stream = -1;
  /** @internal */
  ownsStream = false;
  /** @internal */
  limits: LimitValues = defaultLimits;
  readonly #host: SeatHost<Target>;
  readonly #fixed: number;
  #flags: SeatFlags;
  #isAvailable = false;
  #priority = 0;
  #isBound = true;

  /** @internal */
  constructor(host: SeatHost<Target>, parts: SeatParts<Target>) {
    this.#host = host;
    this.jid = parts.jid;
    this.target = parts.target;
    this.handle = parts.handle;
    this.header = parts.header;
    this.isFramed = (parts.fixed & SeatFlag.Framed) !== 0;
    this.isServer = (parts.fixed & SeatFlag.Server) !== 0;
    this.#fixed = parts.fixed;
    this.#flags = parts.flags;
  }

  /** The bare JID. */
  get bare(): string {
    const slash = this.jid.indexOf('/');
    return slash < 0 ? this.jid : this.jid.slice(0, slash);
  }

  get isBound(): boolean {
    return this.#isBound;
  }

  /** The resource has sent presence, and none of type unavailable since (RFC 6121, section 4.2). */
  get isAvailable(): boolean {
    return this.#isAvailable;
  }

  /** From -128 to 127; 0 while the resource is not available. */
  get priority(): number {
    return this.#priority;
  }

  get flags(): SeatFlags {
    return this.#flags;
  }

  set flags(flags: SeatFlags) {
    this.#flags = { ...flags };
    this.update();
  }

  /** The resource has sent presence. `priority` is an integer from -128 to 127, 0 by default. */
  available({ priority = 0 }: { readonly priority?: number } = {}): void {
    if (!Number.isInteger(priority) || priority < -128 || priority > 127) {
      throw new UsageError('a priority is an integer from -128 to 127');
    }
    this.#isAvailable = true;
    this.#priority = priority;
    this.update();
  }

  /** The resource has sent presence of type unavailable; it stays bound. */
  unavailable(): void {
    this.#isAvailable = false;
    this.#priority = 0;
    this.update();
  }

  /**
   * Where the resource has sent presence directly and not taken it back (RFC 6121, section 4.6): who else has to
   * hear that it is unavailable (section 4.6.3). They are forgotten with this call. A seat remembers 4,096 of them;
   * presence to one more is refused with `resource-constraint`, so that nobody is left out.
   */
  takeDirected(): string[] {
    return this.#host.calls.directed(this.handle);
  }

  /** The resource is gone. The seat is of no use afterwards: every call throws UsageError. */
  unbind(): void {
    if (!this.#isBound) return;
    this.#host.calls.unbind(this.handle);
    this.#isBound = false;
    this.#isAvailable = false;
    this.#host.removeSeat(this);
  }

  /**
   * Opens the stream that `feed` reads. It begins with its header, unless the engine has read that one already.
   */
  open(stream: SeatStream = {}): void {
    if (this.stream >= 0) throw new UsageError('the seat has a stream already');
    if (!('handle' in stream)) this.limits = limitValues(stream.limits);
    this.stream = this.#host.openStream(this, stream);
    this.ownsStream = !('handle' in stream);
  }

  /**
   * The next bytes of the seat's stream, opened before. Usually one batch; a verdict that
   * holds back the stream is the last of its batch, and the next one is made when the loop comes back for it.
   *
   *     for (const batch of seat.feed(chunk)) {
   *       for (let index = 0; index < batch.count; index++) {
   *         batch.target(index).write(batch.output(index));
   *       }
   *       for (const verdict of batch.verdicts) await handle(verdict);
   *     }
   *
   * The loop must not be left before its end, but for a stream that is over. Throws UsageError while an
   * earlier chunk has not been taken to its end, and for a seat without a stream.
   */
  feed(chunk: Uint8Array): Iterable<Batch<Target>> {
    return this.#host.feedSeat(this, chunk);
  }

  /**
   * The first batch of a chunk of at most 65,536 bytes, for those who count: the same as `feed`, without an iterator. While
   * `batch.isMore`, `more` has the next one.
   */
  take(chunk: Uint8Array): Batch<Target> {
    return this.#host.takeChunk(this, chunk);
  }

  /** The next batch of the chunk that was taken last. */
  more(): Batch<Target> {
    return this.#host.takeMore(this);
  }

  /** @internal */
  update(): void {
    const { filtered, carbons, inactive, units } = this.#flags;
    let flags = this.#fixed;
    if (this.#isAvailable) flags |= SeatFlag.Available;
    // What waits for an answer has to keep its place: the rest comes up until then.
    if (filtered === true || this.waiting !== undefined) flags |= SeatFlag.Filtered;
    if (carbons === true) flags |= SeatFlag.Carbons;
    if (inactive === true) flags |= SeatFlag.Inactive;
    if (units === true) flags |= SeatFlag.Units;
    this.#host.calls.set(this.handle, flags, this.#priority);
  }
}
