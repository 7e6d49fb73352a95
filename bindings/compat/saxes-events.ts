/*
 * Tokens as the events of saxes: tags with their namespaces, and one handler an event.
 *
 * Namespaces are resolved when a tag is delivered and not when it is read, because handlers of its
 * earlier events may change it, as they may with saxes. What is in scope stands in one table, so that no
 * prefix is searched along the ancestors, and no declaration copies those around it.
 */
import { ErrorCode } from '../../assembly/errors.js';
import { bareObject } from '../bare-object.js';
import { XmlError } from '../xml-error.js';
import { PrefixTable } from './prefix-table.js';
import { SaxReader, type EventSource, type ReaderOptions } from './sax-reader.js';
import type { StartTag } from './sax-tokens.js';
import type {
  EventName,
  SaxesAttribute,
  SaxesAttributeNS,
  SaxesStartTag,
  SaxesTag,
  XMLDecl,
} from './saxes-types.js';

export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
export const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';

const enum Event {
  Declaration,
  Text,
  Instruction,
  Comment,
  /** A start tag, its name and its attributes before it. */
  Tag,
  EndTag,
  Cdata,
  Error,
  End,
}

/** Prefixes and namespaces, without a prototype. */
export type Bindings = Record<string, string | undefined>;

/** In the place of the next attribute: the name is the next to be reported. */
const beforeName = -1;

/** A start tag on its way: it gets its attributes when it is complete. */
interface Opening {
  readonly tag: SaxesTag;
  readonly attributes: readonly SaxesAttribute[];
  /** Bytes before the end of each attribute, of the name, and before the `<`. */
  readonly ends: readonly number[];
  readonly named: number;
  readonly offset: number;
  readonly isEmpty: boolean;
  /** The index of the attribute that is reported next. */
  next: number;
}

export interface EventOptions extends ReaderOptions {
  readonly isNs: boolean;
  /** Prefixes that need no declaration. */
  readonly known: Bindings;
  readonly resolvePrefix?: ((prefix: string) => string | undefined) | undefined;
  /** What becomes of a fault. */
  readonly failed: (error: XmlError) => void;
}

export class SaxesEvents implements EventSource {
  readonly reader: SaxReader;
  readonly handlers: Partial<Record<EventName, (value?: unknown) => void>> = {};
  declarations: XMLDecl = noDeclaration();
  /** The `end` handler runs. */
  isClosed = false;
  readonly #options: EventOptions;
  readonly #tags: SaxesTag[] = [];
  /** What is in scope; with `isNs` alone. */
  readonly #scope: PrefixTable;
  /** What the tag in hand declares. */
  #top: Bindings | undefined;

  constructor(options: EventOptions) {
    this.#options = options;
    this.#scope = new PrefixTable();
    this.#scope.open();
    this.#declare(options.known);
    this.reader = new SaxReader(this, options);
  }

  resolve(prefix: string): string | undefined {
    return this.#top?.[prefix] ?? this.#scope.get(prefix) ?? this.#options.resolvePrefix?.(prefix);
  }

  // ---- Tokens ---------------------------------------------------------------------------------

  startTag(source: StartTag): void {
    const { name, count, names, values, ends, isEmpty, start, named, end } = source;
    const { isNs } = this.#options;
    // Of the right length at once: one that grows takes room for sixteen.
    const attributes = new Array<SaxesAttribute>(count);
    for (let index = 0; index < count; index++) {
      attributes[index] = isNs
        ? namespacedAttribute(names[index], values[index])
        : { name: names[index], value: values[index] };
    }
    const tag: SaxesStartTag = isNs
      ? { name, attributes: bare(), ns: bare() }
      : { name, attributes: bare() };
    const opening: Opening = {
      tag: tag as SaxesTag,
      attributes,
      ends: ends.slice(0, count),
      isEmpty,
      offset: start,
      // CR LF is one character to saxes.
      named: source.isReturned ? named + 1 : named,
      next: beforeName,
    };
    this.reader.put(Event.Tag, opening, end);
  }

  endTag(_name: string, _start: number, end: number): void {
    this.reader.put(Event.EndTag, undefined, end);
  }

  text(value: string, isCdata: boolean, _start: number, end: number): void {
    // A text is reported with the '<' behind it.
    if (isCdata) this.reader.put(Event.Cdata, value, end);
    else this.reader.put(Event.Text, value, end + 1);
  }

  comment(value: string, _start: number, end: number): void {
    this.reader.put(Event.Comment, value, end - 1);
  }

  instruction(target: string, source: string, _start: number, end: number): void {
    const body = source.replace(/^[ \t\r\n]+/, '');
    this.reader.put(Event.Instruction, { target, body }, end);
  }

  declaration(source: string, start: number, end: number): void {
    const declared = noDeclaration();
    for (const [, name, , value] of source.matchAll(/([a-z]+)\s*=\s*(['"])(.*?)\2/g)) {
      declared[name as keyof XMLDecl] = value;
    }
    // XML 1.1 has other characters and other line ends; the core reads 1.0.
    if (declared.version !== '1.0') {
      this.reader.failed(new XmlError(ErrorCode.XmlDeclarationInvalid, start));
    } else this.reader.put(Event.Declaration, declared, end);
  }

  failed(error: XmlError): void {
    this.reader.put(Event.Error, error, error.offset);
  }

  ended(): void {
    this.reader.put(Event.End, undefined, this.reader.size);
  }

  // ---- Delivery -------------------------------------------------------------------------------

  deliver(event: Event, value: unknown): void {
    const { handlers } = this;
    switch (event) {
      case Event.Tag:
        this.#open(value as Opening);
        break;
      case Event.EndTag: {
        const tag = this.#tags.pop();
        this.#top = tag?.ns;
        if (this.#options.isNs) this.#scope.close();
        handlers.closetag?.(tag);
        this.#top = undefined;
        break;
      }
      case Event.Text:
        handlers.text?.(value);
        break;
      case Event.Cdata:
        handlers.cdata?.(value);
        break;
      case Event.Comment:
        handlers.comment?.(value);
        break;
      case Event.Instruction:
        handlers.processinginstruction?.(value);
        break;
      case Event.Declaration:
        this.declarations = value as XMLDecl;
        handlers.xmldecl?.(value);
        break;
      case Event.Error:
        this.#options.failed(value as XmlError);
        break;
      case Event.End:
        this.#end();
        break;
    }
  }

  #end(): void {
    this.isClosed = true;
    try {
      this.handlers.end?.();
    } finally {
      this.isClosed = false;
      this.declarations = noDeclaration();
      this.reader.restart();
    }
    this.handlers.ready?.();
  }

  /** A tag is as many events as it has listeners for; after each of them it is the next one again. */
  #open(opening: Opening): void {
    const { handlers, reader } = this;
    const { tag, attributes, ends, named } = opening;
    if (opening.next === beforeName) {
      this.#top = tag.ns;
      opening.next = 0;
      if (handlers.opentagstart !== undefined) {
        reader.putBack(named);
        handlers.opentagstart(tag);
        return;
      }
    }
    while (opening.next < attributes.length) {
      const attribute = attributes[opening.next];
      const end = ends[opening.next++];
      if (this.#options.isNs) this.#bind(attribute as SaxesAttributeNS);
      if (handlers.attribute === undefined) continue;
      reader.putBack(end);
      handlers.attribute(attribute);
      return;
    }
    this.#tag(opening);
  }

  /** A declaration counts from its own attribute on, in the tag that it stands in. */
  #bind({ name, prefix, local, value }: SaxesAttributeNS): void {
    if (this.#top === undefined) return;
    if (prefix === 'xmlns') this.#top[local] = value.trim();
    else if (name === 'xmlns') this.#top[''] = value.trim();
  }

  #tag({ tag, attributes, isEmpty, offset }: Opening): void {
    if (this.#options.isNs) {
      if (!this.#resolveTag(tag, attributes as SaxesAttributeNS[], offset)) return;
    } else {
      const map = tag.attributes as Record<string, string>;
      for (const { name, value } of attributes) map[name] = value;
    }
    tag.isSelfClosing = isEmpty;
    this.#tags.push(tag);
    this.handlers.opentag?.(tag);
  }

  /** False after a fault. */
  #resolveTag(tag: SaxesTag, attributes: readonly SaxesAttributeNS[], offset: number): boolean {
    this.#top = undefined;
    this.#scope.open();
    this.#declare(tag.ns ?? {});
    const { prefix, local } = partsOf(tag.name);
    tag.prefix = prefix;
    tag.local = local;
    tag.uri = this.resolve(prefix) ?? '';
    if (prefix === 'xmlns') return this.#refuse(ErrorCode.XmlPrefixReserved, offset);
    if (prefix !== '' && tag.uri === '') {
      return this.#refuse(ErrorCode.XmlPrefixUndeclared, offset);
    }
    const map = tag.attributes as Record<string, SaxesAttributeNS>;
    // The core has compared the attributes whose prefixes it knows.
    const seen = this.#options.anyPrefix === true ? new Set<string>() : undefined;
    for (const attribute of attributes) {
      const { name } = attribute;
      let uri = name === 'xmlns' ? xmlnsNamespace : '';
      if (attribute.prefix !== '') {
        const found = this.resolve(attribute.prefix);
        if (found === undefined) return this.#refuse(ErrorCode.XmlPrefixUndeclared, offset);
        uri = found;
      }
      if (seen !== undefined) {
        const expanded = attribute.prefix === '' ? name : `{${uri}}${attribute.local}`;
        if (seen.has(expanded)) return this.#refuse(ErrorCode.XmlDuplicateExpandedName, offset);
        seen.add(expanded);
      }
      attribute.uri = uri;
      map[name] = attribute;
    }
    return true;
  }

  /** Adds to what is in scope; a prefix that a handler has made undefined says nothing. */
  #declare(bindings: Bindings): void {
    for (const prefix in bindings) {
      const uri = bindings[prefix];
      if (uri !== undefined) this.#scope.declare(prefix, uri);
    }
  }

  #refuse(code: ErrorCode, offset: number): false {
    this.reader.abort(new XmlError(code, offset));
    return false;
  }
}

function noDeclaration(): XMLDecl {
  return { version: undefined, encoding: undefined, standalone: undefined };
}

/** An object that takes any name, as saxes makes them. */
export function bare(): Record<string, never> {
  return bareObject() as Record<string, never>;
}

/** Of a literal, which V8 makes at once; its `uri` is set when the tag is resolved. */
function namespacedAttribute(name: string, value: string): Omit<SaxesAttributeNS, 'uri'> {
  const colon = name.indexOf(':');
  return colon < 0
    ? { name, prefix: '', local: name, value }
    : { name, prefix: name.slice(0, colon), local: name.slice(colon + 1), value };
}

function partsOf(name: string): { readonly prefix: string; readonly local: string } {
  const colon = name.indexOf(':');
  return colon < 0
    ? { prefix: '', local: name }
    : { prefix: name.slice(0, colon), local: name.slice(colon + 1) };
}
