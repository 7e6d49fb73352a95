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
import type { Attributes } from './attributes.js';
import { ExpatEvents } from './expat-events.js';
import { LegacyStream } from './legacy-stream.js';
import type { DocumentOptions } from './sax-options.js';
import { sentenceOf } from './sax-fault.js';

export type ParserOptions = DocumentOptions;

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
  /** `end` was called, and has not been answered. */
  #isEnding = false;
  #isOver = false;
  #hasReported = false;
  /** Something was written behind the end. */
  #isLate = false;

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
    this.#isEnding = false;
    this.#isOver = false;
    this.#hasReported = false;
    this.#isLate = false;
  }

  /** Reads a piece of the document, the last if `isFinal`. False after a fault, and after the end. */
  parse(data: string | Uint8Array, isFinal = false): boolean {
    if (typeof data !== 'string' && !ArrayBuffer.isView(data)) {
      throw new TypeError('Parse buffer must be String or Buffer');
    }
    const { reader } = this.#events;
    if (this.#events.error !== undefined) return false;
    if (reader.isOver() || this.#isEnding || this.#isOver) {
      this.#isLate ||= data.length > 0;
      return !this.#isLate;
    }
    reader.write(data);
    if (isFinal) reader.finish();
    this.#answer();
    return this.getError() === null;
  }

  /** What is wrong with the document or its use, null if nothing is. */
  getError(): string | null {
    const { error } = this.#events;
    if (error !== undefined) return sentenceOf(error);
    return this.#isLate ? 'parsing finished' : null;
  }

  /** What is wrong with the document as a value, with code, condition and offset: not in the original. */
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

  /**
   * No event follows until `resume`, but the end of the empty-element tag that is reported. What is
   * written waits. False if that is so already.
   */
  stop(): boolean {
    const events = this.#events;
    if (events.isStopped || this.#isOver) return false;
    events.isStopped = true;
    // In a listener, `deliver` does it.
    if (!events.reader.isDispatching) events.reader.pause();
    return true;
  }

  pause(): boolean {
    return this.stop();
  }

  /** Goes on, with what has waited first. False if the parser was not stopped, or after a fault. */
  resume(): boolean {
    const events = this.#events;
    if (!events.isStopped) return false;
    events.isStopped = false;
    events.reader.resume();
    this.#answer();
    if (events.error !== undefined && !events.reader.isDispatching) this.#report();
    return events.error === undefined;
  }

  /** Reads a piece; a fault is emitted as `error`, with `close` behind it. */
  write(data: string | Uint8Array): boolean {
    const isSound = this.parse(data);
    if (!isSound) this.#report();
    return isSound;
  }

  /** The document is over: `end`, or `error` if it is not complete, and `close`. */
  end(data?: string | Uint8Array | (() => void)): this {
    if (this.#isEnding || this.#isOver) return this;
    if (typeof data !== 'function' && data !== undefined && data.length > 0) this.parse(data);
    this.#isEnding = true;
    if (this.#events.error === undefined) this.#events.reader.finish();
    this.#answer();
    return this;
  }

  destroy(): this {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#hasReported = true;
      this.#events.reader.close();
      this.emit('close');
    }
    return this;
  }

  destroySoon(): void {
    this.destroy();
  }

  /** Forgets the document and expects another. Throws UsageError for an encoding that is not UTF-8. */
  reset(encoding?: string): boolean {
    checkEncoding(encoding);
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

  /** Bytes before it; -1 when nothing was read. */
  getCurrentByteIndex(): number {
    const { reader } = this.#events;
    return reader.size === 0 ? -1 : reader.offset;
  }

  /** Answers `end` once all is read: in a listener, or while the parser is stopped, it is not. */
  #answer(): void {
    const { reader, error } = this.#events;
    if (!this.#isEnding || this.#isOver || reader.isDispatching) return;
    if (error !== undefined) this.#report();
    else if (reader.isOver()) {
      this.#isOver = true;
      this.emit('end');
      this.emit('close');
    }
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
