/*
 * The Parser of stanza's jxt, and parse.
 *
 * The events of the original in its order: `startElement(name, attributes)`, `endElement(name)`,
 * `text(value)`, and `error(JXTError)` for the first fault, after which nothing follows. Elements may
 * follow each other, for stanza reads frames with it. Stricter: all of XML, namespaces, UTF-8 and
 * RFC 6120, section 11.1 is checked, an error in a value is an `error` event like any other.
 */
import { Misc } from '../../../assembly/abi.js';
import type { Limits } from '../../limits.js';
import { EventEmitter } from '../emitter.js';
import { TokenReader, type TokenHandler } from '../token-reader.js';
import { XMLElement, type Attributes } from './element.js';
import { JXTError, jxtErrorOf } from './error.js';

export interface ParserOptions {
  /** Skip comments instead of refusing them; true by default. */
  readonly allowComments?: boolean | undefined;
  /** maxStanzaBytes, 1 MiB by default, bounds a tag or a text. */
  readonly limits?: Limits;
}

/**
 * Reads text, or bytes of UTF-8, token by token.
 *
 *     const parser = new Parser({ allowComments: false });
 *     parser.on('text', (text) => console.log(text));
 *     parser.write('<a>b');
 *     parser.write('c</a>');   // bc
 */
export class Parser extends EventEmitter {
  allowComments = true;
  readonly #reader: TokenReader;

  /** Throws UsageError for limits that are not as described. */
  constructor(options: ParserOptions = {}) {
    super();
    if (options.allowComments !== undefined) this.allowComments = options.allowComments;
    const { allowComments } = this;
    const { limits } = options;
    const readerOptions = { document: allowComments, ...(limits !== undefined && { limits }) };
    this.#reader = new TokenReader(this.#handler(allowComments), readerOptions, 'many');
  }

  write(data: string | Uint8Array): void {
    this.#reader.write(data);
  }

  /** Writes `data`, if there is any; afterwards `write` does nothing. */
  end(data?: string | Uint8Array | null): void {
    if (data !== undefined && data !== null && data.length > 0) this.#reader.write(data);
    this.#reader.end();
  }

  #handler(allowComments: boolean): TokenHandler {
    // An end tag comes with the attributes of the last start tag: an accident of the original.
    let last: Attributes = {};
    const handler: TokenHandler = {
      start: (name, attrs) => {
        last = attrs;
        this.emit('startElement', name, attrs);
      },
      end: (name, isEmpty) => {
        if (isEmpty) this.emit('endElement', name);
        else this.emit('endElement', name, last);
      },
      text: (value) => {
        // A CDATA section without text is no event.
        if (value !== '') this.emit('text', value);
      },
      error: (error) => this.emit('error', jxtErrorOf(error)),
    };
    if (!allowComments) return handler;
    return {
      ...handler,
      // Comments are allowed, processing instructions are not.
      misc: (kind) => {
        if (kind !== Misc.Instruction) return;
        this.#reader.stop();
        this.emit('error', JXTError.restrictedXML('processing instructions are not allowed'));
      },
    };
  }
}

/**
 * The element of a text, undefined for an empty one.
 *
 *     parse('<a><b>c</b></a>')?.getChild('b')?.getText()   // 'c'
 *
 * Throws JXTError, unlike the original also for an element that is not closed and for a second one.
 */
export function parse(
  data: string | Uint8Array,
  options: ParserOptions = {},
): XMLElement | undefined {
  if (data.length === 0) return undefined;
  const parser = new Parser(options);
  const roots: XMLElement[] = [];
  let open: XMLElement | undefined;
  parser.on('startElement', (name: string, attributes: Attributes) => {
    const element = new XMLElement(name, attributes);
    if (open !== undefined) open.appendChild(element);
    else roots.push(element);
    open = element;
  });
  parser.on('endElement', () => {
    open = open?.parent;
  });
  parser.on('text', (text: string) => {
    open?.children.push(text);
  });
  parser.on('error', (error: JXTError) => {
    throw error;
  });
  parser.write(data);
  parser.end();
  const [root] = roots as (XMLElement | undefined)[];
  if (open !== undefined || root === undefined || roots.length > 1) {
    throw JXTError.notWellFormed('a document is one element');
  }
  return root;
}
