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
import { Abi, Feed, Framing, Kind, Option, Tape } from '../assembly/abi.js';
import { bareObject } from './bare-object.js';
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
import { TapeSource } from './tape-source.js';
import { copyBytes } from './text.js';
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

  // What is being read: records from `#index` to `#stop`.
  readonly #source: TapeSource;
  #index = 0;
  #stop = 0;

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
    this.#source = new TapeSource(engine, blockSize);
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
    this.#source.keep(this.#index, this.#stop);
    this.#stop -= this.#index;
    this.#index = 0;
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
    this.#source.open(engine);
    this.#index = engine.tape;
    this.#stop = engine.tape + count;
  }

  /** Calls the handlers for what is left on the tape. */
  #dispatch(): void {
    const handlers = this.#handlers;
    const source = this.#source;
    // Position and depth are committed before a handler is called: it may throw, feed or close.
    while (this.#index < this.#stop) {
      const { words } = source;
      const index = this.#index;
      const kind = words[index] & 0xff;
      switch (kind) {
        case Kind.Start: {
          const name = source.elementName(index);
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
          handlers.text?.(source.text(index));
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
          throw new Error(`the core gave a record of kind ${kind} in a document`);
      }
    }
    if (this.#engine.reader === this) this.#engine.reader = null;
  }

  /** The attributes whose records start at `first`; `#index` moves behind them. */
  #attributes(first: number): Attributes {
    const source = this.#source;
    const { words } = source;
    const attrs = bareObject() as Record<string, string>;
    let index = first;
    while (index < this.#stop) {
      const kind = words[index] & 0xff;
      if (kind !== Kind.Attribute && kind !== Kind.Xmlns) break;
      attrs[source.attributeName(index)] = source.value(index);
      index += Tape.Size;
    }
    this.#index = index;
    return attrs;
  }
}
