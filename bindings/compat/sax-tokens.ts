/*
 * What the tape of a document says, token by token: names, values and texts as strings, and where
 * each token stands in the input.
 *
 * A token is read off the tape completely before anything else runs, so the engine may be used by
 * foreign code between two calls of `open`, and never during one. Strings are cut from blocks of a few
 * hundred bytes, so that a kept string keeps little else alive.
 */
import { Control, Flag, Kind, Misc, Tape } from '../../assembly/abi.js';
import { decoded } from '../document.js';
import type { Engine } from '../engine.js';
import { TapeSource } from '../tape-source.js';
import { XmlError } from '../xml-error.js';

/** A start tag. The reader of tokens fills the same one again for the next tag. */
export interface StartTag {
  name: string;
  /** Attributes, declarations among them: so many of the next three are this tag's. */
  count: number;
  /** Names as written and values, in document order. */
  readonly names: string[];
  readonly values: string[];
  /** Bytes before the end of each value's closing quote. */
  readonly ends: number[];
  isEmpty: boolean;
  /** Bytes before the `<`, and up to and with the character behind the name. */
  start: number;
  named: number;
  /** That character is the first of a CR LF. */
  isReturned: boolean;
  /** Bytes up to and with the `>`. */
  end: number;
}

/** Takes tokens; offsets are bytes since the start of the document. */
export interface TokenSink {
  startTag(tag: StartTag): void;
  /** `start` is that of the end tag, or of the `/` of an empty one. */
  endTag(name: string, start: number, end: number): void;
  /** `end` is behind the `]]>` of a CDATA section. */
  text(value: string, isCdata: boolean, start: number, end: number): void;
  comment(value: string, start: number, end: number): void;
  instruction(target: string, body: string, start: number, end: number): void;
  /** What stands between `<?xml` and `?>`. */
  declaration(source: string, start: number, end: number): void;
  failed(error: XmlError): void;
}

/** Bytes that are decoded at a time. */
const blockSize = 512;

export class TokenReader {
  readonly #engine: Engine;
  readonly #sink: TokenSink;
  /** Names of the open elements. */
  readonly #names: string[] = [];
  readonly #tag: StartTag = {
    name: '',
    count: 0,
    names: [],
    values: [],
    ends: [],
    isEmpty: false,
    start: 0,
    named: 0,
    isReturned: false,
    end: 0,
  };
  /** Where the tape that is read ends. */
  #stop = 0;
  readonly #source: TapeSource;

  constructor(engine: Engine, sink: TokenSink) {
    this.#engine = engine;
    this.#sink = sink;
    this.#source = new TapeSource(engine, blockSize);
  }

  /** Elements that are open after the last token. */
  get depth(): number {
    return this.#names.length;
  }

  /** Forgets the open elements, and what is left of a tape that is read. */
  clear(): void {
    this.#names.length = 0;
    this.#stop = 0;
  }

  /**
   * Reads `count` words of the engine's tape. `lead` is how many bytes stood before the document in
   * what the core was fed.
   */
  open(count: number, lead: number): void {
    if (count === 0) return;
    const engine = this.#engine;
    const words = engine.words;
    this.#source.open(engine);
    const low = words[engine.control + Control.BaseLow] >>> 0;
    const high = words[engine.control + Control.BaseHigh] >>> 0;
    const origin = high * 0x1_0000_0000 + low - lead;
    this.#stop = engine.tape + count;
    let index = engine.tape;
    while (index < this.#stop) {
      const head = words[index];
      const start = origin + words[index + Tape.Offset];
      switch (head & 0xff) {
        case Kind.Start:
          index = this.#startTag(index, this.#stop, origin);
          continue;
        case Kind.End:
          this.#sink.endTag(
            this.#names.pop() ?? '',
            origin + words[index + Tape.Detail],
            origin + words[index + Tape.Extent],
          );
          break;
        case Kind.Text:
          this.#textToken(index, start, start + words[index + Tape.Extent]);
          break;
        case Kind.Error:
          this.#names.length = 0;
          this.#sink.failed(
            new XmlError(
              words[index + Tape.Detail],
              (words[index + Tape.Extent] >>> 0) * 0x1_0000_0000 +
                (words[index + Tape.Offset] >>> 0) -
                lead,
            ),
          );
          return;
        default:
          throw new Error(`the core gave a record of kind ${head & 0xff} in a document`);
      }
      index += Tape.Size;
    }
  }

  #startTag(start: number, stop: number, origin: number): number {
    const source = this.#source;
    const { words, bytes, base } = source;
    const tag = this.#tag;
    const from = words[start + Tape.Offset];
    const nameEnd = source.nameEnd(from + 1);
    tag.name = source.elementName(start);
    let count = 0;
    let end = nameEnd;
    let index = start + Tape.Size;
    for (; index < stop; index += Tape.Size) {
      const head = words[index];
      const kind = head & 0xff;
      if (kind !== Kind.Attribute && kind !== Kind.Xmlns) break;
      tag.names[count] = source.attributeName(index);
      tag.values[count] = source.value(index);
      end = words[index + Tape.Offset] + words[index + Tape.Extent] + 1;
      tag.ends[count++] = origin + end;
    }
    tag.count = count;
    // White space and '/' may stand before the '>'.
    while (bytes[base + end] !== 0x3e) end++;
    tag.isEmpty = (words[start] & (Flag.Empty << 8)) !== 0;
    tag.start = origin + from;
    tag.named = origin + nameEnd + 1;
    const next = base + nameEnd;
    tag.isReturned = bytes[next] === 0x0d && bytes[next + 1] === 0x0a;
    tag.end = origin + end + 1;
    this.#names.push(tag.name);
    this.#sink.startTag(tag);
    return index;
  }

  #textToken(record: number, start: number, end: number): void {
    const source = this.#source;
    const head = source.words[record];
    const flags = (head >>> 8) & 0xff;
    // An empty section is an empty record; a text is never empty.
    const isEmpty = start === end && head >>> 16 === 0;
    const isCdata = (flags & Flag.Cdata) !== 0 || isEmpty;
    const value = source.text(record);
    const sink = this.#sink;
    switch (head >>> 16) {
      case Misc.None:
        sink.text(value, isCdata, isCdata ? start - 9 : start, isCdata ? end + 3 : end);
        break;
      case Misc.Comment:
        sink.comment(value, start - 4, end + 3);
        break;
      case Misc.Instruction: {
        const offset = source.words[record + Tape.Offset];
        let name = offset;
        // Bounded by the "<?" before the target, which has neither of them.
        while (source.bytes[source.base + name - 1] !== 0x3f) name--;
        const target = decoded(source.cut(name, offset));
        sink.instruction(target, value, start - (offset - name) - 2, end + 2);
        break;
      }
      default:
        sink.declaration(value, start - 5, end + 2);
    }
  }
}
