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
