/*
 * Random numbers from a seed (mulberry32), the same on every machine, and cuts made with them.
 */

import type { Cut } from '../reference/run.js';

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** An integer of 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** An integer from 0 to `count - 1`. */
  below(count: number): number {
    return this.next() % count;
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

/** Pieces of one size; an empty input is one empty piece. */
export const pieces =
  (size: number): Cut =>
  (bytes) => {
    const list = [bytes.subarray(0, size)];
    for (let from = size; from < bytes.length; from += size) {
      list.push(bytes.subarray(from, from + size));
    }
    return list;
  };

/** Pieces of random sizes, many of them small, now and then an empty one. */
export const randomCut =
  (seed: number): Cut =>
  (bytes) => {
    const random = new Random(seed);
    const list: Uint8Array[] = [];
    let from = 0;
    do {
      const size = random.oneIn(8) ? 0 : 1 + random.below(random.pick([2, 8, 40, 400]));
      list.push(bytes.subarray(from, from + size));
      from += size;
    } while (from < bytes.length);
    return list;
  };
