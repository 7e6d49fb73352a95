/*
 * Tokens as the events of sax in its strict mode: `opentagstart`, `attribute`, `opentag`, `closetag`
 * with a name, texts and CDATA sections, and with `xmlns` the namespaces that a tag opens and closes.
 *
 * A text waits for the event behind it, as with sax, and is reported where that is. What a tag has
 * (its namespaces, its attributes) is known when it is read; the parser's own fields change when an
 * event is delivered.
 */
import type { XmlError } from '../xml-error.js';
import { put } from './attributes.js';
import { SaxReader, type EventSource, type ReaderOptions } from './sax-reader.js';
import type { StartTag } from './sax-tokens.js';
import type { EventName, Namespace, QualifiedAttribute, Tag } from './sax-types.js';

/** What the events change in a parser. */
export interface SaxState {
  tag: Tag | null;
  tags: Tag[];
  sawRoot: boolean;
  closedRoot: boolean;
  startTagPosition: number;
}

export interface SaxHooks {
  /** Calls the listener of an event. */
  readonly emit: (event: EventName, value?: unknown) => void;
  readonly fail: (error: XmlError) => void;
  /** The document is complete. */
  readonly finish: () => void;
}

export interface EventOptions extends ReaderOptions {
  readonly isNs: boolean;
  readonly trim: boolean;
  readonly normalize: boolean;
}

/** Prefixes and namespaces; those around are in the prototype. */
type Bindings = Record<string, string>;

const enum Event {
  /** Any that is just reported. */
  Plain,
  /** The parser's field `tag` changes; a text that waits is reported after that. */
  TagStart,
  EndStart,
  /** With `xmlns`: the tag's own fields are known. */
  Qualify,
  Attribute,
  Tag,
  EndTag,
  Error,
  End,
}

interface PlainEvent {
  readonly name: EventName;
  readonly value: unknown;
}

interface TagEvent {
  readonly tag: Tag;
  readonly isEmpty: boolean;
}

/** An attribute, and the tag that has it once it is reported. */
interface TagAttribute {
  readonly tag: Tag;
  readonly name: string;
  readonly value: string | QualifiedAttribute;
}

interface Qualified {
  readonly tag: Tag;
  readonly fields: Pick<Tag, 'ns' | 'prefix' | 'local' | 'uri'>;
}

/** What is in scope outside the root. */
export function rootBindings(): Bindings {
  const root = Object.assign(Object.create(null) as Bindings, {
    xml: 'http://www.w3.org/XML/1998/namespace',
    xmlns: 'http://www.w3.org/2000/xmlns/',
  });
  return Object.create(root) as Bindings;
}

export class SaxEvents implements EventSource {
  readonly reader: SaxReader;
  readonly #parser: SaxState;
  readonly #hooks: SaxHooks;
  readonly #options: EventOptions;
  /** With `xmlns`: what is in scope in each element that is open where the reading is. */
  #scopes: Bindings[] = [];
  #root = rootBindings();
  /** A text that waits for the event behind it. */
  #text = '';
  /** Where the last token begins. */
  #start = 0;
  #isEmpty = false;

  constructor(parser: SaxState, hooks: SaxHooks, options: EventOptions) {
    this.#parser = parser;
    this.#hooks = hooks;
    this.#options = options;
    this.reader = new SaxReader(this, options);
  }

  // ---- Tokens ---------------------------------------------------------------------------------

  startTag(source: StartTag): void {
    const { name, names, values, ends, isEmpty, start, named, end } = source;
    const { reader } = this;
    const { isNs } = this.#options;
    const tag: Partial<Tag> = { name, attributes: {} };
    if (isNs) tag.ns = this.#scopes.at(-1) ?? this.#root;
    this.#isEmpty = isEmpty;
    reader.put(Event.TagStart, tag, named, start);
    this.#plain('opentagstart', tag, named, start);
    if (isNs) this.#qualify(tag as Tag, source);
    else {
      for (let index = 0; index < names.length; index++) {
        const attribute = { tag: tag as Tag, name: names[index], value: values[index] };
        reader.put(Event.Attribute, attribute satisfies TagAttribute, ends[index], start);
      }
    }
    reader.put(Event.Tag, { tag: tag as Tag, isEmpty } satisfies TagEvent, end, start);
  }

  /** Namespaces and attributes of a tag with `xmlns`: known at its end, and reported there. */
  #qualify(tag: Tag, { name, names, values, start, end }: StartTag): void {
    const { reader } = this;
    const around = this.#scopes.at(-1) ?? this.#root;
    let own: Bindings | undefined;
    for (let index = 0; index < names.length; index++) {
      const { prefix, local } = partsOf(names[index], true);
      if (prefix !== 'xmlns') continue;
      own ??= Object.create(around) as Bindings;
      put(own, local, values[index]);
    }
    const scope = own ?? around;
    this.#scopes.push(scope);
    const { prefix, local } = partsOf(name, false);
    const fields = { ns: scope, prefix, local, uri: scope[prefix] ?? '' };
    reader.put(Event.Qualify, { tag, fields } satisfies Qualified, end, start);
    for (const [bound, uri] of Object.entries(own ?? {})) {
      this.#plain('opennamespace', { prefix: bound, uri } satisfies Namespace, end, start);
    }
    for (let index = 0; index < names.length; index++) {
      const parts = partsOf(names[index], true);
      const uri = parts.prefix === '' ? '' : (scope[parts.prefix] ?? '');
      const value = { name: names[index], value: values[index], ...parts, uri };
      const attribute: TagAttribute = { tag, name: names[index], value };
      reader.put(Event.Attribute, attribute, end, start);
    }
  }

  endTag(_name: string, from: number, end: number): void {
    // The end of an empty-element tag is still the tag that began it.
    const start = this.#isEmpty ? this.#start : from;
    this.#isEmpty = false;
    const { reader } = this;
    reader.put(Event.EndStart, undefined, end, start);
    this.#flush(end, start);
    reader.put(Event.EndTag, undefined, end, start);
    const own = this.#scopes.pop();
    if (own === undefined || own === (this.#scopes.at(-1) ?? this.#root)) return;
    for (const [prefix, uri] of Object.entries(own)) {
      this.#plain('closenamespace', { prefix, uri } satisfies Namespace, end, start);
    }
  }

  text(value: string, isCdata: boolean, start: number, end: number): void {
    if (!isCdata) {
      this.#text += value;
      return;
    }
    this.#plain('opencdata', undefined, start + 9, start);
    if (value !== '') this.#plain('cdata', value, end, start);
    this.#plain('closecdata', undefined, end, start);
  }

  comment(value: string, start: number, end: number): void {
    const text = this.#trimmed(value);
    if (text !== '') this.#plain('comment', text, end - 1, start);
  }

  instruction(name: string, source: string, start: number, end: number): void {
    const body = source.replace(/^[ \t\r\n]+/, '');
    this.#plain('processinginstruction', { name, body }, end, start);
  }

  declaration(source: string, start: number, end: number): void {
    this.instruction('xml', source, start, end);
  }

  failed(error: XmlError): void {
    this.#flush(error.offset, this.#start);
    this.reader.put(Event.Error, error, error.offset, this.#start);
  }

  ended(): void {
    const { size: end } = this.reader;
    this.#flush(end, this.#start);
    this.reader.put(Event.End, undefined, end, this.#start);
  }

  #plain(name: EventName, value: unknown, offset: number, start: number): void {
    this.#flush(offset, start);
    this.reader.put(Event.Plain, { name, value } satisfies PlainEvent, offset, start);
  }

  #flush(offset: number, start: number): void {
    this.#start = start;
    if (this.#text === '') return;
    const value = this.#trimmed(this.#text);
    this.#text = '';
    if (value === '') return;
    this.reader.put(Event.Plain, { name: 'text', value } satisfies PlainEvent, offset, start);
  }

  #trimmed(text: string): string {
    const { trim, normalize } = this.#options;
    const value = trim ? text.trim() : text;
    return normalize ? value.replace(/\s+/g, ' ') : value;
  }

  // ---- Delivery -------------------------------------------------------------------------------

  deliver(event: Event, value: unknown): void {
    const parser = this.#parser;
    const hooks = this.#hooks;
    parser.startTagPosition = this.reader.startUnits(parser.startTagPosition);
    switch (event) {
      case Event.Plain: {
        const { name, value: argument } = value as PlainEvent;
        hooks.emit(name, argument);
        break;
      }
      case Event.TagStart:
        parser.tag = value as Tag;
        break;
      case Event.EndStart:
        parser.tag = parser.tags.pop() ?? null;
        break;
      case Event.Qualify: {
        const { tag, fields } = value as Qualified;
        Object.assign(tag, fields);
        break;
      }
      case Event.Attribute: {
        const { tag, name, value: given } = value as TagAttribute;
        put(tag.attributes, name, given);
        hooks.emit('attribute', typeof given === 'string' ? { name, value: given } : given);
        break;
      }
      case Event.Tag: {
        const { tag, isEmpty } = value as TagEvent;
        tag.isSelfClosing = isEmpty;
        parser.sawRoot = true;
        parser.tags.push(tag);
        try {
          hooks.emit('opentag', tag);
        } finally {
          if (!isEmpty) parser.tag = null;
        }
        break;
      }
      case Event.EndTag: {
        try {
          hooks.emit('closetag', parser.tag?.name);
        } finally {
          parser.closedRoot = parser.tags.length === 0;
        }
        break;
      }
      case Event.Error:
        hooks.fail(value as XmlError);
        break;
      case Event.End:
        this.#scopes = [];
        this.#root = rootBindings();
        hooks.finish();
        break;
    }
  }
}

function partsOf(
  name: string,
  isAttribute: boolean,
): { readonly prefix: string; readonly local: string } {
  const colon = name.indexOf(':');
  if (colon >= 0) return { prefix: name.slice(0, colon), local: name.slice(colon + 1) };
  return isAttribute && name === 'xmlns'
    ? { prefix: 'xmlns', local: '' }
    : { prefix: '', local: name };
}
