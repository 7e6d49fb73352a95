/*
 * The SAX back end of ltx: an event emitter with `write` and `end`, and the events of the original
 * in the original's order: `startElement(name, attrs)`, `endElement(name, isEmpty)`, `text(value)`.
 *
 * Stricter: whatever breaks XML, its namespaces, UTF-8 or RFC 6120, section 11.1 is one `error` with
 * an XmlError, and nothing after it; as with every emitter, an `error` that nobody listens to is
 * thrown. Elements may follow each other, for this class also reads frames (RFC 7395). It does not
 * complain at `end()`: that is what the Parser around it does.
 */
import { openLimits, type LimitValues } from '../../limits.js';
import { EventEmitter, type Listener } from '../emitter.js';
import { TokenReader, type ReaderOptions, type TokenHandler } from '../token-reader.js';

/** A document's tokens may be longer than those of a stream. */
const documentLimits: LimitValues = [1 << 24, 256, 256, openLimits[3], 1024, 256];

/** Makes a back end that tells a tree first. */
let make: (tree: TokenHandler, options: ReaderOptions) => SaxLtx;

/**
 * ltx's `parsers/ltx.js`.
 *
 *     const sax = new SaxLtx();
 *     sax.on('startElement', (name, attrs) => console.log(name, attrs.to));
 *     sax.write('<message to="juliet@example.com"/>');   // message juliet@example.com
 *
 * Options, which the original does not have: `limits` and `document` (skip comments and processing
 * instructions instead of refusing them).
 */
export class SaxLtx extends EventEmitter {
  #reader: TokenReader;
  /** Beside a tree there is mostly nobody to tell. */
  #isHeard = false;

  static {
    make = (tree, options) => {
      const sax = new SaxLtx();
      const { document, limits, engine } = options;
      sax.#reader.stop();
      const handler = sax.#treeHandler(tree);
      sax.#reader = new TokenReader(handler, { document, limits, engine }, 'one', documentLimits);
      return sax;
    };
  }

  /** Throws UsageError for options that are not as described. */
  constructor(options: ReaderOptions = {}) {
    super();
    const handler: TokenHandler = {
      start: (name, attrs) => this.emit('startElement', name, attrs),
      end: (name, isEmpty) => this.emit('endElement', name, isEmpty),
      text: (value) => this.emit('text', value),
      error: (error) => this.emit('error', error),
    };
    this.#reader = new TokenReader(handler, options, 'many');
  }

  /** Text or bytes; a character may be cut by the end of a piece. Does nothing after `end`. */
  write(data: string | Uint8Array): void {
    this.#reader.write(data);
  }

  /** Writes `data`, if there is any; afterwards `write` does nothing. */
  end(data?: string | Uint8Array | null): void {
    if (data !== undefined && data !== null && data.length > 0) this.#reader.write(data);
    this.#reader.end();
  }

  override on(event: string | symbol, listener: Listener): this {
    this.#isHeard = true;
    return super.on(event, listener);
  }

  override addListener(event: string | symbol, listener: Listener): this {
    return this.on(event, listener);
  }

  override once(event: string | symbol, listener: Listener): this {
    this.#isHeard = true;
    return super.once(event, listener);
  }

  override prependListener(event: string | symbol, listener: Listener): this {
    this.#isHeard = true;
    return super.prependListener(event, listener);
  }

  override prependOnceListener(event: string | symbol, listener: Listener): this {
    this.#isHeard = true;
    return super.prependOnceListener(event, listener);
  }

  /** The tree first, then listeners. */
  #treeHandler(tree: TokenHandler): TokenHandler {
    return {
      start: (name, attrs, isEmpty) => {
        tree.start(name, attrs, isEmpty);
        if (this.#isHeard) this.emit('startElement', name, attrs);
      },
      end: (name, isEmpty) => {
        tree.end(name, isEmpty);
        if (this.#isHeard) this.emit('endElement', name, isEmpty);
      },
      text: (value, isCdata) => {
        tree.text(value, isCdata);
        if (this.#isHeard) this.emit('text', value);
      },
      error: (error) => {
        if (this.listenerCount('error') > 0) this.emit('error', error);
        tree.error(error);
      },
    };
  }
}

/** A back end that builds a tree of one root beside its events. */
export function treeSax(tree: TokenHandler, options: ReaderOptions): SaxLtx {
  return make(tree, options);
}
