/*
 * The SAX back end of ltx: an event emitter with `write` and `end`, and the events of the original
 * in the original's order: `startElement(name, attrs)`, `endElement(name, isEmpty)`, `text(value)`.
 *
 * Stricter: whatever breaks XML, its namespaces, UTF-8 or RFC 6120, section 11.1 is one `error` with
 * an XmlError, and nothing after it; as with every emitter, an `error` that nobody listens to is
 * thrown. Elements may follow each other, for this class also reads frames (RFC 7395). It does not
 * complain at `end()`: that is what the Parser around it does.
 *
 * A parser around it listens like everybody else. As long as it is the only one who does, it is given
 * tokens, or whole elements, past the emitter; the first who asks to listen ends that.
 */
import type { Chunk } from '../../input.js';
import { openLimits, type LimitValues } from '../../limits.js';
import { latin1Bytes } from '../../text.js';
import type { XmlError } from '../../xml-error.js';
import type { Attributes } from '../attributes.js';
import { ListeningEmitter, usualEmit, type Call } from '../listening-emitter.js';
import {
  TokenReader,
  type ReaderOptions,
  type TokenHandler,
  type UnitHandler,
} from '../token-reader.js';

/** A document's tokens may be longer than those of a stream. */
export const documentLimits: LimitValues = [1 << 24, 256, 256, openLimits[3], 1024, 256];

/** A parser around a back end, and how it builds its tree. */
export interface TreeBuilder {
  readonly roots: 'one' | 'many';
  readonly limits: LimitValues;
  /** The listeners of the parser: they do what those of the original do. */
  readonly listeners: {
    readonly startElement: (name: string, attrs: Attributes) => void;
    readonly endElement: (name: string) => void;
    readonly text: (value: string) => void;
    readonly error: (error: XmlError) => void;
  };
  /** Asked before each write; undefined where somebody could see that the listeners are not called. */
  direct(): DirectBuilder | undefined;
}

/** Does what the listeners do, calling nothing that is not of this package. */
export interface DirectBuilder extends Pick<TokenHandler, 'start' | 'end' | 'text'> {
  readonly units?: UnitHandler | undefined;
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
export class SaxLtx extends ListeningEmitter {
  /** Beside a tree of one root, made when it is needed: most documents come in one piece. */
  #reader: TokenReader | undefined;
  readonly #tree: TreeBuilder | undefined;
  /** What is told instead of listeners. */
  #direct: DirectBuilder | undefined;
  /** Whom the reader tells, beside a tree. */
  #told: (TokenHandler & { units: UnitHandler | undefined }) | undefined;
  /** The document that was taken as a whole. */
  #taken: string | undefined;
  #isTakenBytes = false;
  #hasEnded = false;
  /** Somebody beside the parser may listen. */
  #isHeard = false;
  // The only listeners.
  #onStart: Call | undefined;
  #onEnd: Call | undefined;
  #onText: Call | undefined;

  /** Throws UsageError for options that are not as described. */
  constructor(options?: ReaderOptions);
  constructor(options: ReaderOptions = {}, tree?: TreeBuilder) {
    super();
    this.#tree = tree;
    if (tree === undefined) {
      const handler: TokenHandler = {
        start: (name, attrs) => this.#start(name, attrs),
        end: (name, isEmpty) => this.#end(name, isEmpty),
        text: (value) => this.#text(value),
        error: (error) => this.emit('error', error),
      };
      this.#reader = new TokenReader(handler, options, 'many');
      return;
    }
    const { startElement, endElement, text, error } = tree.listeners;
    this.on('startElement', startElement);
    this.on('endElement', endElement);
    this.on('text', text);
    this.on('error', error);
    this.#isHeard = false;
    if (tree.direct()?.whole === undefined) {
      this.#reader = this.#treeReader(this.#treeHandler(), tree, options);
    }
  }

  /** Text or bytes; a character may be cut by the end of a piece. Does nothing after `end`. */
  write(data: string | Uint8Array): void {
    const tree = this.#tree;
    if (tree !== undefined) {
      this.#direct = this.#isHeard || this.emit !== usualEmit ? undefined : tree.direct();
      if (this.#reader === undefined) {
        if (!this.#hasEnded) this.#writeFirst(tree, data);
        return;
      }
      if (this.#told !== undefined) this.#told.units = this.#direct?.units;
    }
    this.#reader?.write(data);
  }

  /** Writes `data`, if there is any; afterwards `write` does nothing. */
  end(data?: string | Uint8Array | null): void {
    if (data) this.write(data);
    this.#hasEnded = true;
    this.#reader?.end();
  }

  /** What reads, beside a tree that is given no document as a whole. @internal */
  get reader(): TokenReader | undefined {
    return this.#reader;
  }

  /** @internal */
  override listenersChanged(): void {
    this.#isHeard = true;
    this.#direct = undefined;
    if (this.#told !== undefined) this.#told.units = undefined;
    this.#onStart = this.only('startElement');
    this.#onEnd = this.only('endElement');
    this.#onText = this.only('text');
  }

  #start(name: string, attrs: Attributes): void {
    if (this.#onStart === undefined || this.emit !== usualEmit) {
      this.emit('startElement', name, attrs);
    } else {
      this.#onStart(name, attrs);
    }
  }

  #end(name: string, isEmpty: boolean): void {
    if (this.#onEnd === undefined || this.emit !== usualEmit) {
      this.emit('endElement', name, isEmpty);
    } else {
      this.#onEnd(name, isEmpty);
    }
  }

  #text(value: string): void {
    if (this.#onText === undefined || this.emit !== usualEmit) this.emit('text', value);
    else this.#onText(value);
  }

  #writeFirst(tree: TreeBuilder, data: Chunk): void {
    if (this.#taken === undefined) {
      this.#taken = this.#direct?.whole?.(data);
      this.#isTakenBytes = typeof data !== 'string';
      if (this.#taken !== undefined) return;
      this.#reader = this.#treeReader(this.#treeHandler(), tree, {});
    } else {
      // More than the document: what was taken is read as if it had not been, and told to nobody.
      let target: TokenHandler = nobody;
      const heard = this.#treeHandler();
      const handler: TokenHandler = {
        start: (name, attrs, isEmpty) => target.start(name, attrs, isEmpty),
        end: (name, isEmpty) => target.end(name, isEmpty),
        text: (value, isCdata) => target.text(value, isCdata),
        error: (error) => target.error(error),
      };
      this.#reader = this.#treeReader(handler, tree, {});
      this.#reader.write(this.#isTakenBytes ? latin1Bytes(this.#taken) : this.#taken);
      target = heard;
    }
    this.#reader.write(data);
  }

  #treeReader(handler: TokenHandler, tree: TreeBuilder, options: ReaderOptions): TokenReader {
    const { document, limits, engine } = options;
    return new TokenReader(handler, { document, limits, engine }, tree.roots, tree.limits);
  }

  #treeHandler(): TokenHandler {
    return (this.#told = {
      units: this.#direct?.units,
      start: (name, attrs, isEmpty) => {
        if (this.#direct === undefined) this.#start(name, attrs);
        else this.#direct.start(name, attrs, isEmpty);
      },
      end: (name, isEmpty) => {
        if (this.#direct === undefined) this.#end(name, isEmpty);
        else this.#direct.end(name, isEmpty);
      },
      text: (value, isCdata) => {
        if (this.#direct === undefined) this.#text(value);
        else this.#direct.text(value, isCdata);
      },
      error: (error) => this.emit('error', error),
    });
  }
}

const nobody: TokenHandler = {
  start: () => undefined,
  end: () => undefined,
  text: () => undefined,
  error: () => undefined,
};

/** The back end of a parser. */
export function treeSax(tree: TreeBuilder, options: ReaderOptions): SaxLtx {
  const Back = SaxLtx as new (options: ReaderOptions, tree: TreeBuilder) => SaxLtx;
  return new Back(options, tree);
}
