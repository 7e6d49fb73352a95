/*
 * An element of a stanza: an immutable view that reads what it is asked for and keeps the answer.
 *
 * Invariants: all elements have one shape, fields in one order, whether they view a document or were
 * built by a program; nothing here recurses, so depth costs no stack; nothing that was handed out
 * changes. Two questions for the same child give the same object.
 *
 * Not done here: parsing, and writing (serialize.ts). RFC: XML 1.0, Namespaces in XML 1.0.
 */
import { Flag, Kind, Name, Namespace, Tape } from '../assembly/abi.js';
import { bareObject } from './bare-object.js';
import { localPart, prefixPart, writtenNames, type Document } from './document.js';
import { UsageError } from './errors.js';
import { NS } from './namespaces.js';
import { Scope } from './scopes.js';
import { serialize, serializeBytes } from './serialize.js';
import { checkedName } from './xml-name.js';

/** Attributes by the names they are written with, namespace declarations included; no prototype. */
export type Attributes = Readonly<Record<string, string | undefined>>;

/** What an element holds: elements and texts, never two texts in a row, never an empty one. */
export type Child = Element | string;

/**
 * What an element has beyond its document.
 *
 * @internal
 */
export interface Built {
  /** The prefix that it is written with, '' for none. */
  readonly prefix: string;
  /** The default namespace inside, undefined as long as no ancestor says one. */
  readonly defaultNamespace: string | undefined;
  /** Children as they were given; those without a namespace take the default one. */
  readonly children: readonly Child[];
  /** Prefixes that ancestors declare, undefined for none. */
  readonly outer?: Scope | undefined;
}

/** Marks a view whose attributes differ from those of its document. */
const patched: Built = { prefix: '', defaultNamespace: undefined, children: [] };

const noAttributes: Attributes = /* @__PURE__ */ Object.freeze(bareObject());
const noChildren: readonly Child[] = /* @__PURE__ */ Object.freeze([]);

/**
 * One XML element with its attributes and children. Elements are immutable: derive a changed copy
 * with `withAttrs`, or build one with `xml`.
 *
 *     const stanza = parse('<message to="juliet@example.com"><body>Hi &amp; bye</body></message>');
 *     stanza.name                  // 'message'
 *     stanza.attr('to')            // 'juliet@example.com'
 *     stanza.child('body')?.text   // 'Hi & bye'
 *
 * Elements of a stream read their stanza on demand and stay valid after later feeds. An element
 * that is kept keeps its whole stanza alive, and nothing beyond it.
 */
export class Element {
  /** @internal */
  declare private readonly nameValue: string;
  /** @internal */
  declare readonly document: Document | null;
  /** @internal */
  declare readonly position: number;
  /** @internal */
  declare private nsValue: string | undefined;
  /** @internal */
  declare private attrsValue: Attributes | undefined;
  /** @internal */
  declare private childrenValue: readonly Child[] | undefined;
  // Children that were asked for one by one, linked through `next`.
  /** @internal */
  declare private found: Element | null;
  /** @internal */
  declare private next: Element | null;
  /** @internal */
  declare readonly built: Built | null;

  private constructor(
    name: string,
    document: Document | null,
    position: number,
    nsValue: string | undefined,
    attrsValue: Attributes | undefined,
    built: Built | null,
  ) {
    this.nameValue = name;
    this.document = document;
    this.position = position;
    this.nsValue = nsValue;
    this.attrsValue = attrsValue;
    this.childrenValue = undefined;
    this.found = null;
    this.next = null;
    this.built = built;
  }

  /**
   * The element of a document whose START is at `index`: by default the root.
   *
   * @internal
   */
  static view(document: Document, index = document.first): Element {
    return new Element(
      document.localName(index),
      document,
      index - document.first,
      undefined,
      undefined,
      null,
    );
  }

  /**
   * An element that is no view. `ns` is undefined as long as no ancestor says one.
   *
   * @internal
   */
  static build(name: string, ns: string | undefined, attrs: Attributes, built: Built): Element {
    Object.freeze(built.children);
    return new Element(name, null, 0, ns, Object.freeze(attrs), built);
  }

  /**
   * Tells a new view what its document says.
   *
   * @internal
   */
  fill(attrs: Attributes, children: readonly Child[]): void {
    this.attrsValue = attrs;
    this.childrenValue = children;
  }

  /** The local name, without a prefix. */
  get name(): string {
    return this.nameValue;
  }

  /** The namespace URI, '' for none. */
  get ns(): string {
    const { nsValue, document } = this;
    if (nsValue !== undefined) return nsValue;
    if (document === null) return '';
    document.touch();
    return (this.nsValue = document.namespace(document.first + this.position));
  }

  /**
   * All attributes as they are written: prefixed names, and namespace declarations too. The object
   * has no prototype and is frozen.
   */
  get attrs(): Attributes {
    const { attrsValue, document } = this;
    if (attrsValue !== undefined) return attrsValue;
    if (document === null) return noAttributes;
    document.touch();
    return (this.attrsValue = readAttributes(document, document.first + this.position + Tape.Size));
  }

  /** Child elements and texts in document order; adjacent text and CDATA are one string. Frozen. */
  get children(): readonly Child[] {
    const { childrenValue, document } = this;
    if (childrenValue !== undefined) return childrenValue;
    return (this.childrenValue =
      document === null
        ? Object.freeze(adoptAll(this.built ?? patched, this.attrs))
        : this.readChildren(document));
  }

  /** The texts among the children, joined; not those of descendants. */
  get text(): string {
    const { document } = this;
    if (this.childrenValue === undefined && document !== null) {
      document.touch();
      const { words } = document;
      // The common contents, one text or nothing, need no list of children.
      const index = document.content(document.first + this.position);
      const kind = words[index] & 0xff;
      if (kind === Kind.End) return '';
      if (kind === Kind.Text && (words[index + Tape.Size] & 0xff) === Kind.End) {
        return document.text(index);
      }
    }
    let text = '';
    for (const child of this.children) if (typeof child === 'string') text += child;
    return text;
  }

  /**
   * The value of an attribute. Without `ns`, of the one written as `name`; with it, of the one with
   * this local name in this namespace.
   *
   *     stanza.attr('to')             // 'juliet@example.com', or undefined
   *     stanza.attr('lang', NS.xml)   // 'en'
   */
  attr(name: string, ns?: string): string | undefined {
    if (ns !== undefined && ns !== '') return this.attributesByNamespace().get(`{${ns}}${name}`);
    const { attrsValue, document } = this;
    if (attrsValue !== undefined || document === null) return this.attrs[name];
    document.touch();
    const { words } = document;
    let index = document.first + this.position + Tape.Size;
    for (;;) {
      const head = words[index];
      const kind = head & 0xff;
      if (kind !== Kind.Attribute && kind !== Kind.Xmlns) return undefined;
      const id = head >>> 16;
      if ((id !== 0 ? writtenNames[id] : document.attributeName(index)) === name) {
        return document.attributeValue(index);
      }
      index += Tape.Size;
    }
  }

  /** The first child element with this name and namespace, either of which may be left out. */
  child(name?: string, ns?: string): Element | undefined {
    const { childrenValue, document } = this;
    if (childrenValue !== undefined || document === null) {
      for (const child of this.children) {
        if (typeof child !== 'string' && child.is(name, ns)) return child;
      }
      return undefined;
    }
    document.touch();
    const { words } = document;
    let index = document.content(document.first + this.position);
    for (;;) {
      const kind = words[index] & 0xff;
      if (kind === Kind.Start) {
        if (
          (name === undefined || document.isNamed(index, name)) &&
          (ns === undefined || document.namespace(index) === ns)
        ) {
          return this.childAt(document, index);
        }
        index = document.after(index);
      } else if (kind === Kind.End) {
        return undefined;
      } else {
        index += Tape.Size;
      }
    }
  }

  /** The child elements with this name and namespace, either of which may be left out. */
  elements(name?: string, ns?: string): Element[] {
    const elements: Element[] = [];
    for (const child of this.children) {
      if (typeof child !== 'string' && child.is(name, ns)) elements.push(child);
    }
    return elements;
  }

  /** Whether the element has this name and namespace, either of which may be left out. */
  is(name?: string, ns?: string): boolean {
    return (name === undefined || this.name === name) && (ns === undefined || this.ns === ns);
  }

  /**
   * A copy with other attributes: those named are set, or removed where the value is undefined. The
   * content is shared and stays unparsed; namespace declarations cannot be changed.
   *
   *     parse('<iq id="1" to="a"/>').withAttrs({ from: 'b', to: undefined }).toString()
   *     // '<iq id="1" from="b"/>'
   */
  withAttrs(changes: Readonly<Record<string, string | undefined>>): Element {
    const attrs = bareObject();
    const { attrs: old } = this;
    for (const name in old) attrs[name] = old[name];
    for (const name of Object.keys(changes)) {
      if (name === 'xmlns' || name.startsWith('xmlns:')) {
        throw new UsageError('withAttrs does not change namespace declarations');
      }
      const value = changes[name];
      if (value === undefined) Reflect.deleteProperty(attrs, name);
      else attrs[checkedName(name)] = value;
    }
    const copy = new Element(
      this.name,
      this.document,
      this.position,
      this.nsValue,
      Object.freeze(attrs),
      this.built ?? patched,
    );
    copy.childrenValue = this.childrenValue;
    copy.found = this.found;
    return copy;
  }

  /**
   * Whether both are the same tree: names, namespaces, attributes in any order and texts. Prefixes
   * and namespace declarations do not count.
   */
  equals(other: Element): boolean {
    if (!(other instanceof Element)) return false;
    // Pairs still to be compared; each element is visited once.
    const pairs: Element[] = [this, other];
    for (;;) {
      const right = pairs.pop();
      const left = pairs.pop();
      if (left === undefined || right === undefined) return true;
      if (left === right) continue;
      if (left.name !== right.name || left.ns !== right.ns) return false;
      if (!sameAttributes(left, right)) return false;
      const ours = left.children;
      const theirs = right.children;
      if (ours.length !== theirs.length) return false;
      for (let index = 0; index < ours.length; index++) {
        const ourChild = ours[index];
        const theirChild = theirs[index];
        if (typeof ourChild === 'string' || typeof theirChild === 'string') {
          if (ourChild !== theirChild) return false;
        } else {
          pairs.push(ourChild, theirChild);
        }
      }
    }
  }

  /**
   * The element as XML that stands alone: every namespace it uses is declared. What was parsed and
   * not changed is written as it came. `scope` is the namespace that is the default one where the
   * text will stand, and need not be declared there.
   *
   *     stanza.toString()            // '<message xmlns="jabber:client" to="...">...'
   *     stanza.toString(NS.client)   // '<message to="...">...'
   *
   * Throws UsageError if a name or value of a built element cannot be written as XML.
   */
  toString(scope = ''): string {
    return serialize(this, scope);
  }

  /** The same as UTF-8; of a stanza that was parsed, this is a copy of its bytes. */
  toBytes(scope = ''): Uint8Array {
    return serializeBytes(this, scope);
  }

  /** @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Element ${this.toString()}`;
  }

  /**
   * Attributes that are no namespace declarations: `name`, or `{uri}local` for prefixed ones.
   *
   * @internal
   */
  attributesByNamespace(): Map<string, string> {
    const { attrs, document } = this;
    const byNamespace = new Map<string, string>();
    let scope: Scope | undefined;
    for (const written in attrs) {
      const value = attrs[written] ?? '';
      const prefix = prefixPart(written);
      if (prefix === 'xmlns' || written === 'xmlns') continue;
      if (prefix === '') {
        byNamespace.set(written, value);
        continue;
      }
      let uri: string | undefined;
      if (prefix === 'xml') {
        uri = NS.xml;
      } else if (document === null) {
        uri = attrs[`xmlns:${prefix}`] ?? this.built?.outer?.get(prefix) ?? knownPrefixes[prefix];
      } else {
        uri = attrs[`xmlns:${prefix}`] ?? (scope ??= this.scopeIn(document)).get(prefix);
      }
      byNamespace.set(`{${uri ?? ''}}${localPart(written)}`, value);
    }
    return byNamespace;
  }

  private scopeIn(document: Document): Scope {
    document.touch();
    return document.scopeAround(this.position);
  }

  private readChildren(document: Document): readonly Child[] {
    document.touch();
    const start = document.first + this.position;
    const known = this.found === null ? undefined : this.takeFound();
    return listFrom(document, start, document.content(start), known);
  }

  /** The children that were handed out one by one, by their positions; they are all listed now. */
  private takeFound(): Map<number, Element> {
    const known = new Map<number, Element>();
    for (let child = this.found; child !== null; child = child.next) {
      known.set(child.position, child);
    }
    this.found = null;
    return known;
  }

  /** The child whose START is at `index`: the one that was handed out before, if any. */
  private childAt(document: Document, index: number): Element {
    const position = index - document.first;
    for (let child = this.found; child !== null; child = child.next) {
      if (child.position === position) return child;
    }
    const child = Element.view(document, index);
    child.next = this.found;
    this.found = child;
    return child;
  }
}

/** Where the last reader of attributes or children stopped, as an index into the tape. */
let cursor = 0;

/**
 * The children of the element whose START is at `start`, from the record at `first` on; leaves the
 * cursor behind its END. Below a small element everything is read on the way, in one pass, which
 * costs less than to come back for each descendant.
 */
function listFrom(
  document: Document,
  start: number,
  first: number,
  known: ReadonlyMap<number, Element> | undefined,
): readonly Child[] {
  const { words } = document;
  cursor = first;
  let kind = words[cursor] & 0xff;
  if (kind === Kind.End) {
    cursor += Tape.Size;
    return noChildren;
  }
  const extent = words[start + Tape.Extent] >>> 2;
  const isSmall = extent <= smallExtent;
  // END counts texts and sections apart, which are one child where they touch.
  const count = words[start + extent - Tape.Size + Tape.Offset];
  let children: Child[];
  if (count === 1) {
    children = [readChild(document, kind, known, isSmall)];
  } else {
    children = new Array<Child>(count);
    let length = 0;
    let isAfterText = false;
    do {
      const child = readChild(document, kind, known, isSmall);
      const isText = typeof child === 'string';
      if (isText && isAfterText) children[length - 1] = (children[length - 1] as string) + child;
      else children[length++] = child;
      isAfterText = isText;
      kind = words[cursor] & 0xff;
    } while (kind !== Kind.End);
    if (length !== count) children.length = length;
  }
  cursor += Tape.Size;
  return Object.freeze(children);
}

/** Elements of at most so many words of tape, 64 records, are read whole; it bounds recursion too. */
const smallExtent = 256;

/** The child whose record is at the cursor, which moves behind it. */
function readChild(
  document: Document,
  kind: number,
  known: ReadonlyMap<number, Element> | undefined,
  isWhole: boolean,
): Child {
  const index = cursor;
  if (kind !== Kind.Start) {
    cursor += Tape.Size;
    return document.text(index);
  }
  let child = known?.get(index - document.first);
  if (child === undefined) {
    child = Element.view(document, index);
    if (isWhole) {
      const attrs = readAttributes(document, index + Tape.Size);
      child.fill(attrs, listFrom(document, index, cursor, undefined));
      return child;
    }
  }
  cursor = document.after(index);
  return child;
}

/** Prefixes that may be used without a declaration in built elements. */
export const knownPrefixes: Readonly<Record<string, string | undefined>> = {
  __proto__: null as unknown as string,
  stream: NS.streams,
  db: NS.dialback,
  xml: NS.xml,
};

/** The head of a plain `xmlns='...'`. */
const xmlnsHead = Kind.Xmlns | (Name.Xmlns << 16);

/**
 * Attributes of elements that have nothing but a known namespace, by its number: most payloads.
 * They are shared, and frozen for it.
 */
const xmlnsAttributes: Attributes[] = [];

/** The attributes whose records are at `first` and after; leaves the cursor behind them. */
function readAttributes(document: Document, first: number): Attributes {
  const { words } = document;
  let index = first;
  let kind = words[index] & 0xff;
  cursor = index;
  if (kind !== Kind.Attribute && kind !== Kind.Xmlns) return noAttributes;
  if (words[index] === xmlnsHead && (words[index - Tape.Size] & (Flag.Prefixed << 8)) === 0) {
    const after = words[index + Tape.Size] & 0xff;
    const uri = words[index - Tape.Size + Tape.Detail];
    if (after !== Kind.Attribute && after !== Kind.Xmlns && uri > 0 && uri < Namespace.Header) {
      cursor = index + Tape.Size;
      return (xmlnsAttributes[uri] ??= Object.freeze(
        Object.assign(bareObject(), { xmlns: document.attributeValue(index) }),
      ));
    }
  }
  const attrs = bareObject();
  do {
    attrs[document.attributeName(index)] = document.attributeValue(index);
    index += Tape.Size;
    kind = words[index] & 0xff;
  } while (kind === Kind.Attribute || kind === Kind.Xmlns);
  cursor = index;
  return Object.freeze(attrs);
}

/** Children of a built element: they take its prefixes, and those that have no namespace yet the default one. */
function adoptAll(
  { children, defaultNamespace: ns, outer }: Built,
  attrs: Attributes,
): readonly Child[] {
  const scope = prefixesInside(attrs, outer);
  const isAdopted = (child: Child): boolean =>
    typeof child === 'string' ||
    child.built === null ||
    child.document !== null ||
    ((ns === undefined || !isOpen(child)) && child.built.outer === scope);
  if (children.every(isAdopted)) return children;
  return children.map((child) => {
    if (typeof child === 'string' || child.built === null || isAdopted(child)) return child;
    const { built } = child;
    const own = isOpen(child) && built.prefix === '' ? ns : child.ns;
    return Element.build(child.name, own, child.attrs, {
      prefix: built.prefix,
      defaultNamespace: built.defaultNamespace ?? ns,
      children: built.children,
      outer: scope,
    });
  });
}

/** The prefixes in scope inside an element with these attributes. */
function prefixesInside(attrs: Attributes, outer: Scope | undefined): Scope | undefined {
  let own: Map<string, string> | undefined;
  for (const name in attrs) {
    if (prefixPart(name) !== 'xmlns') continue;
    own ??= new Map<string, string>();
    own.set(localPart(name), attrs[name] ?? '');
  }
  return own === undefined ? outer : new Scope(own, outer);
}

/** Whether a child waits for its parent to say the default namespace. */
function isOpen(child: Child): boolean {
  return (
    typeof child !== 'string' &&
    child.document === null &&
    child.built?.defaultNamespace === undefined
  );
}

function sameAttributes(left: Element, right: Element): boolean {
  if (left.attrs === right.attrs && left.document === right.document) return true;
  const ours = left.attributesByNamespace();
  const theirs = right.attributesByNamespace();
  if (ours.size !== theirs.size) return false;
  for (const [name, value] of ours) if (theirs.get(name) !== value) return false;
  return true;
}
