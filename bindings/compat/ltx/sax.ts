/*
 * The SAX back end of ltx: an event emitter with `write` and `end`, and the events of the original
 * in the original's order: `startElement(name, attrs)`, `endElement(name, isEmpty)`, `text(value)`.
 *
 * Stricter: whatever breaks XML, its namespaces, UTF-8 or RFC 6120, section 11.1 is one `error` with
 * an XmlError, and nothing after it; as with every emitter, an `error` that nobody listens to is
 * thrown. Elements may follow each other, for this class also reads frames (RFC 7395). It does not
 * complain at `end()`: that is what the Parser around it does.
 */
import type { Chunk } from '../../input.js';
import { openLimits, type LimitValues } from '../../limits.js';
import { latin1Bytes } from '../../text.js';
import { EventEmitter, type Listener } from '../emitter.js';
import { TokenReader, type ReaderOptions, type TokenHandler } from '../token-reader.js';

/** A document's tokens may be longer than those of a stream. */
export const documentLimits: LimitValues = [1 << 24, 256, 256, openLimits[3], 1024, 256];

/** Who builds a tree of one root. */
export interface TreeHandler extends TokenHandler {
  /**
   * Builds the root of a document that is there completely and has nothing else; undefined for any
   * other. Gives the text, or the bytes as a string of latin1Text. Absent where options ask for more.
   */
  readonly whole?: ((data: Chunk) => string | undefined) | undefined;
}

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
  /** Beside a tree, made when it is needed: most documents come in one piece. */
  #reader: TokenReader | undefined;
  readonly #tree: TreeHandler | undefined;
  /** Beside a tree: the document that was taken as a whole. */
  #taken: string | undefined;
  #isTakenBytes = false;
  #hasEnded = false;
  /** Beside a tree there is mostly nobody to tell. */
  #isHeard = false;

  /** Throws UsageError for options that are not as described. */
  constructor(options?: ReaderOptions);
  constructor(options: ReaderOptions = {}, tree?: TreeHandler) {
    super();
    this.#tree = tree;
    if (tree === undefined) {
      const handler: TokenHandler = {
        start: (name, attrs) => this.emit('startElement', name, attrs),
        end: (name, isEmpty) => this.emit('endElement', name, isEmpty),
        text: (value) => this.emit('text', value),
        error: (error) => this.emit('error', error),
      };
      this.#reader = new TokenReader(handler, options, 'many');
    } else if (tree.whole === undefined) {
      this.#reader = this.#treeReader(this.#treeHandler(tree), options);
    }
  }

  /** Text or bytes; a character may be cut by the end of a piece. Does nothing after `end`. */
  write(data: string | Uint8Array): void {
    if (this.#reader !== undefined) this.#reader.write(data);
    else if (this.#tree !== undefined && !this.#hasEnded) this.#writeToTree(this.#tree, data);
  }

  /** Writes `data`, if there is any; afterwards `write` does nothing. */
  end(data?: string | Uint8Array | null): void {
    if (data !== undefined && data !== null && data.length > 0) this.write(data);
    this.#hasEnded = true;
    this.#reader?.end();
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

  #writeToTree(tree: TreeHandler, data: Chunk): void {
    if (data.length === 0) return;
    if (this.#taken === undefined && !this.#isHeard) {
      this.#taken = tree.whole?.(data);
      this.#isTakenBytes = typeof data !== 'string';
      if (this.#taken !== undefined) return;
    }
    if (this.#taken === undefined) {
      this.#reader = this.#treeReader(this.#treeHandler(tree), {});
    } else {
      // More than the document: what was taken is read as if it had not been, and told to nobody.
      let target: TokenHandler = nobody;
      const heard = this.#treeHandler(tree);
      const handler: TokenHandler = {
        start: (name, attrs, isEmpty) => target.start(name, attrs, isEmpty),
        end: (name, isEmpty) => target.end(name, isEmpty),
        text: (value, isCdata) => target.text(value, isCdata),
        error: (error) => target.error(error),
      };
      this.#reader = this.#treeReader(handler, {});
      this.#reader.write(this.#isTakenBytes ? latin1Bytes(this.#taken) : this.#taken);
      target = heard;
    }
    this.#reader.write(data);
  }

  #treeReader(handler: TokenHandler, { document, limits, engine }: ReaderOptions): TokenReader {
    return new TokenReader(handler, { document, limits, engine }, 'one', documentLimits);
  }

  /** The tree first, then listeners. */
  #treeHandler(tree: TokenHandler): TokenHandler {
    const { units } = tree;
    return {
      ...(units !== undefined && {
        units: {
          get depth() {
            return units.depth;
          },
          take: (strings, start) => (this.#isHeard ? undefined : units.take(strings, start)),
          deliver: (unit) => units.deliver(unit),
        },
      }),
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

const nobody: TokenHandler = {
  start: () => undefined,
  end: () => undefined,
  text: () => undefined,
  error: () => undefined,
};

/** A back end that builds a tree of one root beside its events. */
export function treeSax(tree: TreeHandler, options: ReaderOptions): SaxLtx {
  const Back = SaxLtx as new (options: ReaderOptions, tree: TreeHandler) => SaxLtx;
  return new Back(options, tree);
}
