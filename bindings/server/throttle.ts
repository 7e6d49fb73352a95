/*
 * Makes a client wait that sends faster than it may (rate-meter.ts): its transport is not read until it no longer is
 * ahead, so TCP makes it wait and others are served meanwhile.
 */
import type { Transport } from './connection-owner.js';
import type { RateMeter } from './rate-meter.js';

export class Throttle {
  readonly #meter: RateMeter;
  readonly #transport: Transport;
  /** Until when nothing is read. */
  #pausedUntil: number | undefined;
  /** Whether it ever was too fast. */
  wasFast = false;

  constructor(meter: RateMeter, transport: Transport) {
    this.#meter = meter;
    this.#transport = transport;
  }

  /** Counts what was read. False where it is too much, and the transport cannot wait. */
  count(byteCount: number, stanzaCount: number, now: number): boolean {
    const until = this.#meter.count(byteCount, stanzaCount, now);
    if (until <= now) return true;
    this.wasFast = true;
    if (!this.#transport.pause) return until <= now + this.#meter.burstMs;
    this.#transport.pause();
    this.#pausedUntil = until;
    return true;
  }

  tick(now: number): void {
    if (this.#pausedUntil !== undefined && now >= this.#pausedUntil) this.readOn();
  }

  readOn(): void {
    if (this.#pausedUntil === undefined) return;
    this.#pausedUntil = undefined;
    this.#transport.resume?.();
  }
}
