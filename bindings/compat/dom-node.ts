/*
 * The nodes of a small W3C DOM (DOM Standard, section 4), for XML alone: what XMPP libraries use, and
 * no more. Documents, elements, attributes, texts, CDATA sections and fragments; no comments, no
 * processing instructions, no events, no ranges, no live collections.
 *
 * Here are what all nodes share, texts and fragments; elements and documents are built on it.
 * Invariants: names and attributes are as written, namespaces are resolved once, when a node is made;
 * no walk over a tree is recursive, so depth costs no stack. Mistakes of the caller are thrown as
 * Errors with the names of the standard (HierarchyRequestError, NotFoundError).
 */
import type { Document } from './dom-document.js';
import type { Attr, Element } from './dom-element.js';
import { NodeList } from './dom-lists.js';
import { fault, orNull, xmlNamespace, xmlnsNamespace } from './dom-names.js';

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
    return isElement(this.parentNode) ? this.parentNode : null;
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
    for (const child of this.childNodes) if (isElement(child)) found.push(child);
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
    if (isAttr(child) || isDocument(child) || !mayHold(this)) {
      throw fault('HierarchyRequestError', `${this.nodeName} cannot hold ${child.nodeName}`);
    }
    if (child.contains(this)) {
      throw fault('HierarchyRequestError', 'a node cannot hold itself or one around it');
    }
    if (reference !== null && reference.parentNode !== this) {
      throw fault('NotFoundError', 'the reference is no child of this node');
    }
    const added = child instanceof DocumentFragment ? [...child.childNodes] : [child];
    if (isDocument(this)) checkRoot(this, added);
    for (const node of added) {
      if (node === reference) continue;
      node.parentNode?.removeChild(node);
      const { childNodes } = this;
      const index = reference === null ? childNodes.length : childNodes.indexOf(reference);
      if (index === childNodes.length) childNodes.push(node);
      else childNodes.splice(index, 0, node);
      node.parentNode = this;
      adopt(node, isDocument(this) ? this : this.ownerDocument);
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
      if (!isElement(node)) continue;
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
      if (isElement(node) && isWanted(node)) found.push(node);
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

// Not instanceof: elements and documents are built on this file.
function isElement(node: Node | null): node is Element {
  return node?.nodeType === 1;
}

function isAttr(node: Node): node is Attr {
  return node.nodeType === 2;
}

function isDocument(node: Node): node is Document {
  return node.nodeType === 9;
}

function mayHold(node: Node): boolean {
  return isElement(node) || isDocument(node) || node instanceof DocumentFragment;
}

function checkRoot(document: Document, added: readonly Node[]): void {
  const kept = document.children.filter((child) => !added.includes(child));
  const elements = added.filter(isElement);
  if (kept.length + elements.length > 1 || added.some((node) => node instanceof CharacterData)) {
    throw fault('HierarchyRequestError', 'a document holds one element and no text');
  }
}

export function adopt(node: Node, owner: Document | null): void {
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
