/*
 * The ComponentParser of strophe.js: the stream of an external component (XEP-0114) as DOM elements.
 *
 * `onStreamStart(attrs)` at the header, `onStanza(element)` for each child of it, `onStreamEnd()` at
 * its end tag, `onError(error)` for the first fault. Invariants: after an error, or the end, nothing
 * follows but an error for what stands behind the end; an exception of a handler leaves `write`, and
 * what is left is delivered first at the next one; text between stanzas is dropped if it is white
 * space, as RFC 6120, section 4.6.1 has it, and is a fault otherwise.
 */
import { ErrorCode } from '../../../assembly/errors.js';
import { limitValues, openLimits, type Limits, type LimitValues } from '../../limits.js';
import { NS } from '../../namespaces.js';
import { XmlError } from '../../xml-error.js';
import type { Attributes } from '../attributes.js';
import { DOMImplementation } from '../dom-document.js';
import { PrefixTable } from '../prefix-table.js';
import { TokenReader, type TokenHandler } from '../token-reader.js';

/** What is used of a node of a DOM. */
interface DomNode {
  appendChild(child: never): unknown;
}

/** What is used of an element of a DOM. */
export interface DomElement extends DomNode {
  setAttribute(name: string, value: string): unknown;
  setAttributeNS(namespace: string | null, name: string, value: string): unknown;
}

/** What is used of a document: the browser's, one of @xmldom/xmldom, or one of tercet/compat/dom. */
export interface DomDocument {
  createElementNS(namespace: string | null, name: string): DomElement;
  createTextNode(text: string): object;
}

interface Implementation {
  createDocument(namespace: string, name: string, type: null): DomDocument;
}

/** Whom the parser tells. `Stanza` is the Element of the DOM that is used. */
export interface Handlers<Stanza = DomElement> {
  /** The attributes of the stream header as written, xmlns included. */
  onStreamStart(attrs: Attributes): void;
  onStanza(stanza: Stanza): void;
  onStreamEnd(): void;
  onError(error: Error): void;
}

export interface ComponentParserOptions {
  /** Makes the elements; the global document's implementation by default, or that of tercet. */
  readonly document?: DomDocument;
  /** maxStanzaBytes, 1 MiB by default, bounds a stanza and the header. */
  readonly limits?: Limits;
}

const stanzaLimits: LimitValues = [1 << 20, 256, 256, openLimits[3], 1024, 256];
/** Prefixes around the stream, and their URIs. */
const outermost: readonly (readonly [string, string])[] = [['xml', NS.xml]];

/**
 * Reads the stream of a component.
 *
 *     const parser = new ComponentParser({ onStreamStart, onStanza, onStreamEnd, onError });
 *     socket.on('data', (chunk) => parser.write(chunk));
 *
 * Text, or bytes of UTF-8, of which a character may be cut by the end of a piece.
 */
export class ComponentParser<Stanza = DomElement> {
  readonly #handlers: Handlers<Stanza>;
  readonly #document: DomDocument;
  readonly #limits: Limits | undefined;
  readonly #maxBytes: number;
  #reader: TokenReader;
  /** The elements that are open, without the stream's own. */
  #stack: DomElement[] = [];
  #scope = new PrefixTable(outermost);
  /** Levels that are open, the stream's own among them. */
  #depth = 0;
  #unit = 0;

  /** Throws UsageError for limits that are not as described. */
  constructor(handlers: Handlers<Stanza>, options: ComponentParserOptions = {}) {
    this.#handlers = handlers;
    this.#document = options.document ?? defaultDocument();
    this.#limits = options.limits;
    this.#maxBytes = limitValues(options.limits, stanzaLimits)[0];
    this.#reader = this.#newReader();
  }

  /** Forgets the stream: a new one begins. */
  reset(): void {
    this.#reader.stop();
    this.#stack = [];
    this.#scope = new PrefixTable(outermost);
    this.#depth = 0;
    this.#reader = this.#newReader();
  }

  /** Reads the next piece; nothing after an error. Throws what a handler throws. */
  write(chunk: string | Uint8Array): void {
    this.#reader.write(chunk);
  }

  #newReader(): TokenReader {
    const handler: TokenHandler = {
      start: (name, attrs) => this.#start(name, attrs),
      end: () => this.#end(),
      text: (value) => this.#text(value),
      error: (error) => this.#handlers.onError(error),
    };
    const limits = this.#limits;
    return new TokenReader(handler, limits === undefined ? {} : { limits }, 'one', stanzaLimits);
  }

  #start(name: string, attrs: Attributes): void {
    const scope = this.#scope;
    scope.open();
    for (const key of Object.keys(attrs)) {
      if (key === 'xmlns' || key.startsWith('xmlns:')) scope.declare(key.substring(6), attrs[key]);
    }
    this.#depth += 1;
    if (this.#depth === 1) {
      this.#handlers.onStreamStart(attrs);
      return;
    }
    if (this.#stack.length === 0) this.#unit = this.#reader.offset;
    else if (this.#isTooLong()) return;
    const element = this.#document.createElementNS(uriOf(scope, prefixOf(name)), name);
    for (const key of Object.keys(attrs)) {
      const prefix = prefixOf(key);
      if (key === 'xmlns' || prefix === 'xmlns') continue;
      if (prefix === '') element.setAttribute(key, attrs[key]);
      else element.setAttributeNS(uriOf(scope, prefix), key, attrs[key]);
    }
    this.#stack.at(-1)?.appendChild(element as never);
    this.#stack.push(element);
  }

  #end(): void {
    this.#scope.close();
    this.#depth -= 1;
    if (this.#depth === 0) {
      this.#handlers.onStreamEnd();
      return;
    }
    if (this.#isTooLong()) return;
    const element = this.#stack.pop();
    if (this.#stack.length === 0) this.#handlers.onStanza(element as Stanza);
  }

  #text(value: string): void {
    const parent = this.#stack.at(-1);
    if (parent === undefined) {
      if (/[^ \t\r\n]/.test(value)) this.#fail(ErrorCode.StreamText);
    } else if (!this.#isTooLong()) {
      parent.appendChild(this.#document.createTextNode(value) as never);
    }
  }

  #isTooLong(): boolean {
    if (this.#reader.offset - this.#unit <= this.#maxBytes) return false;
    this.#fail(ErrorCode.LimitStanzaBytes);
    return true;
  }

  #fail(code: ErrorCode): void {
    const { offset } = this.#reader;
    this.#reader.stop();
    this.#handlers.onError(new XmlError(code, offset));
  }
}

/** A document like the one that strophe.js builds its own elements with. */
function defaultDocument(): DomDocument {
  const { document } = globalThis as unknown as { document?: { implementation?: Implementation } };
  const implementation: Implementation = document?.implementation ?? new DOMImplementation();
  return implementation.createDocument(NS.client, 'strophe', null);
}

/** What a prefix stands for, null for no namespace. */
function uriOf(scope: PrefixTable, prefix: string): string | null {
  const uri = scope.get(prefix);
  return uri === undefined || uri === '' ? null : uri;
}

function prefixOf(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? '' : name.substring(0, colon);
}
