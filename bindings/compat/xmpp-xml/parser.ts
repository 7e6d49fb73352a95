/*
 * The Parser of @xmpp/xml, which xmpp.js uses over TCP: `start(root)` at the stream header, then
 * `element(stanza)` for each child of it, `end(root)` at its end tag, `error(XMLError)` for the first
 * fault. RFC 6120, section 4.
 *
 * Invariants: a fault is an `error` event and never an exception of `write`, unless nobody listens;
 * after `error` or `end` nothing follows. White space between stanzas (section 4.6.1) is dropped, and
 * the root keeps no children. A second stream header, for which the server must be given a new
 * parser, is a fault.
 *
 * Stanzas are built from the tape. Where somebody could see that (a subclass that overrides
 * `onStartElement`, `onEndElement` or `onText`, listeners on `parser.parser`, a class of elements that
 * is not ltx's) these methods are called for the events of the back end, as in the original. A subclass
 * that never sets `root`, as parsers of frames do, may be given any number of elements after each other.
 */
import { limitValues, openLimits, type Limits, type LimitValues } from '../../limits.js';
import { NS } from '../../namespaces.js';
import type { XmlCondition } from '../../xml-error.js';
import type { Attributes } from '../attributes.js';
import { ListeningEmitter, usualEmit, type Call } from '../listening-emitter.js';
import {
  addChild,
  Element,
  makerOf,
  treeSax,
  wholeBytes,
  wholeElement,
  type DirectBuilder,
  type ElementClass,
  type NodeMaker,
  type SaxLtx,
} from '../ltx/tree.js';
import type { ReaderOptions, TokenReader, UnitHandler } from '../token-reader.js';
import { XMLError, xmlErrorOf } from './xml-error.js';

export interface ParserOptions extends ReaderOptions {
  /** maxStanzaBytes, 1 MiB by default, bounds a stanza and the header. */
  readonly limits?: Limits;
}

/** A stanza has at most 1 MiB, and children as many as fit in it. */
const stanzaLimits: LimitValues = [1 << 20, 256, 256, openLimits[3], 1024, 256];

/**
 * Reads one direction of a stream.
 *
 *     const parser = new Parser();
 *     parser.on('element', (stanza) => console.log(stanza.getChildText('body')));
 *     parser.write("<stream:stream xmlns:stream='http://etherx.jabber.org/streams'>");
 *     parser.write('<message><body>Hi</body></message>');   // Hi
 *
 * Text or bytes; bytes are better, for a character may be cut by the end of a read.
 */
export class Parser extends ListeningEmitter {
  static XMLError = XMLError;

  /** The class of elements, of the prototype; see `using`. */
  declare Element: ElementClass;
  /** The header's element, null before it. */
  root: Element | null = null;
  /** The innermost element that is open. */
  cursor: Element | null = null;
  /** The back end, which `write` feeds. */
  parser: SaxLtx;
  readonly #reader: TokenReader | undefined;
  readonly #maxBytes: number;
  /** The only listener of stanzas. */
  #onElement: Call | undefined;
  /** Where the unit that is read (a stanza, a frame) begins. */
  #unit = 0;

  /** Throws UsageError for options that are not as described. */
  constructor(options: ParserOptions = {}) {
    super();
    this.#maxBytes = limitValues(options.limits, stanzaLimits)[0];
    const type = this.Element;
    const make = this.isPlain() ? makerOf(type) : undefined;
    const direct = make && this.directBuilder(make);
    this.parser = treeSax(
      {
        roots: 'many',
        limits: stanzaLimits,
        listeners: this.#listeners(),
        direct: () => (direct === undefined || makerOf(type) === undefined ? undefined : direct),
      },
      options,
    );
    this.#reader = this.parser.reader;
  }

  /**
   * A subclass whose elements are of another class, such as the Element of the module that is
   * plugged into, so that `instanceof` holds there.
   *
   *     ConnectionTCP.prototype.Parser = Parser.using(xml.Element);
   */
  static using<Class extends typeof Parser>(this: Class, type: ElementClass): Class {
    const Base = this as typeof Parser;
    class WithElement extends Base {}
    WithElement.prototype.Element = type;
    Object.defineProperty(WithElement, 'name', { value: this.name });
    return WithElement as Class;
  }

  /** What a start tag does; called for subclasses that override one of the three alone. */
  onStartElement(name: string, attrs: Attributes): void {
    const element = new this.Element(name, attrs);
    const { root, cursor } = this;
    if (root === null) {
      this.root = element;
      this.tell('start', element, element);
      return;
    }
    this.cursor = element;
    if (cursor === root) this.#checkHeader(element);
    else cursor?.append(element);
  }

  onEndElement(name: string): void {
    const { root, cursor } = this;
    if (cursor?.name !== name) {
      this.fail(`${cursor?.name ?? name} must be closed.`, 'not-well-formed');
    } else if (cursor === root) {
      this.finish();
      this.emit('end', root);
    } else if (cursor.parent) {
      this.cursor = cursor.parent;
    } else {
      cursor.parent = root;
      this.tell('element', cursor, root);
    }
  }

  onText(text: string): void {
    const { cursor } = this;
    if (cursor === null || cursor === this.root) this.#strayText(text);
    else cursor.t(text);
  }

  write(data: string | Uint8Array): void {
    this.parser.write(data);
  }

  /** Writes `data`, if there is any; more may follow, as with the original. */
  end(data?: string | Uint8Array | null): void {
    if (data !== undefined && data !== null && data.length > 0) this.parser.write(data);
  }

  /** Emits an element; the cursor moves on behind that, as with the original, also if a listener throws. @internal */
  tell(event: 'start' | 'element' | 'end', element: Element, cursor: Element | null): void {
    try {
      if (event !== 'element' || this.#onElement === undefined || this.emit !== usualEmit) {
        this.emit(event, element);
      } else {
        this.#onElement(element);
      }
    } finally {
      this.cursor = cursor;
    }
  }

  /** @internal */
  override listenersChanged(): void {
    this.#onElement = this.only('element');
  }

  /** Ends the parser with an error of the peer's. @internal */
  fail(message: string, condition: XmlCondition): void {
    const offset = this.#offset;
    this.finish();
    this.emit('error', new XMLError(message, { condition, offset }));
  }

  /** Whether the three methods are those of this class. @internal */
  isPlain(): boolean {
    return hasMethods(this, ownMethods);
  }

  /** What is done for the tokens of an unchanged class. @internal */
  directBuilder(make: NodeMaker): DirectBuilder {
    return {
      start: (name, attrs) => {
        const element = make(name, attrs, []);
        const { root, cursor } = this;
        if (cursor === null) {
          this.root = element;
          this.tell('start', element, element);
          return;
        }
        this.cursor = element;
        if (cursor === root) {
          this.beginUnit();
          if (endsWith(name, 'stream')) this.#checkHeader(element);
        } else {
          element.parent = cursor;
          addChild(cursor, element);
          this.checkUnit();
        }
      },
      end: () => {
        const { cursor } = this;
        if (cursor === null) return;
        const { parent } = cursor;
        if (parent !== null) {
          this.cursor = parent;
          return;
        }
        const { root } = this;
        if (cursor === root) {
          this.finish();
          this.emit('end', root);
          return;
        }
        if (this.checkUnit()) return;
        cursor.parent = root;
        this.tell('element', cursor, root);
      },
      text: (value) => {
        const { cursor } = this;
        if (cursor === this.root) this.#strayText(value);
        else if (cursor !== null && !this.checkUnit()) addChild(cursor, value);
      },
      units: this.unitsAt(1, make, (stanza) => {
        const { root } = this;
        stanza.parent = root;
        this.cursor = stanza;
        this.tell('element', stanza, root);
      }),
    };
  }

  /** Takes stanzas whole, at a depth. @internal */
  unitsAt(depth: number, make: NodeMaker, deliver: (stanza: Element) => void): UnitHandler {
    const outer = depth === 0 ? null : undefined;
    return {
      depth,
      take: (strings, start) => {
        if (this.cursor !== (outer === undefined ? this.root : outer)) return undefined;
        const stanza = wholeElement(strings, start, make);
        if (stanza === undefined || wholeBytes(strings, start) > this.#maxBytes) return undefined;
        // Perhaps a second header.
        return depth > 0 && endsWith(stanza.name, 'stream') ? undefined : stanza;
      },
      deliver,
    };
  }

  /** Where the unit begins, for the limit of its bytes. @internal */
  beginUnit(): void {
    this.#unit = this.#offset;
  }

  /** Reads nothing any more. @internal */
  finish(): void {
    this.#reader?.stop();
  }

  #listeners(): Parameters<typeof treeSax>[0]['listeners'] {
    // Bound here, as in the original: what is put in their place later is not called.
    const { onStartElement, onEndElement, onText } = this as Handlers;
    return {
      startElement: (name, attrs) => {
        // Before the header, and between frames, there is no root.
        if (this.#depth <= (this.root === null ? 1 : 2)) this.beginUnit();
        else if (this.checkUnit()) return;
        onStartElement.call(this, name, attrs);
      },
      endElement: (name) => {
        if (!this.checkUnit()) onEndElement.call(this, name);
      },
      text: (value) => {
        if (!this.checkUnit()) onText.call(this, value);
      },
      error: (fault) => {
        this.emit('error', xmlErrorOf(fault, this.cursor?.name));
      },
    };
  }

  get #offset(): number {
    return this.#reader?.offset ?? 0;
  }

  get #depth(): number {
    return this.#reader?.depth ?? 0;
  }

  /** Whether the unit has too many bytes, which is the end. @internal */
  checkUnit(): boolean {
    if (this.#offset - this.#unit <= this.#maxBytes) return false;
    if (this.#depth <= 1 && this.cursor === this.root) return false;
    this.fail(`a stanza has more than ${this.#maxBytes} bytes`, 'policy-violation');
    return true;
  }

  #strayText(text: string): void {
    if (/^[ \t\r\n]*$/.test(text)) return;
    this.fail(`${text.slice(0, 32)} must be a child.`, 'bad-format');
  }

  /** Refuses a second header. Section 4.3.3: a restarted stream is read by a new parser. */
  #checkHeader(element: Element): void {
    element.parent = this.root;
    const isHeader = element.is('stream', NS.streams);
    element.parent = null;
    if (isHeader) this.fail(`${element.name} must not be nested.`, 'bad-format');
  }
}

Object.defineProperty(Parser.prototype, 'Element', {
  value: Element,
  configurable: true,
  enumerable: false,
  writable: true,
});

/** What the three events of the back end call. */
export type Handlers = Pick<Parser, 'onStartElement' | 'onEndElement' | 'onText'>;

const ownMethods = handlersOf(Parser.prototype);

/** The methods of a class as they are now. */
export function handlersOf({ onStartElement, onEndElement, onText }: Handlers): Handlers {
  return { onStartElement, onEndElement, onText };
}

/** Most names end in other letters: they are told without a call. */
export function endsWith(name: string, end: string): boolean {
  const last = name.length - 1;
  return (
    name.charCodeAt(last) === end.charCodeAt(end.length - 1) &&
    name.charCodeAt(last - 1) === end.charCodeAt(end.length - 2) &&
    name.endsWith(end)
  );
}

/** Whether a parser has these methods and no others. */
export function hasMethods(parser: Handlers, methods: Handlers): boolean {
  return (
    parser.onStartElement === methods.onStartElement &&
    parser.onEndElement === methods.onEndElement &&
    parser.onText === methods.onText
  );
}
