/*
 * Tokens as the events of sax in its strict mode: `opentagstart`, `attribute`, `opentag`, `closetag`
 * with a name, texts and CDATA sections, and with `xmlns` the namespaces that a tag opens and closes.
 *
 * A text waits for the event behind it, as with sax, and is reported where that is. What a tag has
 * (its namespaces, its attributes) is known when it is read; the parser's own fields and the tag's
 * change when an event is delivered. Listeners are looked up then, since another may have set them.
 */
import type { XmlError } from '../xml-error.js';
import { put } from './attributes.js';
import { SaxReader, type EventSource, type ReaderOptions } from './sax-reader.js';
import type { StartTag } from './sax-tokens.js';
import type { Listeners, Namespace, QualifiedAttribute, QualifiedTag, Tag } from './sax-types.js';

/** A tag while it is made: with `xmlns` it becomes a QualifiedTag, and a Tag without. */
export type OpenTag = Pick<Tag, 'name' | 'isSelfClosing'> &
  Partial<Omit<QualifiedTag, 'attributes'>> & {
    attributes: Record<string, string | QualifiedAttribute>;
  };

/** What the events change in a parser, and the listeners that they call. */
export interface SaxState extends Listeners {
  tag: OpenTag | null;
  tags: OpenTag[];
  sawRoot: boolean;
  closedRoot: boolean;
  startTagPosition: number;
}

export interface SaxHooks {
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
  Text,
  Comment,
  Instruction,
  CdataStart,
  Cdata,
  CdataEnd,
  /** The parser's field `tag` changes; a text that waits is reported after that. */
  TagStart,
  /** All that a start tag reports. */
  Tag,
  EndStart,
  EndTag,
  NamespaceEnd,
  /** The end of the root element, its namespaces too, is reported. */
  RootEnd,
  Error,
  End,
}

/** What a start tag reports next. */
const enum Step {
  Name,
  Namespaces,
  Attributes,
}

/** A start tag on its way. */
interface Opening {
  readonly tag: OpenTag;
  /** With `xmlns`: what is in scope in it, an object of its own if it declares something. */
  readonly scope: Bindings | undefined;
  /** With `xmlns` and a listener, once they are reported: what it declares. */
  declared?: readonly Namespace[];
  readonly names: readonly string[];
  readonly values: readonly (string | QualifiedAttribute)[];
  /** Bytes before the ends of the name, each attribute and the tag. */
  readonly named: number;
  readonly ends: readonly number[];
  readonly end: number;
  readonly isEmpty: boolean;
  step: Step;
  /** The index of the namespace or attribute that is reported next. */
  next: number;
}

const none: readonly number[] = [];

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
    const { name, isEmpty, start, named, end, count } = source;
    const { isNs } = this.#options;
    const tag: Partial<OpenTag> = { name, attributes: {} };
    if (isNs) tag.ns = this.#scopes.at(-1) ?? this.#root;
    this.#isEmpty = isEmpty;
    if (this.#text !== '') {
      this.reader.put(Event.TagStart, tag, named, start);
      this.#flush(named, start);
    }
    this.#start = start;
    const scope = isNs ? this.#scopeIn(source) : undefined;
    const opening: Opening = {
      tag: tag as OpenTag,
      scope,
      names: source.names.slice(0, count),
      values: scope === undefined ? source.values.slice(0, count) : qualified(source, scope),
      named,
      // With `xmlns` a declaration counts in the whole tag, so all is reported at its end.
      ends: isNs ? none : source.ends.slice(0, count),
      end,
      isEmpty,
      step: Step.Name,
      next: 0,
    };
    this.reader.put(Event.Tag, opening, end, start);
  }

  /** What is in scope in a tag: what is around it, unless it declares something. */
  #scopeIn({ names, values, count }: StartTag): Bindings {
    const around = this.#scopes.at(-1) ?? this.#root;
    let own: Bindings | undefined;
    for (let index = 0; index < count; index++) {
      const name = names[index];
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
      own ??= Object.create(around) as Bindings;
      put(own, name.slice(6), values[index]);
    }
    const scope = own ?? around;
    this.#scopes.push(scope);
    return scope;
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
    if (own !== undefined && own !== (this.#scopes.at(-1) ?? this.#root)) {
      for (const namespace of namespacesOf(own)) {
        reader.put(Event.NamespaceEnd, namespace, end, start);
      }
    }
    if (reader.depth === 0) reader.put(Event.RootEnd, undefined, end, start);
  }

  text(value: string, isCdata: boolean, start: number, end: number): void {
    if (!isCdata) {
      this.#text += value;
      return;
    }
    this.#put(Event.CdataStart, undefined, start + 9, start);
    if (value !== '') this.#put(Event.Cdata, value, end, start);
    this.#put(Event.CdataEnd, undefined, end, start);
  }

  comment(value: string, start: number, end: number): void {
    const text = this.#trimmed(value);
    if (text !== '') this.#put(Event.Comment, text, end - 1, start);
  }

  instruction(name: string, source: string, start: number, end: number): void {
    const body = source.replace(/^[ \t\r\n]+/, '');
    this.#put(Event.Instruction, { name, body }, end, start);
  }

  declaration(source: string, start: number, end: number): void {
    this.instruction('xml', source, start, end);
  }

  failed(error: XmlError): void {
    this.#put(Event.Error, error, error.offset, this.#start);
  }

  ended(): void {
    this.#put(Event.End, undefined, this.reader.size, this.#start);
  }

  /** An event, and the text that has waited for it. */
  #put(event: Event, value: unknown, offset: number, start: number): void {
    this.#flush(offset, start);
    this.reader.put(event, value, offset, start);
  }

  #flush(offset: number, start: number): void {
    this.#start = start;
    if (this.#text === '') return;
    const value = this.#trimmed(this.#text);
    this.#text = '';
    if (value !== '') this.reader.put(Event.Text, value, offset, start);
  }

  #trimmed(text: string): string {
    const { trim, normalize } = this.#options;
    const value = trim ? text.trim() : text;
    return normalize ? value.replace(/\s+/g, ' ') : value;
  }

  // ---- Delivery -------------------------------------------------------------------------------

  deliver(event: Event, value: unknown): void {
    const parser = this.#parser;
    parser.startTagPosition = this.reader.startUnits(parser.startTagPosition);
    switch (event) {
      case Event.Text:
        parser.ontext?.(value as string);
        break;
      case Event.Comment:
        parser.oncomment?.(value as string);
        break;
      case Event.Instruction:
        parser.onprocessinginstruction?.(value as { name: string; body: string });
        break;
      case Event.CdataStart:
        parser.onopencdata?.();
        break;
      case Event.Cdata:
        parser.oncdata?.(value as string);
        break;
      case Event.CdataEnd:
        parser.onclosecdata?.();
        break;
      case Event.TagStart:
        parser.tag = value as OpenTag;
        break;
      case Event.Tag:
        this.#open(value as Opening);
        break;
      case Event.EndStart:
        parser.tag = parser.tags.pop() ?? null;
        break;
      case Event.EndTag:
        parser.onclosetag?.(parser.tag?.name ?? '');
        break;
      case Event.NamespaceEnd:
        parser.onclosenamespace?.(value as Namespace);
        break;
      case Event.RootEnd:
        parser.closedRoot = true;
        break;
      case Event.Error:
        this.#hooks.fail(value as XmlError);
        break;
      case Event.End:
        this.#scopes = [];
        this.#root = rootBindings();
        this.#hooks.finish();
        break;
    }
  }

  /** A tag is as many events as it has listeners for; after each of them it is the next one again. */
  #open(opening: Opening): void {
    const { reader } = this;
    const parser = this.#parser;
    const { tag, scope, names, values } = opening;
    if (opening.step === Step.Name) {
      parser.tag = tag;
      opening.step = Step.Namespaces;
      if (parser.onopentagstart) {
        reader.putBack(opening.named);
        parser.onopentagstart(tag as Tag);
        return;
      }
    }
    if (opening.step === Step.Namespaces) {
      if (scope !== undefined && this.#declare(opening, scope)) return;
      opening.step = Step.Attributes;
      opening.next = 0;
    }
    while (opening.next < names.length) {
      const index = opening.next++;
      const name = names[index];
      const value = values[index];
      put(tag.attributes, name, value);
      if (!parser.onattribute) continue;
      reader.putBack(scope === undefined ? opening.ends[index] : opening.end);
      parser.onattribute(typeof value === 'string' ? { name, value } : value);
      return;
    }
    tag.isSelfClosing = opening.isEmpty;
    parser.sawRoot = true;
    parser.tags.push(tag);
    try {
      parser.onopentag?.(tag as Tag);
    } finally {
      if (!opening.isEmpty) parser.tag = null;
    }
  }

  /** Completes a tag's own fields, and reports the next namespace; false if there is none. */
  #declare(opening: Opening, scope: Bindings): boolean {
    const parser = this.#parser;
    const { tag } = opening;
    if (opening.declared === undefined) {
      const colon = tag.name.indexOf(':');
      const isOwn = tag.ns !== scope;
      tag.ns = scope;
      tag.prefix = colon < 0 ? '' : tag.name.slice(0, colon);
      tag.local = tag.name.slice(colon + 1);
      tag.uri = scope[tag.prefix] ?? '';
      if (!isOwn || !parser.onopennamespace) return false;
      opening.declared = namespacesOf(scope);
    }
    if (!parser.onopennamespace || opening.next === opening.declared.length) return false;
    this.reader.putBack(opening.end);
    parser.onopennamespace(opening.declared[opening.next++]);
    return true;
  }
}

function namespacesOf(own: Bindings): Namespace[] {
  return Object.entries(own).map(([prefix, uri]) => ({ prefix, uri }));
}

function qualified({ names, values, count }: StartTag, scope: Bindings): QualifiedAttribute[] {
  const attributes = new Array<QualifiedAttribute>(count);
  for (let index = 0; index < count; index++) {
    const name = names[index];
    const value = values[index];
    const colon = name.indexOf(':');
    if (colon >= 0) {
      const prefix = name.slice(0, colon);
      const uri = scope[prefix] ?? '';
      attributes[index] = { name, value, prefix, local: name.slice(colon + 1), uri };
    } else if (name === 'xmlns') {
      attributes[index] = { name, value, prefix: name, local: '', uri: scope[name] };
    } else attributes[index] = { name, value, prefix: '', local: name, uri: '' };
  }
  return attributes;
}
