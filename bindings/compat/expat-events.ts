/*
 * Tokens as the events of node-expat: names and attributes, texts, both ends of CDATA sections,
 * comments, processing instructions and the XML declaration.
 *
 * An event is placed where its token begins. A stop that a listener asks for holds from the next event
 * on, but for the second half of a pair that libexpat reports at once.
 */
import type { XmlError } from '../xml-error.js';
import { put, type Attributes } from './attributes.js';
import { SaxReader, type EventSource, type ReaderOptions } from './sax-reader.js';
import type { StartTag } from './sax-tokens.js';

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
  readonly isEmpty: boolean;
}

export class ExpatEvents implements EventSource {
  readonly reader: SaxReader;
  error: XmlError | undefined;
  /** A listener has asked for a stop. */
  isStopped = false;
  #isEmpty = false;
  readonly #emit: (event: string, ...values: unknown[]) => void;

  constructor(emit: (event: string, ...values: unknown[]) => void, options: ReaderOptions) {
    this.#emit = emit;
    this.reader = new SaxReader(this, options);
  }

  startTag({ name, count, names, values, isEmpty, start }: StartTag): void {
    this.#isEmpty = isEmpty;
    const attributes: Attributes = {};
    for (let index = 0; index < count; index++) put(attributes, names[index], values[index]);
    this.reader.put(Event.Start, { name, attributes, isEmpty } satisfies Started, start);
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
    try {
      this.#report(event, value);
    } finally {
      if (this.isStopped && !isFirstHalf(event, value)) this.reader.pause();
    }
  }

  #report(event: Event, value: unknown): void {
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

/** The end of an empty-element tag, and what a CDATA section begins with, come with their beginning. */
function isFirstHalf(event: Event, value: unknown): boolean {
  return event === Event.StartCdata || (event === Event.Start && (value as Started).isEmpty);
}
