/*
 * A minimal DOM for programs that run where there is none, or none that refuses what XMPP forbids:
 * DOMParser, XMLSerializer and the nodes of dom-node.ts, dom-element.ts and dom-document.ts (DOM Parsing and Serialization; RFC 6120,
 * section 11).
 *
 * Invariants: `parseFromString` never throws for what the text says. A fault gives a document whose
 * root is `parsererror` in the namespace of XHTML, as in browsers. Comments and processing
 * instructions are faults, or with `document: true` skipped; a DOCTYPE is always one.
 */
import '../wasm/parser.js';
import { escapeText, escapeValue } from '../escape.js';
import type { XmlError } from '../xml-error.js';
import { Document, DOMImplementation } from './dom-document.js';
import { Attr, Element } from './dom-element.js';
import { orNull, xmlNamespace, xmlnsNamespace } from './dom-names.js';
import { CDATASection, CharacterData, Text, type Node } from './dom-node.js';
import { PrefixTable } from './prefix-table.js';
import type { DocumentOptions } from './sax-options.js';
import { SaxReader, type EventSource } from './sax-reader.js';
import type { StartTag } from './sax-tokens.js';

export { Document, DOMImplementation } from './dom-document.js';
export { Attr, Element } from './dom-element.js';
export { NamedNodeMap, NodeList } from './dom-lists.js';
export { CDATASection, CharacterData, DocumentFragment, Node, Text } from './dom-node.js';

/** The namespace of the root of a document that could not be read. */
const errorNamespace = 'http://www.w3.org/1999/xhtml';

const types: readonly string[] = ['text/xml', 'application/xml', 'application/xhtml+xml'];

export type DOMParserOptions = DocumentOptions;

/**
 * Reads documents as browsers do.
 *
 *     const { documentElement } = new DOMParser().parseFromString('<a x="1">b</a>', 'text/xml');
 *     documentElement.getAttribute('x')   // '1'
 *     new DOMParser().parseFromString('<a>', 'text/xml').documentElement.nodeName   // 'parsererror'
 */
export class DOMParser {
  readonly #options: DOMParserOptions;

  constructor(options: DOMParserOptions = {}) {
    this.#options = options;
  }

  /** Throws TypeError for a type that is none of XML, as browsers do. */
  parseFromString(source: unknown, type = 'text/xml'): Document {
    if (!types.includes(type)) throw new TypeError(`there is no parser for ${type} here`);
    const builder = new Builder();
    const reader = new SaxReader(builder, { ...this.#options, position: false });
    try {
      // Browsers take anything that is a string in the end; bytes are those of UTF-8.
      reader.write(source instanceof Uint8Array ? source : String(source));
      reader.finish();
    } finally {
      reader.close();
    }
    return builder.document;
  }
}

/** Builds the document while tokens are read; there are no events to deliver. */
class Builder implements EventSource {
  document = new Document();
  #open: Element[] = [];
  readonly #scope = new PrefixTable([['xml', xmlNamespace]]);

  startTag({ name, count, names, values }: StartTag): void {
    this.#scope.open();
    for (let index = 0; index < count; index++) {
      const declared = names[index];
      if (declared !== 'xmlns' && !declared.startsWith('xmlns:')) continue;
      this.#scope.declare(declared.slice(6), values[index]);
    }
    const element = new Element(this.document, this.#namespaceOf(name, true), name);
    for (let index = 0; index < count; index++) {
      element.addAttribute(this.#namespaceOf(names[index], false), names[index], values[index]);
    }
    this.#append(element);
    this.#open.push(element);
  }

  endTag(): void {
    this.#open.pop();
    this.#scope.close();
  }

  text(value: string, isCdata: boolean): void {
    this.#append(isCdata ? new CDATASection(this.document, value) : new Text(this.document, value));
  }

  failed(error: XmlError): void {
    this.#open = [];
    const document = new DOMImplementation().createDocument(errorNamespace, 'parsererror');
    document.documentElement?.appendChild(document.createTextNode(error.message));
    this.document = document;
  }

  /** Past the checks of appendChild, which the tokens have passed. */
  #append(node: Element | Text): void {
    const parent: Node = this.#open.at(-1) ?? this.document;
    parent.childNodes.push(node);
    node.parentNode = parent;
  }

  #namespaceOf(name: string, isElement: boolean): string | null {
    const colon = name.indexOf(':');
    if (colon < 0) {
      if (isElement) return orNull(this.#scope.get('') ?? '');
      return name === 'xmlns' ? xmlnsNamespace : null;
    }
    const prefix = name.slice(0, colon);
    return prefix === 'xmlns' ? xmlnsNamespace : (this.#scope.get(prefix) ?? null);
  }
}

/**
 * Writes nodes as XML, with the declarations that they need and do not have.
 *
 *     const element = document.createElementNS('jabber:client', 'message');
 *     new XMLSerializer().serializeToString(element)   // '<message xmlns="jabber:client"/>'
 */
export class XMLSerializer {
  /** Throws UsageError for a text or value that no XML can hold. */
  serializeToString(root: Node): string {
    let output = '';
    const scope = new PrefixTable();
    // What is still to be written: nodes, and end tags.
    const waiting: (string | Node)[] = [root];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (typeof next === 'string') {
        output += next;
        scope.close();
        continue;
      }
      const node = next;
      if (node instanceof CDATASection) output += `<![CDATA[${node.data}]]>`;
      else if (node instanceof CharacterData) output += escapeText(node.data);
      else if (node instanceof Attr) output += `${node.name}="${escapeValue(node.value)}"`;
      else {
        if (node instanceof Element) {
          scope.open();
          const isEmpty = node.childNodes.length === 0;
          output += startTagOf(node, scope) + (isEmpty ? '/>' : '>');
          if (isEmpty) scope.close();
          else waiting.push(`</${node.tagName}>`);
        }
        for (let index = node.childNodes.length - 1; index >= 0; index--) {
          waiting.push(node.childNodes[index]);
        }
      }
    }
    return output;
  }
}

/** A start tag without its end; what it declares is in `scope` then. */
function startTagOf(element: Element, scope: PrefixTable): string {
  const around = scope.get('') ?? '';
  let tag = `<${element.tagName}`;
  for (const { name, value } of element.attributes) {
    tag += ` ${name}="${escapeValue(value)}"`;
    if (name === 'xmlns' || name.startsWith('xmlns:')) scope.declare(name.slice(6), value);
  }
  const declare = (prefix: string, uri: string) => {
    if (prefix === 'xml' || prefix === 'xmlns' || (scope.get(prefix) ?? '') === uri) return;
    tag += ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeValue(uri)}"`;
    scope.declare(prefix, uri);
  };
  if (element.prefix !== null) declare(element.prefix, element.namespaceURI ?? '');
  else {
    // What counts is the namespace around, not an attribute there: elements of createElement have no
    // namespace and often an attribute that looks like one.
    if (!element.hasAttribute('xmlns')) {
      scope.declare('', around);
      declare('', element.namespaceURI ?? '');
    }
    scope.declare('', element.namespaceURI ?? '');
  }
  for (const { prefix, namespaceURI } of element.attributes) {
    if (prefix !== null && namespaceURI !== null) declare(prefix, namespaceURI);
  }
  return tag;
}
