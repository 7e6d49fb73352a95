/*
 * What the drop-ins for sax, saxes and node-expat have in common: input in pieces, a queue of events,
 * and the rules of delivery.
 *
 * Invariants: the events of a piece of input are all known before the first is delivered. Each is
 * taken off the queue before it is delivered, so when a listener throws, its exception leaves `write`
 * and the events after it come first at the next one. A `write` from inside a listener waits until the
 * events before it are delivered. The first fault is the last event; what follows it is not read.
 *
 * A `lead` is a start tag that is read before the document and not reported, around one that has no
 * root of its own.
 */
import { Abi, Feed, Framing, Option } from '../../assembly/abi.js';
import { ErrorCode } from '../../assembly/errors.js';
import type { Engine } from '../engine.js';
import type { TercetError } from '../errors.js';
import { checkedBytes, checkedEngine, endsInHighSurrogate, type Chunk } from '../input.js';
import { release, watch, type Lease } from '../lease.js';
import { limitValues, openLimits, type LimitValues } from '../limits.js';
import { copyBytes } from '../text.js';
import { XmlError } from '../xml-error.js';
import type { DocumentOptions } from './sax-options.js';
import { Position } from './sax-position.js';
import { TokenReader, type StartTag, type TokenSink } from './sax-tokens.js';

export interface ReaderOptions extends DocumentOptions {
  /** Whether positions are counted. */
  readonly position: boolean;
  /** Prefixes without a declaration pass. */
  readonly anyPrefix?: boolean;
  readonly lead?: { readonly start: string; readonly end: string };
  /** White space outside the root element is wanted, once there was a token. */
  readonly outside?: boolean;
}

/** The adapter's side: turns tokens into events, and delivers events. */
export interface EventSource
  extends
    Pick<TokenSink, 'startTag' | 'endTag' | 'text' | 'failed'>,
    Partial<Pick<TokenSink, 'comment' | 'instruction' | 'declaration'>> {
  /** The input is over and was complete. */
  ended?(): void;
  /** Calls the listeners of an event. `event` and `value` are what was given to `put`. */
  deliver?(event: number, value: unknown): void;
}

const enum State {
  Reading,
  Failed,
  /** The end was read. */
  Ended,
}

/** A token has at most 1 MiB, nesting 256 levels; a stream of any length has one root. */
const tokenLimits: LimitValues = [1 << 20, 256, 256, openLimits[3], 1024, 256];

/** Room for so many events is kept from one piece of input to the next. */
const keptEvents = 2048;

/** In the queue of inputs: the end of all input. */
const inputEnd = Symbol('end');

export class SaxReader implements TokenSink {
  readonly #source: EventSource;
  readonly #options: ReaderOptions;
  readonly #engine: Engine;
  readonly #tokens: TokenReader;
  readonly #keptBytes: number;
  /** undefined when the core has it back. */
  #lease: Lease | undefined;
  #state: State = State.Reading;
  #isDispatching = false;
  #inputs: (Chunk | typeof inputEnd)[] = [];
  /** Half a surrogate pair. */
  #pending = '';

  // The events that are known and not delivered: from `#next` to `#count`.
  #events: number[] = [];
  #values: unknown[] = [];
  #offsets: number[] = [];
  #starts: number[] = [];
  #next = 0;
  #count = 0;

  /** Bytes fed, without the lead, and up to the end of the last token and the last event. */
  #fed = 0;
  #read = 0;
  #offset = 0;
  #start = 0;
  #known = -1;
  #position: Position | undefined;

  /** Bytes of the lead that the core was fed. */
  #leadBytes = 0;
  #isLeadOver = false;

  /** White space outside the root, and whether it may go on with the next piece. */
  #outside = '';
  #isOutsideOpen = false;
  #piece: Chunk = '';
  #pieceStart = 0;

  constructor(source: EventSource, options: ReaderOptions) {
    this.#source = source;
    this.#options = options;
    const limits = limitValues(options.limits, tokenLimits);
    const engine = checkedEngine(options.engine);
    this.#engine = engine;
    this.#keptBytes = limits[0] + Abi.InputSize;
    this.#tokens = new TokenReader(engine, this);
    const misc =
      options.document === true
        ? Option.SkipMisc | Option.ReportMisc | Option.LenientBom
        : Option.ReportMisc;
    const prefixes = options.anyPrefix === true ? Option.AnyPrefix : 0;
    const handle = engine.open(Framing.Document, misc | prefixes, limits);
    this.#lease = { engine, handle, limits };
    watch(this, this.#lease);
    this.#begin();
  }

  #begin(): void {
    this.#state = State.Reading;
    this.#fed = 0;
    this.#read = 0;
    this.#offset = 0;
    this.#known = -1;
    this.#position = this.#options.position ? new Position(this.#keptBytes) : undefined;
    this.#leadBytes = 0;
    this.#isLeadOver = false;
    this.#outside = '';
    this.#isOutsideOpen = false;
    this.#tokens.clear();
  }

  /** Bytes that were read. */
  get size(): number {
    return this.#fed;
  }

  /** There was a fault, or the end was read: nothing is read any more. */
  isOver(): boolean {
    return this.#state !== State.Reading;
  }

  get hasFailed(): boolean {
    return this.#state === State.Failed;
  }

  /** Bytes before the event that is delivered; between events all that were fed, or before the fault. */
  get offset(): number {
    return this.#isDispatching || this.hasFailed ? this.#offset : this.#fed;
  }

  /** Where that is, for those who asked for positions. */
  get position(): Position | undefined {
    this.#position?.move(this.offset);
    return this.#position;
  }

  /** Reads a piece of input and delivers its events. Throws UsageError for what is no input. */
  write(chunk: unknown): void {
    const input = typeof chunk === 'string' ? chunk : checkedBytes(chunk);
    if (this.#isDispatching) {
      // The caller may use its array again.
      this.#inputs.push(typeof input === 'string' ? input : copyBytes(input, 0, input.length));
      return;
    }
    this.#inputs.push(input);
    this.#run();
  }

  /** The input is over. */
  finish(): void {
    this.#inputs.push(inputEnd);
    if (!this.#isDispatching) this.#run();
  }

  /** Expects a new document, after the end of one. Events that wait are still delivered. */
  restart(): void {
    if (this.#lease === undefined) return;
    this.#engine.reset(this.#lease.handle);
    this.#begin();
  }

  /** Gives up what the core holds; events that wait are gone. */
  close(): void {
    this.#state = State.Ended;
    this.#inputs = [];
    this.#clearEvents();
    this.#release();
  }

  /** Adds an event. `offset` is where in the input it is, `start` where its token is. */
  put(event: number, value: unknown, offset: number, start = offset): void {
    const index = this.#count++;
    this.#events[index] = event;
    this.#values[index] = value;
    this.#offsets[index] = offset;
    this.#starts[index] = start;
  }

  /**
   * UTF-16 units up to and with the first character of the token that is delivered; `known` are those
   * of the event before. To be asked for each event, since the position does not go back.
   */
  startUnits(known: number): number {
    if (this.#position === undefined || this.#start === this.#known) return known;
    this.#known = this.#start;
    this.#position.move(this.#start + 1);
    return this.#position.units;
  }

  /** A fault that is found while events are delivered: the events that wait are not delivered. */
  abort(error: XmlError): void {
    this.#clearEvents();
    this.failed(error);
  }

  #release(): void {
    if (this.#lease === undefined) return;
    release(this, this.#lease);
    this.#lease = undefined;
  }

  #clearEvents(): void {
    // The arrays are used again, but for those of a long piece; what they hold is forgotten.
    if (this.#count > keptEvents) {
      this.#events = [];
      this.#values = [];
      this.#offsets = [];
      this.#starts = [];
    } else this.#values.fill(undefined, this.#next, this.#count);
    this.#count = 0;
    this.#next = 0;
  }

  #run(): void {
    this.#isDispatching = true;
    try {
      this.#deliver();
      for (let input = this.#inputs.shift(); input !== undefined; input = this.#inputs.shift()) {
        this.#feed(input);
        this.#deliver();
      }
    } finally {
      this.#isDispatching = false;
      this.#inputs = this.#inputs.map((input) =>
        typeof input === 'object' ? copyBytes(input, 0, input.length) : input,
      );
      this.#piece = '';
      const waiting = this.#next < this.#count ? this.#offset : this.#read;
      this.#position?.settle(waiting);
    }
  }

  #deliver(): void {
    const source = this.#source;
    while (this.#next < this.#count) {
      const index = this.#next++;
      this.#offset = this.#offsets[index];
      this.#start = this.#starts[index];
      const value = this.#values[index];
      this.#values[index] = undefined;
      source.deliver?.(this.#events[index], value);
    }
    this.#clearEvents();
  }

  /** Feeds the first piece of `input`; the rest goes back to the head of the queue. */
  #feed(input: Chunk | typeof inputEnd): void {
    if (this.#state !== State.Reading || this.#lease === undefined) return;
    if (input === inputEnd) {
      this.#readEnd(this.#lease.handle);
      return;
    }
    this.#openLead();
    const engine = this.#engine;
    if (typeof input !== 'string' && this.#pending === '') {
      if (input.length === 0) return;
      const end = Math.min(Abi.InputSize, input.length);
      engine.writeBytes(input, 0, end);
      const isWhole = end === input.length;
      if (!isWhole) this.#inputs.unshift(input.subarray(end));
      this.#open(isWhole ? input : input.subarray(0, end));
      return;
    }
    let text = this.#pending;
    this.#pending = '';
    if (typeof input === 'string') {
      text += input;
      if (endsInHighSurrogate(text)) {
        this.#pending = text.charAt(text.length - 1);
        text = text.substring(0, text.length - 1);
      }
    } else this.#inputs.unshift(input);
    if (text === '') return;
    const read = engine.write(text);
    if (read < text.length) {
      this.#inputs.unshift(text.substring(read) + this.#pending);
      this.#pending = '';
      text = text.substring(0, read);
    }
    this.#open(text);
  }

  /** Feeds what was written, which is `piece`, and reads the tape. */
  #open(piece: Chunk): void {
    if (this.#lease === undefined) return;
    const { written } = this.#engine;
    this.#position?.add(piece, written);
    this.#piece = piece;
    this.#pieceStart = this.#fed;
    this.#fed += written;
    if (this.#isOutsideOpen) this.#gather(0);
    this.#tokens.open(this.#engine.feed(this.#lease.handle, Feed.Open), this.#leadBytes);
  }

  #readEnd(handle: number): void {
    if (this.#pending !== '') {
      this.#inputs.unshift(inputEnd);
      this.#engine.write(this.#pending);
      const half = this.#pending;
      this.#pending = '';
      this.#open(half);
      return;
    }
    this.#openLead();
    const { lead } = this.#options;
    if (lead !== undefined) {
      this.#isLeadOver = true;
      this.#engine.write(lead.end);
      this.#tokens.open(this.#engine.feed(handle, Feed.Open), this.#leadBytes);
    }
    if (this.isOver()) return;
    this.#tokens.open(this.#engine.end(handle), this.#leadBytes);
    if (this.isOver()) return;
    this.#flushOutside(this.#fed);
    this.#state = State.Ended;
    this.#offset = this.#fed;
    this.#source.ended?.();
  }

  /** Feeds the lead, before anything else. */
  #openLead(): void {
    const { lead } = this.#options;
    if (this.#lease === undefined || lead === undefined || this.#leadBytes > 0) return;
    this.#engine.write(lead.start);
    this.#leadBytes = lead.start.length;
    this.#tokens.open(this.#engine.feed(this.#lease.handle, Feed.Open), this.#leadBytes);
  }

  // ---- White space outside the root -----------------------------------------------------------

  /** Takes the white space that the piece has from `index` on. */
  #gather(index: number): void {
    const piece = this.#piece;
    let end = index;
    const codeAt = (at: number) => (typeof piece === 'string' ? piece.charCodeAt(at) : piece[at]);
    while (end < piece.length && isSpace(codeAt(end))) {
      if (this.#outside.length < this.#keptBytes) this.#outside += String.fromCharCode(codeAt(end));
      end++;
    }
    this.#isOutsideOpen = end === piece.length;
  }

  /** A token outside the root has ended. */
  #gatherAfter(offset: number): void {
    this.#read = offset;
    if (this.#options.outside !== true || this.#tokens.depth > 0) return;
    const piece = this.#piece;
    let index = offset - this.#pieceStart;
    if (typeof piece === 'string' && this.#engineBytes !== piece.length) {
      index = unitsOf(piece, index);
    }
    this.#gather(index);
  }

  get #engineBytes(): number {
    return this.#fed - this.#pieceStart;
  }

  #flushOutside(offset: number): void {
    if (this.#outside === '') return;
    const text = this.#outside;
    this.#outside = '';
    this.#source.text(text.replace(/\r\n?/g, '\n'), false, offset - text.length, offset);
  }

  // ---- Tokens ---------------------------------------------------------------------------------

  startTag(tag: StartTag): void {
    if (this.#leadBytes > 0 && this.#tokens.depth === 1) return;
    this.#flushOutside(tag.start);
    this.#read = tag.end;
    this.#source.startTag(tag);
  }

  endTag(name: string, start: number, end: number): void {
    if (this.#leadBytes > 0 && this.#tokens.depth === 0) {
      // The input has no business to close what it did not open.
      if (!this.#isLeadOver) this.failed(new XmlError(ErrorCode.XmlEndTagMismatch, start));
      return;
    }
    this.#source.endTag(name, start, end);
    this.#gatherAfter(end);
  }

  text(value: string, isCdata: boolean, start: number, end: number): void {
    this.#read = end;
    this.#source.text(value, isCdata, start, end);
  }

  comment(value: string, start: number, end: number): void {
    this.#flushOutside(start);
    this.#source.comment?.(value, start, end);
    this.#gatherAfter(end);
  }

  instruction(target: string, body: string, start: number, end: number): void {
    this.#flushOutside(start);
    this.#source.instruction?.(target, body, start, end);
    this.#gatherAfter(end);
  }

  declaration(source: string, start: number, end: number): void {
    this.#source.declaration?.(source, start, end);
    this.#gatherAfter(end);
  }

  /** A fault that is found in a token: the events before it are still delivered. */
  failed(error: XmlError): void {
    this.#state = State.Failed;
    this.#tokens.clear();
    this.#inputs = [];
    this.#pending = '';
    this.#release();
    this.#source.failed(error);
  }
}

/** The error as the original has it: an Error whose message says where, with the fault's own fields. */
export function faultOf(error: XmlError, message: string): Error {
  return Object.assign(new Error(message, { cause: error }), {
    code: error.code,
    condition: error.condition,
    offset: error.offset,
  });
}

/** What a fault says, without its place. */
export function sentenceOf(error: TercetError): string {
  return error.message.replace(/ \(byte \d+\)$/, '');
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
