/*
 * Tokens of XML, one call a token, for the drop-ins that imitate an event emitter or build trees.
 *
 * It reads the tape of the core like SaxParser, and differs in what the originals need: attributes
 * are ordinary objects, an end tag says whether it is that of an empty-element tag, a text whether
 * it is a CDATA section, input after the end is ignored instead of refused, and with `roots: 'many'`
 * one element may follow another, as frames of RFC 7395 do.
 *
 * Invariants (design note 050): feeding never throws for what the input says; the first fault is the
 * last call. Position and depth are committed before a handler is called: an exception of it leaves
 * `write`, and the calls after it come first at the next write. A write from inside a handler waits
 * until the tokens before it are delivered. A cut UTF-8 sequence or surrogate pair waits as well.
 */
import { Abi, Control, Feed, Flag, Framing, Kind, Misc, Option, Tape } from '../../assembly/abi.js';
import { ErrorCode } from '../../assembly/errors.js';
import type { Engine } from '../engine.js';
import { checkedEngine, checkOptions, endsInHighSurrogate, type Chunk } from '../input.js';
import { release, watch, type Lease } from '../lease.js';
import { limitValues, openLimits, type Limits, type LimitValues } from '../limits.js';
import { keepRecords } from '../tape-source.js';
import { copyBytes } from '../text.js';
import { errorAt, type XmlError } from '../xml-error.js';
import type { Attributes } from './attributes.js';
import { TapeStrings, textBlockMax } from './tape-strings.js';

/** Who is told of the tokens. */
export interface TokenHandler {
  start(name: string, attrs: Attributes, isEmpty: boolean): void;
  /** `isEmpty`: the element was an empty-element tag, whose start was the call before. */
  end(name: string, isEmpty: boolean): void;
  /** Text between two tags as a whole; each CDATA section is a text of its own. Never empty. */
  text(value: string, isCdata: boolean): void;
  /** The first fault; nothing follows. */
  error(error: XmlError): void;
  /** A comment or processing instruction that is skipped, or the XML declaration. */
  misc?(kind: number): void;
  /** Elements at one depth are taken as a whole where all of their tokens are there. */
  readonly units?: UnitHandler | undefined;
}

/** Who makes an element of its tokens at once, and is told of it in one call. */
export interface UnitHandler {
  /** Levels around an element that is taken. */
  readonly depth: number;
  /**
   * The element of a START record, with `strings.next` behind its END; undefined where that is not
   * on the tape, or where the tokens are wanted one by one. Calls nothing foreign.
   */
  take(strings: TapeStrings, start: number): unknown;
  /** What `take` gave. */
  deliver(unit: never): void;
}

/** What every parser of this folder takes. */
export interface ReaderOptions {
  /** Skip comments and processing instructions instead of refusing them; DOCTYPE stays refused. */
  readonly document?: boolean;
  /** Of a token (a tag or a text); children are not counted unless `maxChildren` is named. */
  readonly limits?: Limits;
  readonly engine?: Engine;
}

export const readerOptions: readonly string[] = ['document', 'limits', 'engine'];

/** A token has at most 1 MiB, nesting 256 levels; a stream of any length has one root. */
const tokenLimits: LimitValues = [1 << 20, 256, 256, openLimits[3], 1024, 256];

const enum State {
  Reading,
  Failed,
  Ended,
}

export class TokenReader {
  readonly #handler: TokenHandler;
  readonly #engine: Engine;
  readonly #many: boolean;
  /** What is skipped behind a root may go on in the next piece: the next root begins with its own "<". */
  readonly #isLazy: boolean;
  /** Nothing is skipped and not told, so that the places of a text can be counted. */
  readonly #isPlain: boolean;
  /** undefined when the core has it back. */
  #lease: Lease | undefined;
  #state: State = State.Reading;
  #isDispatching = false;
  #isEnding = false;
  /** Inputs that are still to be read. */
  #queue: Chunk[] = [];
  /** The first half of a surrogate pair. */
  #pending = '';
  /** Names of the open elements. */
  readonly #names: string[] = [];
  #isEmpty = false;
  /** `many`: the root has ended, what follows is another. */
  #isBetween = false;

  /** The tape that is being read. */
  readonly #strings: TapeStrings;
  #index = 0;
  /** Bytes since the first root's start to `base`, and to the token that is delivered. */
  #origin = 0;
  #token = 0;

  /** Throws UsageError for options that are not as described. */
  constructor(
    handler: TokenHandler,
    options: ReaderOptions = {},
    roots: 'one' | 'many' = 'one',
    defaults: LimitValues = tokenLimits,
  ) {
    checkOptions(options, readerOptions);
    this.#handler = handler;
    const skip = options.document === true ? Option.SkipMisc : 0;
    const report = handler.misc === undefined ? 0 : Option.ReportMisc;
    this.#many = roots === 'many';
    this.#isLazy = skip !== 0;
    this.#isPlain = skip === 0 && report === 0;
    const limits = limitValues(options.limits, defaults);
    const engine = checkedEngine(options.engine);
    this.#engine = engine;
    this.#lease = { engine, handle: engine.open(Framing.Document, skip | report, limits), limits };
    watch(this, this.#lease);
    this.#strings = new TapeStrings(engine.words, engine.bytes);
  }

  /** Levels that are open. In `start` the new one is counted, in `end` the closed one is not. */
  get depth(): number {
    return this.#names.length;
  }

  /** Where the token that is delivered begins (an end tag: where it ends), in bytes. */
  get offset(): number {
    return this.#origin + this.#token;
  }

  /** Reads the next piece; nothing after the end or a fault. Throws what a handler throws. */
  write(chunk: unknown): void {
    if (this.#state !== State.Reading || this.#isEnding) return;
    const input = chunkOf(chunk);
    if (this.#isDispatching) {
      // The caller may use its array again.
      this.#queue.push(typeof input === 'string' ? input : copyBytes(input, 0, input.length));
      return;
    }
    // What an exception held back comes before it.
    if (this.#index < this.#strings.stop || this.#queue.length > 0) {
      this.#queue.push(input);
      this.#run();
    } else {
      this.#run(input);
    }
  }

  /** Delivers what an exception of a handler held back; nothing is read any more. */
  end(): void {
    if (this.#state !== State.Reading) return;
    // From inside a handler: after what was written before.
    this.#isEnding = true;
    if (!this.#isDispatching) this.#run();
  }

  /** Gives up what the parser holds in the core; no handler is called any more. */
  stop(): void {
    if (this.#state === State.Reading) this.#state = State.Ended;
    this.#strings.stop = this.#index;
    this.#queue = [];
    if (this.#engine.reader === this) this.#engine.reader = null;
    if (this.#lease === undefined) return;
    release(this, this.#lease);
    this.#lease = undefined;
  }

  /** Copies what is still to be read. @internal */
  detach(): void {
    const strings = this.#strings;
    const end = keepRecords(strings, this.#index, strings.stop);
    strings.stop = strings.words.length;
    strings.open('', 0, end);
    this.#index = 0;
  }

  #run(input?: Chunk): void {
    this.#isDispatching = true;
    try {
      if (input !== undefined) this.#read(input);
      this.#dispatch();
      while (this.#queue.length > 0) {
        this.#read(this.#queue.shift() ?? '');
        this.#dispatch();
      }
      if (this.#isEnding) this.stop();
    } finally {
      this.#isDispatching = false;
      if (this.#engine.reader === this) {
        // A handler threw: what is left waits for the next write.
        this.#engine.reader = null;
        this.detach();
      }
      if (this.#state !== State.Reading) this.stop();
      if (this.#queue.length > 0) {
        this.#queue = this.#queue.map((input) =>
          typeof input === 'object' ? copyBytes(input, 0, input.length) : input,
        );
      }
    }
  }

  /** Feeds the first piece of `input`; the rest goes back to the head of the queue. */
  #read(input: Chunk): void {
    const engine = this.#engine;
    if (this.#state !== State.Reading || this.#lease === undefined || input.length === 0) return;
    const { handle } = this.#lease;
    let source = '';
    if (this.#isBetween) {
      this.#isBetween = false;
      engine.reset(handle);
    }
    if (typeof input === 'string') {
      let text = this.#pending + input;
      this.#pending = '';
      if (endsInHighSurrogate(text)) {
        this.#pending = text.charAt(text.length - 1);
        text = text.substring(0, text.length - 1);
        if (text === '') return;
      }
      const read = engine.write(text);
      if (read < text.length) {
        this.#queue.unshift(text.substring(read) + this.#pending);
        this.#pending = '';
      } else if (read <= textBlockMax && (this.#isPlain || read === engine.written)) {
        source = text;
      }
    } else if (this.#pending !== '') {
      this.#queue.unshift(input);
      engine.write(this.#pending);
      this.#pending = '';
    } else {
      const end = Math.min(Abi.InputSize, input.length);
      engine.writeBytes(input, 0, end);
      if (end < input.length) this.#queue.unshift(input.subarray(end));
    }
    const count = engine.feed(handle, Feed.Open);
    if (count > 0) this.#open(count, source);
  }

  /** Makes `count` words of the engine's tape the tape that is read; `source` is what was fed, or ''. */
  #open(count: number, source: string): void {
    const engine = this.#engine;
    engine.reader = this;
    const { words, tape, control, bytes, base } = engine;
    const strings = this.#strings;
    strings.words = words;
    strings.stop = tape + count;
    strings.bytes = bytes;
    strings.base = base;
    this.#index = tape;
    this.#origin =
      (words[control + Control.BaseHigh] >>> 0) * 0x1_0000_0000 +
      (words[control + Control.BaseLow] >>> 0);
    if (this.#many) this.#splitRoots();
    const last = strings.stop - Tape.Size;
    const extent = words[last + Tape.Extent];
    const isEnd = (words[last] & 0xff) === Kind.End;
    const limit = isEnd ? extent : words[last + Tape.Offset] + extent;
    strings.open(source, engine.inputOffset - base, limit, engine.written);
  }

  /** Where a second root begins in the same piece, what is left of the piece is read again. */
  #splitRoots(): void {
    const { words } = this.#engine;
    const strings = this.#strings;
    const last = strings.stop - Tape.Size;
    if ((words[last] & 0xff) !== Kind.Error) return;
    if (words[last + Tape.Detail] !== ErrorCode.XmlContentAfterRoot) return;
    // Offsets of errors count from the start of the stream, those of bytes from `base`.
    const at = strings.base + errorAt(words, last).offset - this.#origin;
    if (strings.bytes[at] !== 0x3c) return;
    const { inputOffset, written } = this.#engine;
    const rest = copyBytes(strings.bytes, at, inputOffset + written);
    if (this.#pending !== '') {
      this.#queue.unshift(this.#pending);
      this.#pending = '';
    }
    this.#queue.unshift(rest);
    strings.stop = last;
    this.#isBetween = true;
  }

  /** Calls the handler for what is left on the tape. */
  #dispatch(): void {
    const handler = this.#handler;
    const names = this.#names;
    const strings = this.#strings;
    while (this.#index < strings.stop) {
      const { words } = strings;
      const index = this.#index;
      const head = words[index];
      switch (head & 0xff) {
        case Kind.Start: {
          // Whoever begins to listen ends this.
          const { units } = handler;
          if (names.length === units?.depth) {
            const unit = units.take(strings, index);
            if (unit === undefined) {
              // Its tokens are read once more.
              strings.forgetText();
            } else {
              this.#index = strings.next;
              this.#token = words[this.#index - Tape.Size + Tape.Extent];
              if (names.length === 0 && this.#many && !this.#isLazy) this.#isBetween = true;
              units.deliver(unit as never);
              break;
            }
          }
          const name = strings.name(index);
          const attrs = strings.attributes(index);
          this.#index = strings.next;
          names.push(name);
          const isEmpty = (head & (Flag.Empty << 8)) !== 0;
          this.#isEmpty = isEmpty;
          this.#token = words[index + Tape.Offset];
          handler.start(name, attrs, isEmpty);
          break;
        }
        case Kind.End: {
          this.#index = index + Tape.Size;
          this.#token = words[index + Tape.Extent];
          const name = names.pop() ?? '';
          strings.passName(name);
          const isEmpty = this.#isEmpty;
          this.#isEmpty = false;
          if (names.length === 0 && this.#many && !this.#isLazy) this.#isBetween = true;
          handler.end(name, isEmpty);
          break;
        }
        case Kind.Text: {
          this.#index = index + Tape.Size;
          this.#token = words[index + Tape.Offset];
          const misc = head >>> 16;
          if (misc !== Misc.None) handler.misc?.(misc);
          else handler.text(strings.text(index), (head & (Flag.Cdata << 8)) !== 0);
          break;
        }
        case Kind.Error: {
          this.#index = strings.stop;
          this.#state = State.Failed;
          this.#queue = [];
          const error = errorAt(words, index);
          this.#token = error.offset - this.#origin;
          handler.error(error);
          break;
        }
        default:
          throw new Error(`the core gave a record of kind ${head & 0xff} in a document`);
      }
    }
    if (this.#engine.reader === this) this.#engine.reader = null;
  }
}

/** What the originals take: text, bytes, or anything that has a text. */
function chunkOf(chunk: unknown): Chunk {
  if (typeof chunk === 'string') return chunk;
  if (ArrayBuffer.isView(chunk) && (chunk as Uint8Array).BYTES_PER_ELEMENT === 1) {
    return chunk as Uint8Array;
  }
  // Throws a TypeError for null and undefined, as theirs does.
  return (chunk as { toString(): string }).toString();
}
