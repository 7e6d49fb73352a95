/*
 * Elements and attributes of the small DOM.
 */
import { NamedNodeMap } from './dom-lists.js';
import { checkName, checkQualifiedName, orNull, partsOf } from './dom-names.js';
import { Node } from './dom-node.js';
import type { Document } from './dom-document.js';

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
