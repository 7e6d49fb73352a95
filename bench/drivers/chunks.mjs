/** Segments of a corpus cut into chunks of one size, once and before any timing. */

import { readFileSync } from 'node:fs';

export class Chunks {
  #bytes;
  #size;
  #cut = new Map();

  constructor(corpus, size) {
    this.#bytes = readFileSync(corpus.path);
    this.#size = size;
    this.header = this.#bytes.subarray(0, corpus.headerLength);
  }

  of([start, end]) {
    let pieces = this.#cut.get(start);
    if (pieces === undefined) {
      pieces = [];
      for (let offset = start; offset < end; offset += this.#size) {
        pieces.push(this.#bytes.subarray(offset, Math.min(offset + this.#size, end)));
      }
      this.#cut.set(start, pieces);
    }
    return pieces;
  }

  bytes(ranges) {
    return ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  }
}
