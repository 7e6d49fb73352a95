/*
 * What waits to be written to one client: units of bytes, which messages of the mailbox count as arrived once they
 * are, and the commit that all of it waits for (commits.ts). It writes nothing itself.
 */
export class Outbox {
  #units: Uint8Array[] = [];
  #length = 0;
  #tags: number[] = [];
  /** How many writes must last before anything may be written. */
  #heldUntil = 0;
  #after: (() => void) | undefined;

  get isEmpty(): boolean {
    return this.#units.length === 0;
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    this.#units.push(bytes);
    this.#length += bytes.length;
  }

  /** A message of the mailbox arrives when what was pushed is written. */
  confirmWith(tag: number): void {
    this.#tags.push(tag);
  }

  /** Nothing is written before so many writes last. */
  holdUntil(written: number): void {
    if (written > this.#heldUntil) this.#heldUntil = written;
  }

  isHeld(lasting: number): boolean {
    return this.#units.length > 0 && this.#heldUntil > lasting;
  }

  /** What is to be written now. */
  take(): readonly Uint8Array[] {
    const units = this.#units;
    this.clear();
    return units;
  }

  clear(): void {
    this.#units = [];
    this.#length = 0;
  }

  takeTags(): readonly number[] {
    const tags = this.#tags;
    if (tags.length > 0) this.#tags = [];
    return tags;
  }

  /** What is to be done when all is written. */
  afterwards(action: () => void): void {
    this.#after = action;
  }

  finish(): void {
    const action = this.#after;
    this.#after = undefined;
    action?.();
  }
}
