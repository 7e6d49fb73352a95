/*
 * ltx's Parser and parse: one document in, one tree out.
 *
 * With the back end of this package the tree is built from its tokens, and listeners on
 * `parser.parser` are called as well. With any other it is what the original is, an emitter on an
 * emitter. Stricter than the original: one root, and every end tag is that of its element.
 */
import type { Limits } from '../../limits.js';
import type { Attributes } from '../attributes.js';
import { EventEmitter, type Emitter } from '../emitter.js';
import type { ReaderOptions, UnitHandler } from '../token-reader.js';
import { Element } from './element.js';
import { documentLimits, SaxLtx, treeSax, type TreeHandler } from './sax.js';
import { addChild, makerOf, plainMakerOf, type ElementClass } from './tree-node.js';
import { takenBytes, wholeDocument } from './whole-document.js';
import { wholeElement } from './whole-element.js';

/** A back end: any emitter of `startElement`, `endElement` and `text`. */
export type SaxClass = new () => Emitter & {
  write(data: string | Uint8Array): void;
  end(data?: string | Uint8Array | null): void;
};

export interface ParserOptions extends ReaderOptions {
  readonly Parser?: SaxClass;
  readonly Element?: ElementClass;
  /** For the back end of this package; maxStanzaBytes, 16 MiB by default, bounds a tag or a text. */
  readonly limits?: Limits;
}

/**
 * Builds one tree.
 *
 *     const parser = new Parser();
 *     parser.on('tree', (tree) => console.log(tree.getChildText('b')));
 *     parser.write('<a><b>te');
 *     parser.end('xt</b></a>');   // text
 *
 * `error` is emitted once, from `write` or `end`, and no `tree` after it.
 */
export class Parser extends EventEmitter {
  declare DefaultParser: SaxClass;
  declare DefaultElement: ElementClass;
  Parser: SaxClass;
  Element: ElementClass;
  parser: InstanceType<SaxClass>;
  declare tree?: Element;
  declare error?: Error;

  /** Throws UsageError for limits that are not as described. */
  constructor(options?: ParserOptions | null) {
    super();
    this.Parser = options?.Parser ?? this.DefaultParser;
    this.Element = options?.Element ?? this.DefaultElement;

    const make = makerOf(this.Element);
    let open: Element | undefined;
    const start = (name: string, attrs: Attributes): void => {
      const element = make(name, attrs);
      if (open === undefined) {
        if (units !== undefined) units.depth = 1;
        if (this.tree === undefined) open = element;
        else fail(new Error('Only one root is allowed'));
        return;
      }
      addChild(open, element);
      element.parent = open;
      open = element;
    };
    const end = (name: string): void => {
      if (this.error !== undefined) return;
      if (open?.name !== name) {
        fail(new Error(`${open?.name ?? name} must be closed`));
      } else if (open.parent) {
        open = open.parent;
      } else {
        this.tree = open;
        open = undefined;
      }
    };
    const text = (value: string): void => {
      if (open !== undefined) addChild(open, value);
    };
    const fail = (error: Error): void => {
      if (this.error !== undefined) return;
      this.error = error;
      this.emit('error', error);
    };

    const plainMake = plainMakerOf(this.Element);
    /** Takes the root, or where that comes in pieces its children. */
    const units: (UnitHandler & { depth: number }) | undefined = plainMake && {
      depth: 0,
      take: (strings, first) => wholeElement(strings, first, plainMake),
      deliver: (element: Element) => {
        if (open === undefined) {
          this.tree = element;
        } else {
          element.parent = open;
          addChild(open, element);
        }
      },
    };

    if (this.Parser === (SaxLtx as SaxClass)) {
      const { document, limits, engine } = options ?? {};
      const isUsual = document === undefined && limits === undefined && engine === undefined;
      const handler: TreeHandler = {
        start,
        end,
        text,
        error: fail,
        units,
        whole:
          isUsual && plainMake !== undefined
            ? (data) => {
                const tree = wholeDocument(data, plainMake, documentLimits);
                if (tree === undefined) return undefined;
                this.tree = tree;
                return typeof data === 'string' ? data : takenBytes();
              }
            : undefined,
      };
      this.parser = treeSax(handler, options ?? {});
    } else {
      this.parser = new this.Parser();
      this.parser.on('startElement', start);
      this.parser.on('endElement', end);
      this.parser.on('text', text);
      this.parser.on('error', fail);
    }
  }

  write(data: string | Uint8Array): void {
    this.parser.write(data);
  }

  /** Writes `data`, if there is any; then emits `tree`, or `error` for an incomplete document. */
  end(data?: string | Uint8Array | null): void {
    this.parser.end(data);
    if (this.error !== undefined) return;
    if (this.tree !== undefined) this.emit('tree', this.tree);
    else this.emit('error', new Error('Incomplete document'));
  }
}

function setDefault(
  name: 'DefaultParser' | 'DefaultElement',
  value: SaxClass | ElementClass,
): void {
  Object.defineProperty(Parser.prototype, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
setDefault('DefaultParser', SaxLtx);
setDefault('DefaultElement', Element);

/**
 * The tree of a document.
 *
 *     parse('<a><b/>text</a>').children.length   // 2
 *
 * `options` are those of Parser, or a class to use in its place. Throws what Parser emits as `error`.
 */
export function parse(
  data: string | Uint8Array,
  options?: ParserOptions | (new () => Parser) | null,
): Element {
  const { DefaultParser, DefaultElement } = Parser.prototype;
  if (!options && DefaultParser === (SaxLtx as SaxClass)) {
    // Most texts are one element: no parser is needed for them, and any other is told by one.
    const make = plainMakerOf(DefaultElement);
    const whole = make && wholeDocument(data, make, documentLimits);
    if (whole !== undefined) return whole;
  }
  const parser = typeof options === 'function' ? new options() : new Parser(options);
  let tree: Element | undefined;
  let failure: unknown;
  parser.on('tree', (result: Element) => {
    tree = result;
  });
  parser.on('error', (error: Error) => {
    failure ??= error;
  });
  parser.write(data);
  parser.end();
  if (tree === undefined) throw failure;
  return tree;
}
