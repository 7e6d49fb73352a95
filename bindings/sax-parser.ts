/*
 * Events of any XML document, token by token, for programs that build their own trees.
 *
 * Invariants: feeding never throws for what the input says; the first fault is the last event. An
 * exception of a handler leaves `feed`, and the events after it come first at the next feed; a feed
 * from inside a handler waits until the events before it are delivered. Handlers may use any other
 * parser, on the same engine too.
 *
 * Strings are cut from blocks of a few hundred bytes, so that a kept string keeps little else alive.
 */
import { Abi, Feed, Flag, Framing, Kind, Option, Tape } from '../assembly/abi.js';
import { bareObject } from './bare-object.js';
import { decoded, unescapeText, unescapeValue, writtenNames } from './document.js';
import type { Attributes } from './element.js';
import type { Engine } from './engine.js';
import { UsageError } from './errors.js';
import {
  checkedBytes,
  checkedEngine,
  checkOptions,
  endsInHighSurrogate,
  type Chunk,
} from './input.js';
import { release, watch, type Lease } from './lease.js';
import { limitValues, type Limits } from './limits.js';
import { copyBytes, latin1Text, utf8Text } from './text.js';
import { errorAt, type XmlError } from './xml-error.js';

/** What to call; each may be left out. `this` is the object of handlers. */
export interface SaxHandlers {
  /** `name` as written, with its prefix; `attrs` like those of Element, without a prototype. */
  startElement?(name: string, attrs: Attributes): void;
  /** Also for an empty-element tag, directly after its start. */
  endElement?(name: string): void;
  /** Text between two tags as a whole; each CDATA section is a text of its own. Never empty. */
  text?(value: string): void;
  /** The first fault; nothing follows. */
  error?(error: XmlError): void;
}

export interface SaxOptions {
  /** Skip comments, processing instructions and a byte order mark instead of refusing them; not DOCTYPE. */
  readonly document?: boolean;
  /** maxStanzaBytes bounds one token here: a tag or a text. */
  readonly limits?: Limits;
  readonly engine?: Engine;
}

const enum State {
  Reading,
  Failed,
  Ended,
  Closed,
}

const handlerNames = ['startElement', 'endElement', 'text', 'error'] as const;

/** Bytes that are decoded at a time. */
const blockSize = 512;

/** In the queue of inputs: the end of all input. */
const inputEnd = Symbol('end');

/**
 * Reads one document with any root and calls handlers with raw names.
 *
 *     const names: string[] = [];
 *     const parser = new SaxParser({ startElement: (name) => names.push(name) });
 *     parser.feed('<a x="1"><b/>');
 *     parser.feed('</a>');
 *     parser.end();
 *     names   // ['a', 'b']
 *
 * A parser that is neither ended nor closed gives its place in the core back when it is collected,
 * which no program can time.
 *
 * Restricted XML (RFC 6120, section 11.1) is an error unless `document` is true; a DOCTYPE always is.
 */
export class SaxParser {
  readonly #handlers: SaxHandlers;
  readonly #engine: Engine;
  /** undefined when the core has it back. */
  #lease: Lease | undefined;
  #state: State = State.Reading;
  #isDispatching = false;
  /** Inputs that are still to be read. */
  #queue: (Chunk | typeof inputEnd)[] = [];
  #pending = '';
  /** Names of the open elements. */
  #names: string[] = [];

  // The tape that is being read, and the bytes that its offsets count from `base` in.
  #words: Int32Array;
  #index = 0;
  #stop = 0;
  #bytes: Uint8Array;
  #base = 0;
  // A decoded piece of these bytes.
  #block = '';
  #blockStart = 0;
  #blockEnd = 0;

  /** Throws UsageError for options that are not as described. */
  constructor(handlers: SaxHandlers, options: SaxOptions = {}) {
    // Callers without types may write anything here.
    if (typeof handlers !== 'object' || (handlers as unknown) === null) {
      throw new UsageError('handlers is not an object');
    }
    for (const name of handlerNames) {
      const handler: unknown = Reflect.get(handlers, name);
      if (handler !== undefined && typeof handler !== 'function') {
        throw new UsageError(`handlers.${name} is not a function`);
      }
    }
    checkOptions(options, ['document', 'limits', 'engine']);
    this.#handlers = handlers;
    const limits = limitValues(options.limits);
    const engine = checkedEngine(options.engine);
    this.#engine = engine;
    // A document may begin with a byte order mark (XML 1.0, section 4.3.3), a stream may not.
    const option = options.document === true ? Option.SkipMisc | Option.LenientBom : 0;
    this.#lease = { engine, handle: engine.open(Framing.Document, option, limits), limits };
    watch(this, this.#lease);
    this.#words = this.#engine.words;
    this.#bytes = this.#engine.bytes;
  }

  /**
   * Reads the next piece of the document. A UTF-8 sequence or a surrogate pair may be cut by its
   * end. Throws UsageError after `end` or `close`, and what a handler throws.
   */
  feed(chunk: Chunk): void {
    if (!this.#mayRead('feed')) return;
    const input = typeof chunk === 'string' ? chunk : checkedBytes(chunk);
    if (this.#isDispatching) {
      // The caller may use its array again.
      this.#queue.push(typeof input === 'string' ? input : copyBytes(input, 0, input.length));
      return;
    }
    this.#queue.push(input);
    this.#run();
  }

  /** The document has ended: what is incomplete is an error. Throws like `feed`. */
  end(): void {
    if (!this.#mayRead('end')) return;
    this.#state = State.Ended;
    this.#queue.push(inputEnd);
    if (!this.#isDispatching) this.#run();
  }

  /**
   * Gives up the parser and what it holds in the core; no handler is called any more. A parser that
   * was told the end, or met an error, holds nothing.
   */
  close(): void {
    if (this.#state === State.Closed) return;
    this.#state = State.Closed;
    this.#stop = this.#index;
    this.#queue = [];
    if (this.#engine.reader === this) this.#engine.reader = null;
    this.#release();
  }

  #release(): void {
    if (this.#lease === undefined) return;
    release(this, this.#lease);
    this.#lease = undefined;
  }

  /** Copies what is still to be read. @internal */
  detach(): void {
    const words = this.#words.slice(this.#index, this.#stop);
    let start = Infinity;
    let end = 0;
    for (let record = 0; record < words.length; record += Tape.Size) {
      const kind = words[record] & 0xff;
      if (kind === Kind.Error) break;
      const offset = words[record + Tape.Offset];
      if (kind === Kind.End) {
        end = Math.max(end, words[record + Tape.Extent]);
        continue;
      }
      const isNamed = kind === Kind.Attribute || kind === Kind.Xmlns;
      start = Math.min(start, isNamed ? words[record + Tape.Detail] : offset);
      end = Math.max(
        end,
        kind === Kind.Start ? this.#nameEnd(offset + 1) + 1 : offset + words[record + Tape.Extent],
      );
    }
    if (start < end) {
      this.#bytes = copyBytes(this.#bytes, this.#base + start, this.#base + end);
      this.#base = -start;
    }
    this.#words = words;
    this.#index = 0;
    this.#stop = words.length;
    this.#blockEnd = 0;
  }

  #mayRead(call: string): boolean {
    if (this.#state === State.Failed) return false;
    if (this.#state === State.Reading) return true;
    throw new UsageError(
      `${call}() after ${this.#state === State.Closed ? 'close' : 'end'}()`,
      'handle-stale',
    );
  }

  #run(): void {
    this.#isDispatching = true;
    try {
      this.#dispatch();
      for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
        this.#read(input);
        this.#dispatch();
      }
    } finally {
      this.#isDispatching = false;
      if (this.#engine.reader === this) {
        // A handler threw: what is left waits for the next feed.
        this.#engine.reader = null;
        this.detach();
      }
      // Nothing can be fed any more.
      if (this.#state !== State.Reading) this.#release();
      this.#queue = this.#queue.map((input) =>
        typeof input === 'object' ? copyBytes(input, 0, input.length) : input,
      );
    }
  }

  /** Feeds the first piece of `input`; the rest goes back to the head of the queue. */
  #read(input: Chunk | typeof inputEnd): void {
    const engine = this.#engine;
    if (this.#state === State.Failed || this.#lease === undefined) return;
    const { handle } = this.#lease;
    if (input === inputEnd) {
      if (this.#pending !== '') {
        this.#queue.unshift(inputEnd);
        engine.write(this.#pending);
        this.#pending = '';
        this.#open(engine.feed(handle, Feed.Open));
        return;
      }
      this.#open(engine.end(handle));
      return;
    }
    if (typeof input === 'string') {
      if (input === '') return;
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
      }
    } else {
      if (input.length === 0) return;
      if (this.#pending !== '') {
        this.#queue.unshift(input);
        engine.write(this.#pending);
        this.#pending = '';
      } else {
        const end = Math.min(Abi.InputSize, input.length);
        engine.writeBytes(input, 0, end);
        if (end < input.length) this.#queue.unshift(input.subarray(end));
      }
    }
    this.#open(engine.feed(handle, Feed.Open));
  }

  /** Makes `count` words of the engine's tape the tape that is read. */
  #open(count: number): void {
    if (count === 0) return;
    const engine = this.#engine;
    engine.reader = this;
    this.#words = engine.words;
    this.#index = engine.tape;
    this.#stop = engine.tape + count;
    this.#bytes = engine.bytes;
    this.#base = engine.base;
    this.#blockStart = 0;
    this.#blockEnd = 0;
  }

  /** Calls the handlers for what is left on the tape. */
  #dispatch(): void {
    const handlers = this.#handlers;
    // Position and depth are committed before a handler is called: it may throw, feed or close.
    while (this.#index < this.#stop) {
      const words = this.#words;
      const index = this.#index;
      const head = words[index];
      switch (head & 0xff) {
        case Kind.Start: {
          const name = this.#elementName(head, words[index + Tape.Offset] + 1);
          const attrs = this.#attributes(index + Tape.Size);
          this.#names.push(name);
          handlers.startElement?.(name, attrs);
          break;
        }
        case Kind.End: {
          this.#index = index + Tape.Size;
          const name = this.#names.pop() ?? '';
          handlers.endElement?.(name);
          break;
        }
        case Kind.Text: {
          this.#index = index + Tape.Size;
          if (handlers.text === undefined) break;
          const flags = head >>> 8;
          const value = this.#span(index, flags);
          const isEscaped = (flags & Flag.Escaped) !== 0;
          handlers.text(isEscaped ? unescapeText(value, (flags & Flag.Cdata) !== 0) : value);
          break;
        }
        case Kind.Error: {
          this.#index = this.#stop;
          this.#state = State.Failed;
          this.#queue = [];
          this.#names = [];
          handlers.error?.(errorAt(words, index));
          break;
        }
        default:
          throw new Error(`the core gave a record of kind ${head & 0xff} in a document`);
      }
    }
    if (this.#engine.reader === this) this.#engine.reader = null;
  }

  /** The attributes whose records start at `first`; `#index` moves behind them. */
  #attributes(first: number): Attributes {
    const words = this.#words;
    const attrs = bareObject() as Record<string, string>;
    let index = first;
    while (index < this.#stop) {
      const head = words[index];
      const kind = head & 0xff;
      if (kind !== Kind.Attribute && kind !== Kind.Xmlns) break;
      const flags = head >>> 8;
      const value = this.#span(index, flags);
      attrs[this.#attributeName(index)] =
        (flags & Flag.Escaped) === 0 ? value : unescapeValue(value);
      index += Tape.Size;
    }
    this.#index = index;
    return attrs;
  }

  #elementName(head: number, start: number): string {
    const id = head >>> 16;
    return id !== 0 ? writtenNames[id] : decoded(this.#cut(start, this.#nameEnd(start)));
  }

  #nameEnd(start: number): number {
    let end = start;
    // Bounded by the tag: a name ends with white space, '/' or '>'.
    while (!isDelimiter(this.#bytes[this.#base + end])) end++;
    return end;
  }

  #attributeName(record: number): string {
    const words = this.#words;
    const head = words[record];
    const id = head >>> 16;
    if (id !== 0) return writtenNames[id];
    const start = words[record + Tape.Detail];
    let end = words[record + Tape.Offset] - 2;
    if ((head & (Flag.Spaced << 8)) !== 0) {
      end = start;
      while (!isDelimiter(this.#bytes[this.#base + end])) end++;
    }
    return decoded(this.#cut(start, end));
  }

  /** The span of a TEXT, ATTRIBUTE or XMLNS record, as it stands in the source. */
  #span(record: number, flags: number): string {
    const start = this.#words[record + Tape.Offset];
    const end = start + this.#words[record + Tape.Extent];
    if ((flags & Flag.High) === 0) return this.#cut(start, end);
    return utf8Text(this.#bytes, this.#base + start, this.#base + end);
  }

  /** A piece of the source with one character a byte. */
  #cut(start: number, end: number): string {
    if (start < this.#blockStart || end > this.#blockEnd) {
      const limit = this.#bytes.length - this.#base;
      this.#blockStart = start;
      this.#blockEnd = Math.max(end, Math.min(start + blockSize, limit));
      this.#block = latin1Text(this.#bytes, this.#base + start, this.#base + this.#blockEnd);
    }
    return this.#block.substring(start - this.#blockStart, end - this.#blockStart);
  }
}

/** White space, '/', '=' or '>': what ends a name in a tag. */
function isDelimiter(byte: number): boolean {
  // The end of the bytes, undefined, is one too.
  return !(byte > 0x20) || byte === 0x2f || byte === 0x3d || byte === 0x3e;
}
