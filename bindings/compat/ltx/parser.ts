/*
 * ltx's Parser and parse: one document in, one tree out.
 *
 * It is what the original is, an emitter on an emitter, whose elements are made by their constructor,
 * `cnode` and `t`. Where nobody can see that (the back end and the class of elements are those of this
 * package, or of another ltx, and nobody else listens) the tree is built from the tape. Stricter than the original: one root, and every end tag is that of its element.
 */
import type { Chunk } from '../../input.js';
import type { Limits } from '../../limits.js';
import type { Attributes } from '../attributes.js';
import { EventEmitter, type Emitter } from '../emitter.js';
import type { TapeStrings } from '../tape-strings.js';
import type { ReaderOptions, UnitHandler } from '../token-reader.js';
import { Element } from './element.js';
import { documentLimits, SaxLtx, treeSax, type DirectBuilder, type TreeBuilder } from './sax.js';
import { addChild, makerOf, type ElementClass } from './tree-node.js';
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
    this.Parser = given(options?.Parser) ?? this.DefaultParser;
    this.Element = given(options?.Element) ?? this.DefaultElement;

    const type = this.Element;
    let open: Element | undefined;
    const fail = (error: Error): void => {
      if (this.error !== undefined) return;
      this.error = error;
      this.emit('error', error);
    };
    const listeners: TreeBuilder['listeners'] = {
      startElement: (name, attrs) => {
        const element = new type(name, attrs);
        if (open !== undefined) open = open.cnode(element);
        else if (this.tree === undefined) open = element;
        else fail(new Error('Only one root is allowed'));
        if (units !== undefined) units.depth = 1;
      },
      endElement: (name) => {
        if (this.error !== undefined) return;
        if (open?.name !== name) {
          fail(new Error(`${open?.name ?? name} must be closed`));
        } else if (open.parent) {
          open = open.parent;
        } else {
          this.tree = open;
          open = undefined;
        }
      },
      text: (value) => {
        open?.t(value);
      },
      error: fail,
    };
    // A later change of the class is seen by `direct`.
    const make = makerOf(type);
    /** Takes the root, or where that comes in pieces its children. */
    const units: (UnitHandler & { depth: number }) | undefined = make && {
      depth: 0,
      take: (strings: TapeStrings, first: number): Element | undefined =>
        wholeElement(strings, first, make),
      deliver: (element: Element): void => {
        if (open === undefined) {
          this.tree = element;
        } else {
          element.parent = open;
          addChild(open, element);
        }
      },
    };
    const direct: DirectBuilder | undefined = make && {
      start: (name: string, attrs: Attributes): void => {
        const element = make(name, attrs, []);
        if (open !== undefined) {
          element.parent = open;
          addChild(open, element);
        }
        open = element;
        if (units !== undefined) units.depth = 1;
      },
      end: listeners.endElement,
      text: (value: string): void => {
        if (open !== undefined) addChild(open, value);
      },
      units,
      whole: isUsual(options)
        ? (data: Chunk): string | undefined => {
            // An event that somebody emitted by hand has opened it.
            if (open !== undefined) return undefined;
            const tree = wholeDocument(data, make, documentLimits);
            if (tree === undefined) return undefined;
            this.tree = tree;
            return typeof data === 'string' ? data : takenBytes();
          }
        : undefined,
    };

    if (this.Parser === (SaxLtx as SaxClass)) {
      const tree: TreeBuilder = {
        roots: 'one',
        limits: documentLimits,
        listeners,
        direct: () => (makerOf(type) === undefined ? undefined : direct),
      };
      this.parser = treeSax(tree, options ?? {});
    } else {
      this.parser = new this.Parser();
      this.parser.on('startElement', listeners.startElement);
      this.parser.on('endElement', listeners.endElement);
      this.parser.on('text', listeners.text);
      this.parser.on('error', listeners.error);
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

/** What an option names; as with the original, whatever is false names nothing. */
function given<Class>(option: Class | undefined): Class | undefined {
  return Boolean(option) ? option : undefined;
}

/** Whether a reader of documents with no options of their own may read. */
function isUsual(options?: ParserOptions | null): boolean {
  const { document, limits, engine } = options ?? {};
  return document === undefined && limits === undefined && engine === undefined;
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

interface ParserMethods {
  readonly write: unknown;
  readonly end: unknown;
}

const ownMethods: ParserMethods = /* @__PURE__ */ methodsOf(Parser.prototype);

function methodsOf({ write, end }: ParserMethods): ParserMethods {
  return { write, end };
}

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
  const { write, end } = Parser.prototype as ParserMethods;
  if (
    !options &&
    DefaultParser === (SaxLtx as SaxClass) &&
    write === ownMethods.write &&
    end === ownMethods.end
  ) {
    // Most texts are one element: no parser is needed for them, and any other is told by one.
    const make = makerOf(DefaultElement);
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
