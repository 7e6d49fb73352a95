/*
 * One line on stderr that counts, for somebody who watches a terminal while the results go elsewhere.
 * Not for a log, and not beside results on the same terminal: there it writes nothing.
 */

/** Milliseconds until the first line, and between two. */
const intervalMs = 250;

export class Progress {
  readonly #noun: string;
  readonly #isSeen = process.stderr.isTTY && !process.stdout.isTTY;
  readonly #start = performance.now();
  #last = this.#start;
  #count = 0;
  #isDrawn = false;

  constructor(noun: string) {
    this.#noun = noun;
  }

  /** So many more are done. */
  add(count: number, remark: string): void {
    this.#count += count;
    const now = performance.now();
    if (!this.#isSeen || now - this.#last < intervalMs) return;
    this.#last = now;
    const rate = Math.round((this.#count * 1000) / (now - this.#start));
    const words = [`${grouped(this.#count)} ${this.#noun}`, `${grouped(rate)} a second`, remark];
    process.stderr.write(`\r\x1b[K${words.filter((each) => each !== '').join(', ')}`);
    this.#isDrawn = true;
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isDrawn) process.stderr.write('\r\x1b[K');
  }
}

/** 1,000,000. */
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
