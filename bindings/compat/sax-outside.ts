/*
 * White space outside the root element, which the core passes over and sax and saxes report.
 *
 * It is taken from the input itself: behind each token outside the root, and on through the pieces
 * that follow. What is longer than a token may be is dropped.
 */
import type { Chunk } from '../input.js';

export class OutsideSpace {
  readonly #keptBytes: number;
  #text = '';
  /** It may go on with the next piece. */
  #isOpen = false;
  #piece: Chunk = '';
  #start = 0;
  #size = 0;

  constructor(keptBytes: number) {
    this.#keptBytes = keptBytes;
  }

  /** The next piece of input, which begins at the offset `start` and has `size` bytes of UTF-8. */
  open(piece: Chunk, start: number, size: number): void {
    this.#piece = piece;
    this.#start = start;
    this.#size = size;
    if (this.#isOpen) this.#gather(0);
  }

  /** A token outside the root has ended at `offset`. */
  follow(offset: number): void {
    const piece = this.#piece;
    const index = offset - this.#start;
    const isWide = typeof piece === 'string' && this.#size !== piece.length;
    this.#gather(isWide ? unitsOf(piece, index) : index);
  }

  /** What was gathered, with its line ends as they are. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  /** The caller goes on, and its piece with it. */
  settle(): void {
    this.#piece = '';
  }

  clear(): void {
    this.#text = '';
    this.#isOpen = false;
  }

  #gather(index: number): void {
    const piece = this.#piece;
    let end = index;
    const codeAt = (at: number) => (typeof piece === 'string' ? piece.charCodeAt(at) : piece[at]);
    while (end < piece.length && isSpace(codeAt(end))) {
      if (this.#text.length < this.#keptBytes) this.#text += String.fromCharCode(codeAt(end));
      end++;
    }
    this.#isOpen = end === piece.length;
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** UTF-16 units of the first `bytes` bytes of a text. */
function unitsOf(text: string, bytes: number): number {
  let offset = 0;
  let index = 0;
  while (offset < bytes) {
    const code = text.codePointAt(index) ?? 0;
    offset += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    index += code < 0x10000 ? 1 : 2;
  }
  return index;
}
