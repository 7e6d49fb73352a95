/*
 * How much a client may send: bytes and stanzas a second, with room for a burst. What it has sent is never
 * thrown away; when it is ahead of its rate the server stops reading until it no longer is, so TCP makes it
 * wait and others are served meanwhile. A transport that cannot stop reading is closed with `policy-violation`
 * once its client is a second burst ahead.
 *
 * Each kind is one number: the time at which everything sent so far would have been sent at exactly the rate
 * (the virtual scheduling form of a leaky bucket). Ahead by more than the burst is too much.
 */
export interface RateLimits {
  /** 262,144; Infinity: any. */
  readonly bytesPerSecond?: number;
  /** Stanzas, and requests of stream management; 500; Infinity: any. */
  readonly stanzasPerSecond?: number;
  /** How many seconds' worth may come at once: 10. */
  readonly burstSeconds?: number;
}

export class RateMeter {
  readonly burstMs: number;
  readonly #msPerByte: number;
  readonly #msPerStanza: number;
  #bytesAt = 0;
  #stanzasAt = 0;

  constructor(limits: RateLimits) {
    const { bytesPerSecond = 262_144, stanzasPerSecond = 500, burstSeconds = 10 } = limits;
    this.burstMs = burstSeconds * 1000;
    this.#msPerByte = 1000 / bytesPerSecond;
    this.#msPerStanza = 1000 / stanzasPerSecond;
  }

  /** Counts what was read; returns when to read on, which may have passed. */
  count(byteCount: number, stanzaCount: number, now: number): number {
    this.#bytesAt = Math.max(this.#bytesAt, now) + byteCount * this.#msPerByte;
    this.#stanzasAt = Math.max(this.#stanzasAt, now) + stanzaCount * this.#msPerStanza;
    return Math.max(this.#bytesAt, this.#stanzasAt) - this.burstMs;
  }
}
