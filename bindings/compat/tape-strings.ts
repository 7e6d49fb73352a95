/*
 * The strings of a tape of Framing.Document: names, texts, and attributes as ordinary objects.
 *
 * Strings are cut from blocks: of at most 1 KiB, or of the fed text itself where that has at most
 * 4 KiB, so that a kept string keeps little alive. Only what the core flags is decoded as UTF-8 or
 * rewritten. Nothing here calls foreign code.
 *
 * In a fed text places are not counted in bytes: beyond ASCII a string is found by what all strings
 * before it have told of the difference. So each record is read once and in order, or `forgetText`
 * is called.
 */
import { Flag, Kind, Namespace, Tape } from '../../assembly/abi.js';
import { unescapeText, unescapeValue, writtenNames } from '../document.js';
import { latin1Text, utf8Text } from '../text.js';
import { vocabularyNamespaces } from '../vocabulary.js';
import { namespacedShapes, plainShapes, shapeMax } from './attribute-shapes.js';
import { put, type Attributes } from './attributes.js';
import { nameAt } from './recent-names.js';

/** Ids of the vocabulary, which never change. */
const enum Known {
  None = 0,
  Xmlns = 5,
  Lang = 6,
  Id = 7,
  To = 8,
  From = 9,
  Type = 10,
}

/** Bytes that are decoded at a time: what a kept string keeps alive. */
const blockSize = 1024;

/** Text of ASCII that is no longer than this serves as a block itself. */
export const textBlockMax = 4096;

// A copy: V8 reads plain arrays faster than frozen ones.
const namespaces: readonly string[] = /* @__PURE__ */ vocabularyNamespaces.slice();

export class TapeStrings {
  words: Int32Array;
  /** Just behind the last record, an index into `words`. */
  stop = 0;
  /** What the offsets of records count from `base` in. */
  bytes: Uint8Array;
  base = 0;
  /** After `attributes`: the record behind them. */
  next = 0;
  // A decoded piece of the bytes.
  #block = '';
  #blockStart = 0;
  #blockEnd = 0;
  /** What offsets have more than places in the block. */
  #shift = 0;
  /** The block is the fed text, which is not ASCII. */
  #isText = false;
  /** Nothing is cut behind this, but for the name of a start tag without attributes. */
  #limit = 0;

  constructor(words: Int32Array, bytes: Uint8Array) {
    this.words = words;
    this.bytes = bytes;
  }

  /**
   * Another piece of input begins: `source` is its text, whose first byte is at `start`, or '';
   * `limit` is its last byte, `length` its bytes.
   */
  open(source: string, start: number, limit: number, length = source.length): void {
    // Behind much that an earlier piece began, the core reads a copy of the input, elsewhere in memory.
    const isThere = source !== '' && start >= 0;
    this.#block = source;
    this.#blockStart = start;
    this.#blockEnd = isThere ? start + length : start;
    this.#shift = start;
    this.#isText = isThere && length !== source.length;
    this.#limit = limit;
  }

  /** The text is of no use any more: places in it are not known. */
  forgetText(): void {
    if (!this.#isText) return;
    this.#isText = false;
    this.#blockEnd = this.#blockStart;
  }

  /** The name of a START record. */
  name(record: number): string {
    const id = this.words[record] >>> 16;
    if (id !== Known.None) return writtenNames[id];
    return this.#nameAt(this.words[record + Tape.Offset] + 1);
  }

  /** The value of a TEXT record. */
  text(record: number): string {
    const flags = this.words[record] >>> 8;
    const value = this.#span(record, flags);
    if ((flags & Flag.Escaped) === 0) return value;
    return unescapeText(value, (flags & Flag.Cdata) !== 0);
  }

  /** The attributes of a START record; `next` is the record behind them. */
  attributes(start: number): Attributes {
    const { words, stop } = this;
    const first = start + Tape.Size;
    let record = first;
    const isNamespaced =
      first < stop && isAttribute(words[first]) && words[first] >>> 16 === Known.Xmlns;
    // The names of a shape, one byte each.
    let key = 0;
    let count = 0;
    let isKnown = true;
    if (isNamespaced) record += Tape.Size;
    while (record < stop && isAttribute(words[record])) {
      if (count < shapeMax) {
        const id = words[record] >>> 16;
        if (id === Known.None || id > 0xff) isKnown = false;
        key = (key << 8) | id;
        count++;
      }
      record += Tape.Size;
    }
    this.next = record;
    if (record === first) return {};
    const uri = defaultNamespace(words, start);
    if (count === 0) return { xmlns: this.#value(first, uri) };
    let attrs: Attributes | undefined;
    let rest = first;
    if (isKnown) {
      const shape = (isNamespaced ? namespacedShapes : plainShapes).find(key);
      if (shape !== undefined) {
        const x = isNamespaced ? this.#value(first, uri) : '';
        const head = isNamespaced ? first + Tape.Size : first;
        const a = this.#value(head, uri);
        const b = count > 1 ? this.#value(head + Tape.Size, uri) : '';
        const c = count > 2 ? this.#value(head + 2 * Tape.Size, uri) : '';
        const d = count > 3 ? this.#value(head + 3 * Tape.Size, uri) : '';
        attrs = isNamespaced ? shape(x, a, b, c, d) : shape(a, b, c, d, '');
        rest = head + count * Tape.Size;
        if (rest === record) return attrs;
      }
    }
    return this.#addAttributes(attrs ?? {}, rest, record, uri);
  }

  /** Sets the attributes of the records from `first` to `end`, in their order. */
  #addAttributes(attrs: Attributes, first: number, end: number, uri: string): Attributes {
    const { words } = this;
    for (let each = first; each < end; each += Tape.Size) {
      const id = words[each] >>> 16;
      if (id === Known.None) {
        // Before the value, as it stands.
        const name = this.#nameAt(words[each + Tape.Detail]);
        put(attrs, name, this.#value(each, uri));
        continue;
      }
      const value = this.#value(each, uri);
      // A name that is written here is set three times as fast as one that is looked up.
      if (id === Known.To) attrs.to = value;
      else if (id === Known.From) attrs.from = value;
      else if (id === Known.Id) attrs.id = value;
      else if (id === Known.Type) attrs.type = value;
      else if (id === Known.Xmlns) attrs.xmlns = value;
      else if (id === Known.Lang) attrs['xml:lang'] = value;
      else attrs[writtenNames[id]] = value;
    }
    return attrs;
  }

  /** The value of an attribute; `uri` is what `xmlns` holds, or ''. */
  #value(record: number, uri: string): string {
    const head = this.words[record];
    if (uri !== '' && head >>> 16 === Known.Xmlns) return uri;
    const flags = head >>> 8;
    const span = this.#span(record, flags);
    return (flags & Flag.Escaped) === 0 ? span : unescapeValue(span);
  }

  /** The span of a TEXT, ATTRIBUTE or XMLNS record, as it stands in the source. */
  #span(record: number, flags: number): string {
    const start = this.words[record + Tape.Offset];
    const end = start + this.words[record + Tape.Extent];
    if ((flags & Flag.High) !== 0) return this.#highSpan(record, start, end);
    if (start < this.#blockStart || end > this.#blockEnd) this.#decode(start, end);
    return this.#block.substring(start - this.#shift, end - this.#shift);
  }

  /** A span that is not ASCII: in a text it ends where its delimiter stands. */
  #highSpan(record: number, start: number, end: number): string {
    // A value's quote stands before it.
    if (this.#isText && start > this.#blockStart && end <= this.#blockEnd) {
      const head = this.words[record];
      const from = start - this.#shift;
      let delimiter = '<';
      if ((head & 0xff) !== Kind.Text) delimiter = this.#block.charAt(from - 1);
      else if ((head & (Flag.Cdata << 8)) !== 0) delimiter = ']]>';
      const to = this.#block.indexOf(delimiter, from);
      this.#shift = end - to;
      if (to >= 0) return this.#block.substring(from, to);
    }
    // It began in an earlier piece.
    this.forgetText();
    return utf8Text(this.bytes, this.base + start, this.base + end);
  }

  /** A name that the vocabulary does not have. */
  #nameAt(start: number): string {
    const name = nameAt(this.bytes, this.base + start);
    this.passName(name);
    return name;
  }

  /** A name stands here that no record tells the length of. */
  passName(name: string): void {
    if (this.#isText && !isAscii(name)) this.forgetText();
  }

  /** Makes the block one that holds this piece of the source. */
  #decode(start: number, end: number): void {
    this.#isText = false;
    this.#blockStart = start;
    this.#shift = start;
    this.#blockEnd = Math.max(end, Math.min(start + blockSize, this.#limit));
    this.#block = latin1Text(this.bytes, this.base + start, this.base + this.#blockEnd);
  }
}

function isAscii(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) >= 0x80) return false;
  }
  return true;
}

function isAttribute(head: number): boolean {
  const kind = head & 0xff;
  return kind === Kind.Attribute || kind === Kind.Xmlns;
}

/** What `xmlns` holds in a start tag whose namespace is one of the vocabulary, else ''. */
function defaultNamespace(words: Int32Array, start: number): string {
  // A prefix stands for something else than `xmlns`.
  if ((words[start] & (Flag.Prefixed << 8)) !== 0) return '';
  const reference = words[start + Tape.Detail];
  return reference > Namespace.None && reference < Namespace.Header ? namespaces[reference] : '';
}
