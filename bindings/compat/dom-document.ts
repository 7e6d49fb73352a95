/*
 * Documents of the small DOM, which make its nodes.
 */
import { Attr, Element } from './dom-element.js';
import { checkName, checkQualifiedName, fault, orNull } from './dom-names.js';
import { adopt, CDATASection, DocumentFragment, Node, Text } from './dom-node.js';

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
