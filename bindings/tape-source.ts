/*
 * The strings of a tape of Framing.Document as they are written: names with their prefixes, values, texts.
 *
 * Strings are cut from decoded blocks of a bounded size, so that a kept string keeps little else alive;
 * only what the core flags is decoded as UTF-8 or rewritten. Nothing here calls foreign code. Offsets are
 * those of the records: bytes from `base` on.
 */
import { Flag, Kind, Tape } from '../assembly/abi.js';
import { decoded, unescapeText, unescapeValue, writtenNames } from './document.js';
import type { Engine } from './engine.js';
import { copyBytes, latin1Text, utf8Text } from './text.js';

/** Records, and the bytes that they speak of: offsets count from `base`. */
interface Records {
  words: Int32Array;
  bytes: Uint8Array;
  base: number;
}

/**
 * Puts copies in the place of the records from `start` to `stop`, which begin at 0 then, and of the bytes they speak
 * of. Returns the offset behind those; 0 for none.
 */
export function keepRecords(tape: Records, start: number, stop: number): number {
  const { bytes, base } = tape;
  const words = tape.words.slice(start, stop);
  let first = Infinity;
  let last = 0;
  for (let record = 0; record < words.length; record += Tape.Size) {
    const kind = words[record] & 0xff;
    if (kind === Kind.Error) break;
    const offset = words[record + Tape.Offset];
    if (kind === Kind.End) {
      last = Math.max(last, words[record + Tape.Extent]);
      continue;
    }
    const isNamed = kind === Kind.Attribute || kind === Kind.Xmlns;
    first = Math.min(first, isNamed ? words[record + Tape.Detail] : offset);
    const end =
      kind === Kind.Start
        ? nameEnd(bytes, base + offset + 1) + 1 - base
        : offset + words[record + Tape.Extent];
    last = Math.max(last, end);
  }
  tape.words = words;
  if (first >= last) return 0;
  tape.bytes = copyBytes(bytes, base + first, base + last);
  tape.base = -first;
  return last;
}

/** The index just after the name that starts at `start`. */
function nameEnd(bytes: Uint8Array, start: number): number {
  let end = start;
  while (!isDelimiter(bytes[end])) end++;
  return end;
}

export class TapeSource implements Records {
  words: Int32Array;
  bytes: Uint8Array;
  base = 0;
  /** Bytes that are decoded at a time. */
  readonly #blockSize: number;
  #block = '';
  #blockStart = 0;
  #blockEnd = 0;

  constructor(engine: Engine, blockSize: number) {
    this.words = engine.words;
    this.bytes = engine.bytes;
    this.#blockSize = blockSize;
  }

  /** Reads the engine's tape from now on. */
  open(engine: Engine): void {
    this.words = engine.words;
    this.bytes = engine.bytes;
    this.base = engine.base;
    this.#blockStart = 0;
    this.#blockEnd = 0;
  }

  /** Copies the records from `start` to `stop`, which begin at 0 then, and the bytes they speak of. */
  keep(start: number, stop: number): void {
    keepRecords(this, start, stop);
    this.#blockEnd = 0;
  }

  /** The name of a START. */
  elementName(record: number): string {
    const id = this.words[record] >>> 16;
    if (id !== 0) return writtenNames[id];
    const start = this.words[record + Tape.Offset] + 1;
    return decoded(this.cut(start, this.nameEnd(start)));
  }

  /** The name of an ATTRIBUTE or XMLNS. */
  attributeName(record: number): string {
    const { words } = this;
    const head = words[record];
    const id = head >>> 16;
    if (id !== 0) return writtenNames[id];
    const start = words[record + Tape.Detail];
    const isSpaced = (head & (Flag.Spaced << 8)) !== 0;
    const end = isSpaced ? this.nameEnd(start) : words[record + Tape.Offset] - 2;
    return decoded(this.cut(start, end));
  }

  /** The value of an ATTRIBUTE or XMLNS. */
  value(record: number): string {
    const flags = this.words[record] >>> 8;
    const span = this.#span(record, flags);
    return (flags & Flag.Escaped) === 0 ? span : unescapeValue(span);
  }

  /** What a TEXT says. */
  text(record: number): string {
    const flags = this.words[record] >>> 8;
    const span = this.#span(record, flags);
    return (flags & Flag.Escaped) === 0 ? span : unescapeText(span, (flags & Flag.Cdata) !== 0);
  }

  /** Where the name that begins at `start` ends. Bounded by its tag: white space, '/', '=' or '>' follows. */
  nameEnd(start: number): number {
    return nameEnd(this.bytes, this.base + start) - this.base;
  }

  /** A piece of the source with one character a byte. */
  cut(start: number, end: number): string {
    if (start < this.#blockStart || end > this.#blockEnd) {
      const limit = this.bytes.length - this.base;
      this.#blockStart = start;
      this.#blockEnd = Math.max(end, Math.min(start + this.#blockSize, limit));
      this.#block = latin1Text(this.bytes, this.base + start, this.base + this.#blockEnd);
    }
    return this.#block.substring(start - this.#blockStart, end - this.#blockStart);
  }

  /** The span of a TEXT, ATTRIBUTE or XMLNS as it stands in the source. */
  #span(record: number, flags: number): string {
    const start = this.words[record + Tape.Offset];
    const end = start + this.words[record + Tape.Extent];
    if ((flags & Flag.High) === 0) return this.cut(start, end);
    return utf8Text(this.bytes, this.base + start, this.base + end);
  }
}

function isDelimiter(byte: number): boolean {
  // The end of the bytes, undefined, is one too.
  return !(byte > 0x20) || byte === 0x2f || byte === 0x3d || byte === 0x3e;
}
