/*
 * How long to wait before connecting again: twice as long after each failure, up to a bound, and a random
 * part of it less, so that the clients of a server that went down do not all come back at once (RFC 6120,
 * section 3.3).
 */
export interface Backoff {
  /** The longest first pause, in milliseconds (1,000). */
  readonly minMs: number;
  /** The longest pause (60,000). */
  readonly maxMs: number;
}

export const defaultBackoff: Backoff = { minMs: 1000, maxMs: 60_000 };

/** A connection that held so long was a good one: the next pause is a short one again. */
const stableMs = 30_000;

/**
 * The pause before the attempt after `failureCount` failures in a row; `random` is from 0 to 1.
 *
 *     backoffMs(0, 0.5)   // 750: between 500 and 1000
 *     backoffMs(3, 1)     // 8000
 */
export function backoffMs(
  failureCount: number,
  random: number,
  { minMs, maxMs }: Backoff = defaultBackoff,
): number {
  const longest = Math.min(maxMs, minMs * 2 ** failureCount);
  return Math.round((longest / 2) * (1 + random));
}

/** The pauses of one client, which can be cut short. */
export class Pauses {
  readonly #backoff: Backoff;
  #failureCount = 0;
  #wake: (() => void) | undefined;

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** A connection has ended that held so long. */
  held(ms: number): void {
    if (ms > stableMs) this.#failureCount = 0;
  }

  /** How long the next one is to be. */
  next(): number {
    const ms = backoffMs(this.#failureCount, Math.random(), this.#backoff);
    this.#failureCount += 1;
    return ms;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }

  /** Ends the pause that is under way. */
  end(): void {
    this.#wake?.();
  }
}
