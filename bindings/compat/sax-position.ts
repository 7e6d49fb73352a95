/*
 * Lines, columns and UTF-16 positions of byte offsets, for parsers whose users read them in handlers.
 *
 * Events of the core have offsets in bytes. The input since the last event is kept here, at most
 * `keptBytes` of it, and counted when it is passed. The cursor only moves forward: an earlier offset
 * than the last one asked for has the place of the last one.
 */
import { copyBytes } from '../text.js';
import type { Chunk } from '../input.js';

interface Piece {
  source: Chunk;
  /** Offset of its first byte, and bytes of UTF-8. */
  readonly start: number;
  readonly length: number;
}

/** From so many bytes on, a view that reads four at a time pays. */
const wordsMin = 64;

export class Position {
  /** UTF-16 units before the cursor. */
  units = 0;
  /** Line ends before the cursor: CR LF, LF and CR are one each. */
  lines = 0;
  /** UTF-16 units before the current line. */
  lineStart = 0;
  /** Characters since the line's start. */
  characters = 0;
  /** The same where LF alone ends a line. */
  feeds = 0;
  feedStart = 0;

  readonly #keptBytes: number;
  #pieces: Piece[] = [];
  /** Offset of the cursor, and how far it is in the first piece, in units or bytes of its source. */
  #offset = 0;
  #index = 0;
  #end = 0;
  #isAfterReturn = false;

  constructor(keptBytes: number) {
    this.#keptBytes = keptBytes;
  }

  /** The next piece of input. */
  add(source: Chunk, length: number): void {
    this.#pieces.push({ source, start: this.#end, length });
    this.#end += length;
  }

  /** Moves the cursor to `offset`, at most to the end of the input. */
  move(offset: number): void {
    while (this.#offset < offset && this.#pieces.length > 0) {
      const [piece] = this.#pieces;
      const target = Math.min(offset, piece.start + piece.length);
      if (typeof piece.source === 'string') this.#passText(piece.source, target);
      else this.#passBytes(piece.source, target);
      if (this.#offset < piece.start + piece.length) return;
      this.#pieces.shift();
      this.#index = 0;
    }
  }

  /** No event before `offset` will be asked for, and what is left of the input is the caller's. */
  settle(offset: number): void {
    this.move(Math.max(offset, this.#end - this.#keptBytes));
    for (const piece of this.#pieces) {
      const { source } = piece;
      if (typeof source === 'string') continue;
      const isFirst = piece === this.#pieces[0];
      // The passed part of the first piece goes; the rest is a copy that no caller can change.
      const from = isFirst ? this.#index : 0;
      if (from > 0 || !this.#owned.has(source)) {
        const copy = copyBytes(source, from, source.length);
        this.#owned.add(copy);
        piece.source = copy;
        if (isFirst) this.#index = 0;
      }
    }
  }

  readonly #owned = new WeakSet<Uint8Array>();

  #passText(text: string, target: number): void {
    let index = this.#index;
    let offset = this.#offset;
    // What was passed since the last line end; bounded by the piece.
    let units = 0;
    let characters = 0;
    while (offset < target) {
      const code = text.charCodeAt(index++);
      characters++;
      units++;
      if (code < 0x80) {
        offset++;
        if (code === 0x0a || code === 0x0d) {
          this.#passLineEnd(code, units);
          units = 0;
          characters = 0;
        }
      } else if (code < 0x800) offset += 2;
      else if ((code & 0xfc00) === 0xd800 && (text.charCodeAt(index) & 0xfc00) === 0xdc00) {
        offset += 4;
        units++;
        index++;
      } else offset += 3;
    }
    this.#index = index;
    this.#offset = offset;
    this.#pass(units, characters);
  }

  #passBytes(bytes: Uint8Array, target: number): void {
    let index = this.#index;
    const stop = index + target - this.#offset;
    const words = stop - index < wordsMin ? undefined : viewOf(bytes);
    let units = 0;
    let characters = 0;
    for (; index < stop; index++) {
      if (words !== undefined) {
        // Four bytes at a time while all of them are printable ASCII.
        const plain = index;
        while (index + 4 <= stop && isPlain(words.getInt32(index, true))) index += 4;
        characters += index - plain;
        if (index === stop) break;
      }
      const byte = bytes[index];
      if (byte < 0x80) {
        characters++;
        if (byte === 0x0a || byte === 0x0d) {
          this.#passLineEnd(byte, units + characters);
          units = 0;
          characters = 0;
        }
      } else if (byte >= 0xc0) {
        characters++;
        // A character of four bytes is two units.
        if (byte >= 0xf0) units++;
      }
    }
    this.#index = index;
    this.#offset = target;
    this.#pass(units + characters, characters);
  }

  #pass(units: number, characters: number): void {
    if (units === 0) return;
    this.units += units;
    this.characters += characters;
    this.#isAfterReturn = false;
  }

  /** `units` are those since the last, with the line end itself. */
  #passLineEnd(code: number, units: number): void {
    this.units += units;
    const isSecond = code === 0x0a && this.#isAfterReturn && units === 1;
    if (!isSecond) this.lines++;
    this.lineStart = this.units;
    this.characters = 0;
    if (code === 0x0a) {
      this.feeds++;
      this.feedStart = this.units;
    }
    this.#isAfterReturn = code === 0x0d;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Whether each byte of a word is from 0x20 to 0x7f: taking 0x20 from a smaller one sets its high bit. */
function isPlain(word: number): boolean {
  return ((word | (word - 0x20202020)) & 0x80808080) === 0;
}
