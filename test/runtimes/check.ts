/*
 * The form of a check and of what comes of it.
 */

export interface Check {
  /** What the table in docs/RUNTIMES.md calls it. */
  readonly name: string;
  /** Returns what must be the same everywhere. */
  readonly run: () => string | Promise<string>;
}

export interface Outcome {
  readonly name: string;
  readonly state: 'yes' | 'n/a' | 'fail';
  /** The text, the reason or the error. */
  readonly value: string;
}

/** A runtime cannot have this, and why. */
export class NotHere extends Error {}

export function expectSame(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

/** SHA-256 of texts, the border between two of them included, as hexadecimal. */
export async function hashOf(texts: readonly string[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(texts));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
