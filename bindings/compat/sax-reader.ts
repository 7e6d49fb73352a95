/*
 * What the drop-ins for sax, saxes, node-expat and the DOMParser have in common: input in pieces, a
 * queue of events, and the rules of delivery.
 *
 * Invariants: the events of a piece of input are all known before the first is delivered. Each is
 * taken off the queue before it is delivered, so when a listener throws, its exception leaves `write`
 * and the events after it come first at the next one. A `write` from inside a listener waits until the
 * events before it are delivered, and so does all of it while the reader is paused. The first fault is
 * the last event; what follows it is not read.
 *
 * A `lead` is a start tag that is read before the document and not reported, around one that has no
 * root of its own.
 */
import { Abi, Feed, Framing, Option } from '../../assembly/abi.js';
import { ErrorCode } from '../../assembly/errors.js';
import type { Engine } from '../engine.js';
import { checkedEngine, type Chunk } from '../input.js';
import { release, watch, type Lease } from '../lease.js';
import { limitValues, openLimits, type LimitValues } from '../limits.js';
import { XmlError } from '../xml-error.js';
import { InputQueue, inputEnd } from './sax-input.js';
import type { DocumentOptions } from './sax-options.js';
import { OutsideSpace } from './sax-outside.js';
import { Position } from './sax-position.js';
import { EventQueue } from './sax-queue.js';
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
  #isPaused = false;
  readonly #inputs = new InputQueue();
  readonly #events = new EventQueue();
  readonly #outside: OutsideSpace | undefined;
  #position: Position | undefined;

  /** Bytes fed, without the lead, and up to the end of the last token and of the event in hand. */
  #fed = 0;
  #read = 0;
  #offset = 0;
  /** The token whose start was counted last. */
  #known = -1;

  /** Bytes of the lead that the core was fed. */
  #leadBytes = 0;
  #isLeadOver = false;

  constructor(source: EventSource, options: ReaderOptions) {
    this.#source = source;
    this.#options = options;
    const limits = limitValues(options.limits, tokenLimits);
    const engine = checkedEngine(options.engine);
    this.#engine = engine;
    this.#keptBytes = limits[0] + Abi.InputSize;
    this.#tokens = new TokenReader(engine, this);
    if (options.outside === true) this.#outside = new OutsideSpace(this.#keptBytes);
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
    this.#outside?.clear();
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

  /** A listener runs. */
  get isDispatching(): boolean {
    return this.#isDispatching;
  }

  /** Elements that are open after the token that is read. */
  get depth(): number {
    return this.#tokens.depth;
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
    if (this.#isDispatching || this.#isPaused) {
      this.#inputs.addCopy(chunk);
      return;
    }
    this.#inputs.add(chunk);
    this.#run();
  }

  /** The input is over. */
  finish(): void {
    this.#inputs.addEnd();
    this.#run();
  }

  /** Delivers nothing more until `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Delivers what has waited. */
  resume(): void {
    this.#isPaused = false;
    this.#run();
  }

  get isPaused(): boolean {
    return this.#isPaused;
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
    this.#inputs.clear();
    this.#events.clear();
    this.#release();
  }

  /** Adds an event. `offset` is where in the input it is, `start` where its token is. */
  put(event: number, value: unknown, offset: number, start = offset): void {
    this.#events.put(event, value, offset, start);
  }

  /** The event in hand has another step after this one, which is at `offset`. */
  putBack(offset: number): void {
    this.#events.putBack();
    this.#offset = offset;
  }

  /**
   * UTF-16 units up to and with the first character of the token that is delivered; `known` are those
   * of the event before. To be asked for each event, since the position does not go back.
   */
  startUnits(known: number): number {
    const { start } = this.#events;
    if (this.#position === undefined || start === this.#known) return known;
    this.#known = start;
    this.#position.move(start + 1);
    return this.#position.units;
  }

  /** A fault that is found while events are delivered: the events that wait are not delivered. */
  abort(error: XmlError): void {
    this.#events.clear();
    this.failed(error);
  }

  #release(): void {
    if (this.#lease === undefined) return;
    release(this, this.#lease);
    this.#lease = undefined;
  }

  #run(): void {
    if (this.#isDispatching || this.#isPaused) return;
    this.#isDispatching = true;
    try {
      this.#deliver();
      while (!this.#inputs.isEmpty && !this.#mustWait()) {
        this.#feed();
        this.#deliver();
      }
    } finally {
      this.#isDispatching = false;
      this.#inputs.settle();
      this.#outside?.settle();
      this.#position?.settle(this.#events.isEmpty ? this.#read : this.#offset);
    }
  }

  /** Asked anew after each listener, which may have paused the reader. */
  #mustWait(): boolean {
    return this.#isPaused;
  }

  #deliver(): void {
    const events = this.#events;
    while (!this.#isPaused && events.take()) {
      this.#offset = events.offset;
      this.#source.deliver?.(events.event, events.value);
    }
  }

  /** Feeds the next piece of input and reads its tape. */
  #feed(): void {
    if (this.#state !== State.Reading || this.#lease === undefined) {
      this.#inputs.clear();
      return;
    }
    this.#openLead();
    const piece = this.#inputs.write(this.#engine);
    if (piece === inputEnd) this.#readEnd(this.#lease.handle);
    else if (piece !== undefined && piece.length > 0) this.#open(this.#lease.handle, piece);
  }

  /** Feeds what was written, which is `piece`, and reads the tape. */
  #open(handle: number, piece: Chunk): void {
    const { written } = this.#engine;
    this.#position?.add(piece, written);
    this.#outside?.open(piece, this.#fed, written);
    this.#fed += written;
    this.#tokens.open(this.#engine.feed(handle, Feed.Open), this.#leadBytes);
  }

  #readEnd(handle: number): void {
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

  /** A token has ended; outside the root white space may follow. */
  #passed(offset: number): void {
    this.#read = offset;
    if (this.#tokens.depth === 0) this.#outside?.follow(offset);
  }

  #flushOutside(offset: number): void {
    const text = this.#outside?.take() ?? '';
    if (text === '') return;
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
    this.#passed(end);
  }

  text(value: string, isCdata: boolean, start: number, end: number): void {
    this.#read = end;
    this.#source.text(value, isCdata, start, end);
  }

  comment(value: string, start: number, end: number): void {
    this.#flushOutside(start);
    this.#source.comment?.(value, start, end);
    this.#passed(end);
  }

  instruction(target: string, body: string, start: number, end: number): void {
    this.#flushOutside(start);
    this.#source.instruction?.(target, body, start, end);
    this.#passed(end);
  }

  declaration(source: string, start: number, end: number): void {
    this.#source.declaration?.(source, start, end);
    this.#passed(end);
  }

  /** A fault that is found in a token: the events before it are still delivered. */
  failed(error: XmlError): void {
    this.#state = State.Failed;
    this.#tokens.clear();
    this.#inputs.clear();
    this.#release();
    this.#source.failed(error);
  }
}
