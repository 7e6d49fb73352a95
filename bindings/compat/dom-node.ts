/*
 * The nodes of a small W3C DOM (DOM Standard, section 4), for XML alone: what XMPP libraries use, and
 * no more. Documents, elements, attributes, texts, CDATA sections and fragments; no comments, no
 * processing instructions, no events, no ranges, no live collections.
 *
 * Invariants: names and attributes are as written, namespaces are resolved once, when a node is made;
 * no walk over a tree is recursive, so depth costs no stack. Mistakes of the caller are thrown as
 * Errors with the names of the standard (HierarchyRequestError, NotFoundError).
 */

const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';

/** An array with `item`, as lists of nodes and attributes are; it does not follow later changes. */
export class NodeList<Item> extends Array<Item> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  item(index: number): Item | null {
    return this[index] ?? null;
  }
}

/** The attributes of an element, in document order. */
export class NamedNodeMap extends NodeList<Attr> {
  getNamedItem(name: string): Attr | null {
    return this.find((attribute) => attribute.name === name) ?? null;
  }

  getNamedItemNS(namespace: string | null, localName: string): Attr | null {
    return (
      this.find(
        (attribute) =>
          attribute.localName === localName && attribute.namespaceURI === orNull(namespace),
      ) ?? null
    );
  }
}

/** '' as a namespace or prefix means that there is none. */
function orNull(value: string | null): string | null {
  return value === '' ? null : value;
}

function fault(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

export abstract class Node {
  static readonly ELEMENT_NODE = 1;
  static readonly ATTRIBUTE_NODE = 2;
  static readonly TEXT_NODE = 3;
  static readonly CDATA_SECTION_NODE = 4;
  static readonly DOCUMENT_NODE = 9;
  static readonly DOCUMENT_FRAGMENT_NODE = 11;

  abstract readonly nodeType: number;
  abstract readonly nodeName: string;
  parentNode: Node | null = null;
  ownerDocument: Document | null;
  readonly childNodes = new NodeList<Node>();

  constructor(ownerDocument: Document | null) {
    this.ownerDocument = ownerDocument;
  }

  get nodeValue(): string | null {
    return null;
  }

  set nodeValue(_value: string | null) {
    // Nodes with a value have their own setter; others ignore it.
  }

  get parentElement(): Element | null {
    return this.parentNode instanceof Element ? this.parentNode : null;
  }

  get firstChild(): Node | null {
    return this.childNodes.item(0);
  }

  get lastChild(): Node | null {
    return this.childNodes.item(this.childNodes.length - 1);
  }

  get nextSibling(): Node | null {
    return this.#sibling(1);
  }

  get previousSibling(): Node | null {
    return this.#sibling(-1);
  }

  #sibling(step: number): Node | null {
    if (this.parentNode === null) return null;
    const { childNodes } = this.parentNode;
    return childNodes.item(childNodes.indexOf(this) + step);
  }

  get children(): NodeList<Element> {
    const found = new NodeList<Element>();
    for (const child of this.childNodes) if (child instanceof Element) found.push(child);
    return found;
  }

  get childElementCount(): number {
    return this.children.length;
  }

  get firstElementChild(): Element | null {
    return this.children.item(0);
  }

  get lastElementChild(): Element | null {
    const { children } = this;
    return children.item(children.length - 1);
  }

  /** The texts of all descendants, joined. */
  get textContent(): string | null {
    let text = '';
    for (const node of descendantsOf(this)) if (node instanceof CharacterData) text += node.data;
    return text;
  }

  set textContent(value: string | null) {
    while (this.firstChild !== null) this.removeChild(this.firstChild);
    const owner = this.ownerDocument;
    if (value) this.appendChild(new Text(owner, value));
  }

  hasChildNodes(): boolean {
    return this.childNodes.length > 0;
  }

  contains(other: Node | null): boolean {
    let node = other;
    while (node !== null && node !== this) node = node.parentNode;
    return node !== null;
  }

  appendChild<Child extends Node>(child: Child): Child {
    return this.insertBefore(child, null);
  }

  insertBefore<Child extends Node>(child: Child, reference: Node | null): Child {
    if (!(child instanceof Node)) throw new TypeError('a child is a Node');
    if (child instanceof Attr || child instanceof Document || !mayHold(this)) {
      throw fault('HierarchyRequestError', `${this.nodeName} cannot hold ${child.nodeName}`);
    }
    if (child.contains(this)) {
      throw fault('HierarchyRequestError', 'a node cannot hold itself or one around it');
    }
    if (reference !== null && reference.parentNode !== this) {
      throw fault('NotFoundError', 'the reference is no child of this node');
    }
    const added = child instanceof DocumentFragment ? [...child.childNodes] : [child];
    if (this instanceof Document) checkRoot(this, added);
    for (const node of added) {
      if (node === reference) continue;
      node.parentNode?.removeChild(node);
      const { childNodes } = this;
      const index = reference === null ? childNodes.length : childNodes.indexOf(reference);
      if (index === childNodes.length) childNodes.push(node);
      else childNodes.splice(index, 0, node);
      node.parentNode = this;
      adopt(node, this instanceof Document ? this : this.ownerDocument);
    }
    return child;
  }

  removeChild<Child extends Node>(child: Child): Child {
    const index = this.childNodes.indexOf(child);
    if (index < 0) throw fault('NotFoundError', 'the node is no child of this node');
    this.childNodes.splice(index, 1);
    child.parentNode = null;
    return child;
  }

  replaceChild<Child extends Node>(child: Node, old: Child): Child {
    const next = old.nextSibling === child ? child.nextSibling : old.nextSibling;
    this.removeChild(old);
    this.insertBefore(child, next);
    return old;
  }

  append(...nodes: (Node | string)[]): void {
    for (const node of nodes) {
      this.appendChild(typeof node === 'string' ? new Text(this.ownerDocument, node) : node);
    }
  }

  remove(): void {
    this.parentNode?.removeChild(this);
  }

  /** A copy without a parent; of the descendants too if `deep`. */
  cloneNode(deep = false): Node {
    const copy = this.copyOf(this.ownerDocument);
    if (!deep) return copy;
    // Bounded by the tree: each node is copied once, under the copy of its parent.
    const copies = new Map<Node, Node>([[this, copy]]);
    for (const node of descendantsOf(this)) {
      const child = node.copyOf(this.ownerDocument);
      copies.set(node, child);
      const parent = node.parentNode === null ? undefined : copies.get(node.parentNode);
      parent?.childNodes.push(child);
      child.parentNode = parent ?? null;
    }
    return copy;
  }

  /** The namespace that a prefix, or null for none, stands for here. */
  lookupNamespaceURI(prefix: string | null): string | null {
    const name = prefix ? `xmlns:${prefix}` : 'xmlns';
    for (const node of ancestorsOf(this)) {
      if (!(node instanceof Element)) continue;
      if (node.namespaceURI !== null && node.prefix === orNull(prefix)) return node.namespaceURI;
      const value = node.getAttribute(name);
      if (value !== null) return orNull(value);
    }
    if (prefix === 'xml') return xmlNamespace;
    return prefix === 'xmlns' ? xmlnsNamespace : null;
  }

  getElementsByTagName(name: string): NodeList<Element> {
    return this.#find((element) => name === '*' || element.tagName === name);
  }

  getElementsByTagNameNS(namespace: string | null, localName: string): NodeList<Element> {
    return this.#find(
      (element) =>
        (namespace === '*' || element.namespaceURI === orNull(namespace)) &&
        (localName === '*' || element.localName === localName),
    );
  }

  #find(isWanted: (element: Element) => boolean): NodeList<Element> {
    const found = new NodeList<Element>();
    for (const node of descendantsOf(this)) {
      if (node instanceof Element && isWanted(node)) found.push(node);
    }
    return found;
  }

  protected abstract copyOf(owner: Document | null): Node;
}
for (const [name, value] of Object.entries({
  ELEMENT_NODE: 1,
  ATTRIBUTE_NODE: 2,
  TEXT_NODE: 3,
  CDATA_SECTION_NODE: 4,
  DOCUMENT_NODE: 9,
  DOCUMENT_FRAGMENT_NODE: 11,
})) {
  Object.defineProperty(Node.prototype, name, { value });
}

function mayHold(node: Node): boolean {
  return node instanceof Element || node instanceof Document || node instanceof DocumentFragment;
}

function checkRoot(document: Document, added: readonly Node[]): void {
  const kept = document.children.filter((child) => !added.includes(child));
  const elements = added.filter((node) => node instanceof Element);
  if (kept.length + elements.length > 1 || added.some((node) => node instanceof CharacterData)) {
    throw fault('HierarchyRequestError', 'a document holds one element and no text');
  }
}

function adopt(node: Node, owner: Document | null): void {
  if (node.ownerDocument === owner) return;
  node.ownerDocument = owner;
  for (const each of descendantsOf(node)) each.ownerDocument = owner;
}

/** A node, the one around it, and so on. */
function* ancestorsOf(node: Node): Generator<Node, undefined> {
  for (let each: Node | null = node; each !== null; each = each.parentNode) yield each;
}

/** The nodes under `root`, in document order. */
export function* descendantsOf(root: Node): Generator<Node, undefined> {
  const waiting: Node[] = [...root.childNodes].reverse();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    const { childNodes } = node;
    for (let index = childNodes.length - 1; index >= 0; index--) waiting.push(childNodes[index]);
  }
}

export abstract class CharacterData extends Node {
  data: string;

  constructor(ownerDocument: Document | null, data: string) {
    super(ownerDocument);
    this.data = data;
  }

  override get nodeValue(): string {
    return this.data;
  }

  override set nodeValue(value: string | null) {
    this.data = value ?? '';
  }

  override get textContent(): string {
    return this.data;
  }

  override set textContent(value: string | null) {
    this.data = value ?? '';
  }

  get length(): number {
    return this.data.length;
  }
}

export class Text extends CharacterData {
  readonly nodeType: number = 3;
  readonly nodeName: string = '#text';

  protected override copyOf(owner: Document | null): Text {
    return new Text(owner, this.data);
  }
}

export class CDATASection extends Text {
  override readonly nodeType = 4;
  override readonly nodeName = '#cdata-section';

  protected override copyOf(owner: Document | null): CDATASection {
    return new CDATASection(owner, this.data);
  }
}

export class DocumentFragment extends Node {
  readonly nodeType = 11;
  readonly nodeName = '#document-fragment';

  protected override copyOf(owner: Document | null): DocumentFragment {
    return new DocumentFragment(owner);
  }
}

/** The parts of a qualified name: '' becomes null, as the standard has it. */
function partsOf(name: string): { readonly prefix: string | null; readonly localName: string } {
  const colon = name.indexOf(':');
  return colon < 0
    ? { prefix: null, localName: name }
    : { prefix: name.slice(0, colon), localName: name.slice(colon + 1) };
}

export class Attr extends Node {
  readonly nodeType = 2;
  readonly name: string;
  readonly prefix: string | null;
  readonly localName: string;
  readonly namespaceURI: string | null;
  readonly specified = true;
  ownerElement: Element | null = null;
  value: string;

  constructor(
    owner: Document | null,
    namespace: string | null,
    name: string,
    localName: string,
    prefix: string | null,
    value: string,
  ) {
    super(owner);
    this.namespaceURI = namespace;
    this.name = name;
    this.localName = localName;
    this.prefix = prefix;
    this.value = value;
  }

  get nodeName(): string {
    return this.name;
  }

  override get nodeValue(): string {
    return this.value;
  }

  override set nodeValue(value: string | null) {
    this.value = value ?? '';
  }

  override get textContent(): string {
    return this.value;
  }

  override set textContent(value: string | null) {
    this.value = value ?? '';
  }

  protected override copyOf(owner: Document | null): Attr {
    return new Attr(owner, this.namespaceURI, this.name, this.localName, this.prefix, this.value);
  }
}

export class Element extends Node {
  readonly nodeType = 1;
  readonly tagName: string;
  readonly namespaceURI: string | null;
  readonly prefix: string | null;
  readonly localName: string;
  readonly attributes: NamedNodeMap = new NamedNodeMap();

  /** `isQualified` is false for createElement, whose names have no namespace and no prefix. */
  constructor(owner: Document | null, namespace: string | null, name: string, isQualified = true) {
    super(owner);
    const { prefix, localName } = isQualified ? partsOf(name) : { prefix: null, localName: name };
    this.tagName = name;
    this.namespaceURI = namespace;
    this.prefix = prefix;
    this.localName = localName;
  }

  get nodeName(): string {
    return this.tagName;
  }

  get id(): string {
    return this.getAttribute('id') ?? '';
  }

  set id(value: string) {
    this.setAttribute('id', value);
  }

  hasAttributes(): boolean {
    return this.attributes.length > 0;
  }

  hasAttribute(name: string): boolean {
    return this.attributes.getNamedItem(name) !== null;
  }

  hasAttributeNS(namespace: string | null, localName: string): boolean {
    return this.attributes.getNamedItemNS(namespace, localName) !== null;
  }

  getAttribute(name: string): string | null {
    return this.attributes.getNamedItem(name)?.value ?? null;
  }

  getAttributeNS(namespace: string | null, localName: string): string | null {
    return this.attributes.getNamedItemNS(namespace, localName)?.value ?? null;
  }

  getAttributeNode(name: string): Attr | null {
    return this.attributes.getNamedItem(name);
  }

  getAttributeNames(): string[] {
    return Array.from(this.attributes, (attribute) => attribute.name);
  }

  setAttribute(name: string, value: unknown): void {
    checkName(name);
    const known = this.attributes.getNamedItem(name);
    if (known !== null) known.value = String(value);
    else this.#add(new Attr(this.ownerDocument, null, name, name, null, String(value)));
  }

  setAttributeNS(namespace: string | null, name: string, value: unknown): void {
    const uri = orNull(namespace);
    checkQualifiedName(uri, name);
    const { prefix, localName } = partsOf(name);
    const known = this.attributes.getNamedItemNS(uri, localName);
    if (known !== null) known.value = String(value);
    else this.#add(new Attr(this.ownerDocument, uri, name, localName, prefix, String(value)));
  }

  /** Adds an attribute of which is known that its name is sound and new here. @internal */
  addAttribute(namespace: string | null, name: string, value: string): void {
    const { prefix, localName } = partsOf(name);
    this.#add(new Attr(this.ownerDocument, namespace, name, localName, prefix, value));
  }

  #add(attribute: Attr): void {
    attribute.ownerElement = this;
    this.attributes.push(attribute);
  }

  removeAttribute(name: string): void {
    this.#remove(this.attributes.getNamedItem(name));
  }

  removeAttributeNS(namespace: string | null, localName: string): void {
    this.#remove(this.attributes.getNamedItemNS(namespace, localName));
  }

  #remove(attribute: Attr | null): void {
    if (attribute === null) return;
    attribute.ownerElement = null;
    this.attributes.splice(this.attributes.indexOf(attribute), 1);
  }

  protected override copyOf(owner: Document | null): Element {
    const isQualified = this.prefix !== null || !this.tagName.includes(':');
    const copy = new Element(owner, this.namespaceURI, this.tagName, isQualified);
    for (const { namespaceURI, name, localName, prefix, value } of this.attributes) {
      copy.#add(new Attr(owner, namespaceURI, name, localName, prefix, value));
    }
    return copy;
  }
}

export class Document extends Node {
  readonly nodeType = 9;
  readonly nodeName = '#document';
  readonly contentType: string = 'text/xml';
  readonly implementation: DOMImplementation;

  constructor() {
    super(null);
    this.implementation = new DOMImplementation();
  }

  get documentElement(): Element | null {
    return this.firstElementChild;
  }

  override get textContent(): null {
    return null;
  }

  override set textContent(_value: string | null) {
    // A document has none.
  }

  createElement(name: string): Element {
    checkName(name);
    return new Element(this, null, name, false);
  }

  createElementNS(namespace: string | null, name: string): Element {
    const uri = orNull(namespace);
    checkQualifiedName(uri, name);
    return new Element(this, uri, name);
  }

  createTextNode(data: unknown): Text {
    return new Text(this, String(data));
  }

  createCDATASection(data: unknown): CDATASection {
    const text = String(data);
    if (text.includes(']]>')) {
      throw fault('InvalidCharacterError', 'a CDATA section cannot hold its own end');
    }
    return new CDATASection(this, text);
  }

  createDocumentFragment(): DocumentFragment {
    return new DocumentFragment(this);
  }

  createAttribute(name: string): Attr {
    checkName(name);
    return new Attr(this, null, name, name, null, '');
  }

  importNode(node: Node, deep = false): Node {
    const copy = node.cloneNode(deep);
    adopt(copy, this);
    return copy;
  }

  adoptNode<Each extends Node>(node: Each): Each {
    node.remove();
    adopt(node, this);
    return node;
  }

  protected override copyOf(): Document {
    return new Document();
  }
}

export class DOMImplementation {
  /** A document with one element of that name, or none for ''. A document type is refused. */
  createDocument(namespace: string | null, qualifiedName: string | null, doctype?: null): Document {
    // Callers without types may pass one.
    if ((doctype as unknown) !== null && (doctype as unknown) !== undefined) {
      throw fault('NotSupportedError', 'there are no document types here');
    }
    const document = new Document();
    if (qualifiedName) document.appendChild(document.createElementNS(namespace, qualifiedName));
    return document;
  }
}

const nameStart =
  ':A-Z_a-z\\u{c0}-\\u{d6}\\u{d8}-\\u{f6}\\u{f8}-\\u{2ff}\\u{370}-\\u{37d}\\u{37f}-\\u{1fff}' +
  '\\u{200c}\\u{200d}\\u{2070}-\\u{218f}\\u{2c00}-\\u{2fef}\\u{3001}-\\u{d7ff}' +
  '\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{fffd}\\u{10000}-\\u{effff}';
const namePattern = /* @__PURE__ */ new RegExp(
  `^[${nameStart}][${nameStart}\\-.0-9\\u{b7}\\u{300}-\\u{36f}\\u{203f}\\u{2040}]*$`,
  'u',
);

function checkName(name: string): void {
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw fault('InvalidCharacterError', 'the name is none of XML');
  }
}

function checkQualifiedName(namespace: string | null, name: string): void {
  checkName(name);
  const { prefix, localName } = partsOf(name);
  const isXmlns = name === 'xmlns' || prefix === 'xmlns';
  if (
    prefix === '' ||
    localName === '' ||
    localName.includes(':') ||
    (prefix !== null && namespace === null) ||
    (prefix === 'xml' && namespace !== xmlNamespace) ||
    isXmlns !== (namespace === xmlnsNamespace)
  ) {
    throw fault('NamespaceError', 'the name does not go with the namespace');
  }
}
