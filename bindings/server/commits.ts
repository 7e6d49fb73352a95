/*
 * Group commit: writes last together, at most `commitMs` after the first of them, and a client hears of what
 * it caused only then. Not only of acknowledgements (XEP-0198): the result of a roster set says the same.
 *
 *     stanza -> writes -> what its sender hears is held -> commit -> it is written out
 *
 * Others may hear earlier: a message may reach its recipient before it lasts, since nobody was told that it
 * is safe; if the server dies its sender sends it again.
 */
import type { Storage } from './storage/storage.js';

export interface CommitsOptions {
  readonly storage: Storage;
  readonly commitMs: number;
  readonly delay: (action: () => void, ms: number) => void;
  /** Everything written up to `Commits.lasting` lasts now. */
  readonly committed: () => void;
  /** What was written since may be lost; whoever waits for it must not hear that it is done. */
  readonly failed: (error: unknown) => void;
}

export class Commits {
  readonly #options: CommitsOptions;
  #lasting: number;
  #isPlanned = false;

  constructor(options: CommitsOptions) {
    this.#options = options;
    this.#lasting = options.storage.writeCount;
  }

  /** Writes so far; wait until `lasting` reaches it. */
  get written(): number {
    return this.#options.storage.writeCount;
  }

  get lasting(): number {
    return this.#lasting;
  }

  /** Sees to it that what was written will last. */
  plan(): void {
    if (this.#isPlanned || this.written === this.#lasting) return;
    this.#isPlanned = true;
    this.#options.delay(() => void this.#commit(), this.#options.commitMs);
  }

  async #commit(): Promise<void> {
    const { storage, committed, failed } = this.#options;
    const { written } = this;
    try {
      await storage.commit();
      this.#lasting = written;
      this.#isPlanned = false;
      committed();
    } catch (error) {
      this.#lasting = written;
      this.#isPlanned = false;
      failed(error);
    }
    this.plan();
  }
}
