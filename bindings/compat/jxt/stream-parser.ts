/*
 * The StreamParser of stanza's jxt: text in, stanzas as stanza's registry translates them out, as an
 * object-mode Transform of Node. Its events are `{ event?, kind, stanza, xml }`.
 *
 * Invariants: the first fault destroys the stream with a JXTError; nothing follows it. With
 * `wrappedStream` the first element is a header whose content is the stanzas, and the stream ends
 * with its end tag. What the registry does not know vanishes, as with the original.
 */
import { EventEmitter, type Emitter } from '../emitter.js';
import { UsageError } from '../../errors.js';
import { XMLElement, type Attributes } from './element.js';
import { JXTError } from './error.js';
import { Parser, type ParserOptions } from './parser.js';

/** What is used of stanza's Registry. */
export interface Registry {
  getImportKey(element: XMLElement): string;
  import(element: XMLElement, context: object): object | undefined;
}

export interface StreamParserOptions extends ParserOptions {
  readonly registry: object;
  readonly acceptLanguages?: readonly string[] | undefined;
  /** Taken and not used, as by the original: what names no language has none. */
  readonly lang?: string | undefined;
  /** The stanzas stand in an element, as in a stream or in BOSH. */
  readonly wrappedStream?: boolean | undefined;
  /** What that element has to be, a key of the registry. */
  readonly rootKey?: string | undefined;
}

/** What comes out. */
export interface StreamData {
  readonly event?: 'stream-start' | 'stream-end';
  readonly kind: string | undefined;
  readonly stanza: object;
  readonly xml: XMLElement;
}

/** What is used of Node's Transform. */
interface TransformStream extends Emitter {
  readonly destroyed: boolean;
  readonly writable: boolean;
  push(data: StreamData): boolean;
  write(chunk: string | Uint8Array): boolean;
  end(chunk?: string | Uint8Array | (() => void)): this;
  destroy(error?: Error): this;
}

interface Runtime {
  readonly process?: {
    getBuiltinModule?(name: string): { readonly Transform?: TransformClass } | undefined;
  };
}

type TransformClass = new (options: object) => TransformStream;

const { Transform = absentTransform() } =
  (globalThis as Runtime).process?.getBuiltinModule?.('node:stream') ?? {};

/** Where there is no such class, a stream parser cannot be made; the other exports are as useful. */
function absentTransform(): TransformClass {
  class Absent extends EventEmitter {
    constructor() {
      super();
      throw new UsageError('StreamParser needs the streams of Node; use Parser');
    }
  }
  return Absent as unknown as TransformClass;
}

export class StreamParser extends Transform {
  closedStream = false;
  wrappedStream = false;
  registry: object;
  lang: string | undefined;
  acceptLanguages: readonly string[];
  currentElement: XMLElement | undefined;
  rootElement: XMLElement | undefined;
  rootImportKey: string | undefined;
  parser: Parser;

  constructor(options: StreamParserOptions) {
    super({ objectMode: true });
    this.registry = options.registry;
    this.acceptLanguages = options.acceptLanguages ?? [];
    if (options.wrappedStream === true) {
      this.wrappedStream = true;
      this.rootImportKey = options.rootKey;
    }
    const { allowComments, limits } = options;
    this.parser = new Parser({ allowComments, ...(limits !== undefined && { limits }) });
    this.parser.on('error', (error: JXTError) => this.destroy(error));
    this.parser.on('startElement', (name: string, attributes: Attributes) => {
      if (!this.destroyed) this.#start(new XMLElement(name, attributes));
    });
    this.parser.on('endElement', () => {
      if (!this.destroyed) this.#end();
    });
    this.parser.on('text', (text: string) => {
      this.currentElement?.children.push(text);
    });
  }

  _transform(chunk: string | Uint8Array, _encoding: string, done: () => void): void {
    this.parser.write(chunk);
    done();
  }

  #start(element: XMLElement): void {
    if (this.closedStream) {
      this.destroy(JXTError.alreadyClosed());
    } else if (this.wrappedStream && this.rootElement === undefined) {
      this.#open(element);
    } else {
      this.currentElement = this.currentElement?.appendChild(element) ?? element;
    }
  }

  #open(element: XMLElement): void {
    const registry = this.registry as Registry;
    const kind = registry.getImportKey(element);
    if (this.rootImportKey && kind !== this.rootImportKey) {
      this.destroy(JXTError.unknownRoot());
      return;
    }
    const stanza = this.#translated(element);
    if (stanza === undefined) {
      this.destroy(JXTError.notWellFormed());
      return;
    }
    this.rootElement = element;
    this.push({ event: 'stream-start', kind, stanza, xml: element });
  }

  #end(): void {
    const element = this.currentElement;
    if (element === undefined) {
      this.closedStream = true;
      if (this.rootElement === undefined) return;
      this.push({
        event: 'stream-end',
        kind: this.rootImportKey,
        stanza: {},
        xml: this.rootElement,
      });
      this.end();
      return;
    }
    this.currentElement = element.parent;
    if (this.currentElement !== undefined) return;
    if (this.wrappedStream) element.parent = this.rootElement;
    const kind = (this.registry as Registry).getImportKey(element);
    const stanza = this.#translated(element);
    if (stanza !== undefined) this.push({ kind, stanza, xml: element });
  }

  #translated(element: XMLElement): object | undefined {
    const { acceptLanguages, lang } = this;
    return (this.registry as Registry).import(element, { acceptLanguages, lang }) ?? undefined;
  }
}
