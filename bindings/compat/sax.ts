/*
 * The strict parser of sax, over the core: listeners in properties, `write(chunk).close()`, and its
 * stream (RFC 6120, section 11).
 *
 * Only the strict mode: the other is a set of habits for HTML, and refused with UsageError. Stricter
 * than the original: everything that the core refuses, prefixes without `xmlns` and white space in
 * values included; comments and processing instructions are faults unless `document` is true. After
 * the first fault nothing is reported; `resume` lets `write` pass and revives nothing.
 */
import '../wasm/parser.js';
import { UsageError } from '../errors.js';
import type { XmlError } from '../xml-error.js';
import type { Emitter, Listener } from './emitter.js';
import { LegacyStream } from './legacy-stream.js';
import {
  rootBindings,
  SaxEvents,
  type OpenTag,
  type SaxHooks,
  type SaxState,
} from './sax-events.js';
import { faultOf, sentenceOf } from './sax-fault.js';
import type { SaxReader } from './sax-reader.js';
import type {
  EventName,
  EventValues,
  Listeners,
  QualifiedTag,
  SAXOptions,
  Tag,
} from './sax-types.js';

export type * from './sax-types.js';

export const EVENTS = [
  'text',
  'processinginstruction',
  'sgmldeclaration',
  'doctype',
  'comment',
  'opentagstart',
  'attribute',
  'opentag',
  'closetag',
  'opencdata',
  'cdata',
  'closecdata',
  'error',
  'end',
  'ready',
  'script',
  'opennamespace',
  'closenamespace',
] as const satisfies readonly EventName[];

/** The entities that there are. */
const xmlEntities: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.assign(Object.create(null) as Record<string, string>, {
    amp: '&',
    gt: '>',
    lt: '<',
    quot: '"',
    apos: "'",
  }),
);

class StrictParser implements Omit<SaxState, keyof Listeners> {
  declare readonly strict: true;
  declare readonly opt: SAXOptions;
  /** The open tags, and the one that was read last. */
  declare tags: OpenTag[];
  declare tag: OpenTag | null;
  /** The first fault; `write` throws it until `resume`. */
  declare error: Error | null;
  declare closed: boolean;
  declare sawRoot: boolean;
  declare closedRoot: boolean;
  /** UTF-16 units up to and with the `<` of the token that is reported. */
  declare startTagPosition: number;
  declare ns?: Record<string, string>;
  readonly #reader: SaxReader;

  constructor(strict?: boolean, opt: SAXOptions = {}) {
    if (!strict) {
      throw new UsageError('only the strict parser of sax is here: new SAXParser(true, options)');
    }
    if (opt.unquotedAttributeValues === true) {
      throw new UsageError('unquotedAttributeValues is refused: they are no XML');
    }
    this.strict = true;
    this.opt = opt;
    this.startTagPosition = 0;
    const { document, limits, engine } = opt;
    const hooks: SaxHooks = {
      fail: (error) => this.#fail(error),
      finish: () => this.#finish(),
    };
    const { reader } = new SaxEvents(this, hooks, {
      ...(document === undefined ? {} : { document }),
      ...(limits === undefined ? {} : { limits }),
      ...(engine === undefined ? {} : { engine }),
      position: opt.position !== false,
      outside: true,
      isNs: opt.xmlns === true,
      trim: opt.trim === true,
      normalize: opt.normalize === true,
    });
    this.#reader = reader;
    this.#begin();
  }

  /** UTF-16 units before the next character. In listeners, that of the end of the event. */
  get position(): number {
    return this.#reader.position?.units ?? 0;
  }

  /** Its line, from 0, and its column in UTF-16 units, from 0. Lines end with LF. */
  get line(): number {
    return this.#reader.position?.feeds ?? 0;
  }

  get column(): number {
    const { position } = this.#reader;
    return position === undefined ? 0 : position.units - position.feedStart;
  }

  /** Reads a piece of the document; null is its end. Throws a fault that was met before. */
  write(chunk: string | object | null): this {
    if (this.error !== null) throw this.error;
    if (chunk === null) this.#reader.finish();
    else if (typeof chunk === 'string' || ArrayBuffer.isView(chunk)) this.#reader.write(chunk);
    // As with the original, whatever makes a string of itself.
    else this.#reader.write((chunk as { toString(): string }).toString());
    return this;
  }

  /** The document is over: `end` and `ready`, or a fault if it is not complete. */
  close(): this {
    return this.write(null);
  }

  /** The same, and no throwing of an earlier fault. */
  end(): void {
    this.#reader.finish();
  }

  /** Lets `write` pass after a fault. Nothing more is reported: the document has no more to say. */
  resume(): this {
    this.error = null;
    return this;
  }

  /** For the interface's sake: a text is reported when it is complete. */
  flush(): void {
    // Nothing is kept that could be reported.
  }

  #begin(): void {
    this.tags = [];
    this.tag = null;
    this.error = null;
    this.closed = false;
    this.sawRoot = false;
    this.closedRoot = false;
    if (this.opt.xmlns === true) this.ns = rootBindings();
    (this as Listeners).onready?.();
  }

  #fail(error: XmlError): void {
    const place = this.opt.position === false ? '' : `\nLine: ${this.line}\nColumn: ${this.column}`;
    this.error = faultOf(error, sentenceOf(error) + place);
    (this as Listeners).onerror?.(this.error);
  }

  #finish(): void {
    this.closed = true;
    try {
      (this as Listeners).onend?.();
    } finally {
      this.#reader.restart();
      this.#begin();
    }
  }
}

/**
 * The parser of sax: its methods and fields, and a property for each listener. `tag` and `error` are
 * null where there is none, as with the original, whose types leave that out too.
 */
export type SAXParser = Omit<StrictParser, 'tag' | 'tags' | 'error' | Returning> &
  Listeners & {
    tag: Tag;
    tags: (Tag | QualifiedTag)[];
    error: Error;
    write(chunk: string | object | null): SAXParser;
    close(): SAXParser;
    resume(): SAXParser;
  };

type Returning = 'write' | 'close' | 'resume';

interface ParserClass {
  new (strict?: boolean, opt?: SAXOptions): SAXParser;
  (strict?: boolean, opt?: SAXOptions): SAXParser;
  readonly prototype: SAXParser;
}

/**
 * Reads a document and calls the listeners that its properties hold.
 *
 *     const parser = new SAXParser(true, { xmlns: true });
 *     parser.onopentag = ({ local, uri }: QualifiedTag) => console.log(local, uri);
 *     parser.write("<a xmlns='urn:x'/>").close();   // prints: a urn:x
 *
 * Throws UsageError unless `strict` is true. It may be called without `new`.
 */
export const SAXParser = /* @__PURE__ */ callable(StrictParser) as ParserClass;

/** The same as `new SAXParser`. */
export function parser(strict?: boolean, opt?: SAXOptions): SAXParser {
  return new SAXParser(strict, opt);
}

const forwarded = EVENTS.filter((event) => event !== 'error' && event !== 'end');

class StrictStream extends LegacyStream {
  readonly writable = true;
  readonly readable = true;
  /** Listeners of errors call its `resume`, as with the original. */
  readonly _parser: SAXParser;

  constructor(strict?: boolean, opt?: SAXOptions) {
    super();
    this._parser = new SAXParser(strict, opt);
    this._parser.onend = () => this.emit('end');
    this._parser.onerror = (error) => {
      this.emit('error', error);
      // Somebody has listened, or this would not be reached: the next write does not throw.
      this._parser.resume();
    };
    for (const event of forwarded) {
      Object.defineProperty(this, `on${event}`, {
        get: (): unknown => Reflect.get(this._parser, `on${event}`),
        set: (listener: ((value?: unknown) => void) | null | undefined) => {
          if (listener) {
            this.on(event, listener);
            return;
          }
          this.removeAllListeners(event);
          Reflect.set(this._parser, `on${event}`, listener);
        },
        enumerable: true,
        configurable: false,
      });
    }
  }

  override on(event: string | symbol, listener: (...values: never[]) => void): this {
    const name = `on${String(event)}`;
    if (forwarded.some((each) => each === event) && !Reflect.get(this._parser, name)) {
      Reflect.set(this._parser, name, (...values: unknown[]) => this.emit(event, ...values));
    }
    return super.on(event, listener);
  }

  /** Reads a piece of the document, cut anywhere, and emits it as `data`. */
  write(data: string | object): boolean {
    this._parser.write(data);
    this.emit('data', data);
    return true;
  }

  end(chunk?: string | Uint8Array | (() => void)): this {
    if (typeof chunk !== 'function' && chunk !== undefined && chunk.length > 0) this.write(chunk);
    this._parser.end();
    return this;
  }
}

/** Listeners of events by their names. */
interface StreamEmitter extends Emitter {
  on<Name extends EventName>(
    event: Name,
    listener: (this: SAXStream, ...values: EventValues[Name]) => void,
  ): this;
  on(event: 'data', listener: (this: SAXStream, chunk: string | Uint8Array) => void): this;
  on(event: string | symbol, listener: Listener): this;
}

/** The stream of sax: an old-style stream that is written to, and emits the events of the parser. */
export interface SAXStream
  extends Omit<StrictStream, keyof Emitter | 'end'>, StreamEmitter, Listeners {
  end(chunk?: string | Uint8Array | (() => void)): this;
  /** Where the runtime has streams. */
  pipe<Target>(target: Target, options?: { readonly end?: boolean }): Target;
}

interface StreamClass {
  new (strict?: boolean, opt?: SAXOptions): SAXStream;
  (strict?: boolean, opt?: SAXOptions): SAXStream;
  readonly prototype: SAXStream;
}

export const SAXStream = /* @__PURE__ */ callable(StrictStream) as StreamClass;

/** The same as `new SAXStream`. */
export function createStream(strict?: boolean, opt?: SAXOptions): SAXStream {
  return new SAXStream(strict, opt);
}

/** A class that may be called without `new`, as the functions of sax may. */
function callable(constructor: new (...values: never[]) => object): unknown {
  return new Proxy(constructor, {
    apply: (target, _this, values: never[]) => new target(...values),
  });
}

export default { parser, SAXParser, SAXStream, createStream, EVENTS, XML_ENTITIES: xmlEntities };
export { xmlEntities as XML_ENTITIES };
