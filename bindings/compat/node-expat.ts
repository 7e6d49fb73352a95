/*
 * The parser of node-expat, over the core: an old-style stream that is written to and emits
 * `startElement`, `endElement`, `text`, CDATA, comments, processing instructions and the XML
 * declaration (RFC 6120, section 11).
 *
 * Stricter than the original: namespaces are checked, there are no entities but the five, a DOCTYPE is
 * a fault, comments and processing instructions are faults unless `document` is true, the encoding is
 * UTF-8, a truncated document is a fault, and a fault is reported once. A text is one event up to the
 * next markup, where libexpat makes pieces of it.
 */
import '../wasm/parser.js';
import { UsageError } from '../errors.js';
import type { XmlError } from '../xml-error.js';
import { put, type Attributes } from './attributes.js';
import { LegacyStream } from './legacy-stream.js';
import type { DocumentOptions } from './sax-options.js';
import { SaxReader, sentenceOf, type EventSource, type ReaderOptions } from './sax-reader.js';
import type { StartTag } from './sax-tokens.js';

export type ParserOptions = DocumentOptions;

const enum Event {
  Start,
  End,
  Text,
  StartCdata,
  EndCdata,
  Comment,
  Instruction,
  Declaration,
  Error,
}

interface Started {
  readonly name: string;
  readonly attributes: Attributes;
}

/** Tokens as the events of node-expat; their place is where the token begins. */
class ExpatEvents implements EventSource {
  readonly reader: SaxReader;
  error: XmlError | undefined;
  #isEmpty = false;
  readonly #emit: (event: string, ...values: unknown[]) => void;

  constructor(emit: (event: string, ...values: unknown[]) => void, options: ReaderOptions) {
    this.#emit = emit;
    this.reader = new SaxReader(this, options);
  }

  startTag({ name, names, values, isEmpty, start }: StartTag): void {
    this.#isEmpty = isEmpty;
    const attributes: Attributes = {};
    for (let index = 0; index < names.length; index++) put(attributes, names[index], values[index]);
    this.reader.put(Event.Start, { name, attributes } satisfies Started, start);
  }

  endTag(name: string, start: number, end: number): void {
    // libexpat reports the end of an empty-element tag from behind it.
    this.reader.put(Event.End, name, this.#isEmpty ? end : start);
    this.#isEmpty = false;
  }

  text(value: string, isCdata: boolean, start: number, end: number): void {
    const { reader } = this;
    if (isCdata) reader.put(Event.StartCdata, undefined, start);
    if (value !== '') reader.put(Event.Text, value, isCdata ? start + 9 : start);
    if (isCdata) reader.put(Event.EndCdata, undefined, end - 3);
  }

  comment(value: string, start: number): void {
    this.reader.put(Event.Comment, value, start);
  }

  instruction(target: string, source: string, start: number): void {
    const data = source.replace(/^[ \t\r\n]+/, '');
    this.reader.put(Event.Instruction, [target, data], start);
  }

  declaration(source: string, start: number): void {
    const valueOf = (name: string) =>
      new RegExp(`${name}\\s*=\\s*(['"])(.*?)\\1`).exec(source)?.[2] ?? null;
    // The original says true where nothing is said, and false only for "no".
    const values = [valueOf('version'), valueOf('encoding'), valueOf('standalone') !== 'no'];
    this.reader.put(Event.Declaration, values, start);
  }

  failed(error: XmlError): void {
    this.reader.put(Event.Error, error, error.offset);
  }

  deliver(event: Event, value: unknown): void {
    switch (event) {
      case Event.Start: {
        const { name, attributes } = value as Started;
        this.#emit('startElement', name, attributes);
        break;
      }
      case Event.End:
        this.#emit('endElement', value);
        break;
      case Event.Text:
        this.#emit('text', value);
        break;
      case Event.StartCdata:
        this.#emit('startCdata');
        break;
      case Event.EndCdata:
        this.#emit('endCdata');
        break;
      case Event.Comment:
        this.#emit('comment', value);
        break;
      case Event.Instruction:
        this.#emit('processingInstruction', ...(value as unknown[]));
        break;
      case Event.Declaration:
        this.#emit('xmlDecl', ...(value as unknown[]));
        break;
      case Event.Error:
        this.error = value as XmlError;
        break;
    }
  }
}

/**
 * Reads a document and emits what stands in it.
 *
 *     const parser = new Parser('UTF-8');
 *     parser.on('startElement', (name, attributes) => console.log(name, attributes));
 *     parser.write("<a x='1'/>");   // prints: a { x: '1' }
 *     parser.end();                 // emits 'end' and 'close'
 *
 * `parse` takes strings and bytes of UTF-8, cut anywhere, and gives false after a fault, which
 * `getError` then names. `write` emits it as `error`, a string and no Error, and `close`, once.
 */
export class Parser extends LegacyStream {
  encoding: string | undefined;
  readonly writable = true;
  readonly readable = true;
  readonly #options: DocumentOptions;
  #events!: ExpatEvents;
  /** Pieces that wait while the parser is stopped; undefined while it is not. */
  #held: unknown[] | undefined;
  #hasReported = false;
  #isOver = false;

  /** Throws UsageError for an encoding that is not UTF-8. */
  constructor(encoding?: string, options: ParserOptions = {}) {
    super();
    checkEncoding(encoding);
    this.encoding = encoding;
    this.#options = options;
    this.#begin();
  }

  #begin(): void {
    this.#events = new ExpatEvents(
      (event, ...values) => {
        this.emit(event, ...values);
      },
      { ...this.#options, position: true },
    );
    this.#held = undefined;
    this.#hasReported = false;
    this.#isOver = false;
  }

  /** Reads a piece of the document, the last if `isFinal`. False after a fault. */
  parse(data: string | Uint8Array, isFinal = false): boolean {
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) {
      throw new TypeError('Parse buffer must be String or Buffer');
    }
    if (this.#events.error !== undefined) return false;
    if (this.#held !== undefined) {
      this.#held.push(typeof data === 'string' ? data : data.slice(), ...(isFinal ? [null] : []));
      return true;
    }
    this.#events.reader.write(data);
    if (isFinal) this.#events.reader.finish();
    return this.getError() === null;
  }

  /** What is wrong with the document, null if nothing is. */
  getError(): string | null {
    const { error } = this.#events;
    return error === undefined ? null : sentenceOf(error);
  }

  /** The same as a value, with code, condition and offset: not in the original. */
  get fault(): XmlError | undefined {
    return this.#events.error;
  }

  setEncoding(encoding: string): boolean {
    checkEncoding(encoding);
    this.encoding = encoding;
    return true;
  }

  /** Encodings are one: RFC 6120, section 11.6. */
  setUnknownEncoding(): never {
    throw new UsageError('the encoding is UTF-8');
  }

  /** What is written from now on waits until `resume`. False if that is so already. */
  stop(): boolean {
    if (this.#held !== undefined || this.#isOver) return false;
    this.#held = [];
    return true;
  }

  pause(): boolean {
    return this.stop();
  }

  /** Reads what has waited. False if the parser was not stopped, or after a fault. */
  resume(): boolean {
    const held = this.#held;
    if (held === undefined) return false;
    this.#held = undefined;
    for (const piece of held) {
      if (piece === null) this.#finish();
      else this.write(piece as string);
    }
    return this.#events.error === undefined;
  }

  /** Reads a piece; a fault is emitted as `error`, with `close` behind it. */
  write(data: string | Uint8Array): boolean {
    const isSound = this.parse(data);
    if (!isSound) this.#report();
    return isSound;
  }

  /** The document is over: `end`, or `error` if it is not complete, and `close`. */
  end(data?: string | Uint8Array): void {
    if (this.#isOver) return;
    if (data !== undefined && data.length > 0) this.parse(data);
    if (this.#held === undefined) this.#finish();
    else this.#held.push(null);
  }

  destroy(): this {
    this.#held = undefined;
    if (!this.#isOver) {
      this.#isOver = true;
      this.#events.reader.close();
      this.emit('close');
    }
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  /** Forgets the document and expects another. */
  reset(): boolean {
    this.#events.reader.close();
    this.#begin();
    return true;
  }

  /** The line of the event that is emitted, from 1. */
  getCurrentLineNumber(): number {
    return (this.#events.reader.position?.lines ?? 0) + 1;
  }

  /** Its column in characters, from 0. */
  getCurrentColumnNumber(): number {
    return this.#events.reader.position?.characters ?? 0;
  }

  /** Bytes before it. */
  getCurrentByteIndex(): number {
    return this.#events.reader.offset;
  }

  #finish(): void {
    if (this.#isOver) return;
    if (this.#events.error === undefined) this.#events.reader.finish();
    if (this.getError() !== null) {
      this.#report();
      return;
    }
    this.#isOver = true;
    this.emit('end');
    this.emit('close');
  }

  #report(): void {
    if (this.#hasReported) return;
    this.#hasReported = true;
    this.#isOver = true;
    try {
      this.emit('error', this.getError());
    } finally {
      this.emit('close');
    }
  }
}

/** A parser whose `startElement` is listened to. */
export function createParser(
  onStartElement?: (name: string, attributes: Attributes) => void,
): Parser {
  const parser = new Parser();
  if (onStartElement !== undefined) parser.on('startElement', onStartElement);
  return parser;
}

function checkEncoding(encoding: string | undefined): void {
  // Callers without types may pass null.
  if (encoding === undefined || (encoding as unknown) === null) return;
  if (!/^utf-?8$/i.test(encoding)) throw new UsageError('the encoding is UTF-8');
}

export default { Parser, createParser };
