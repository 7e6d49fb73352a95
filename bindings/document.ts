/*
 * Units of a stream (stanzas, a frame, a stream header) as they were parsed: their bytes as a string
 * and their tape. Elements are views on a document; they read names, values and texts from here.
 *
 * Invariants: `source` is a string of latin1Text and holds one unit, or neighbours of at most
 * `groupSize` bytes in all, so what a kept stanza keeps alive is bounded by the stanza and not by
 * what was read with it. A document starts on the engine's own tape. When that has been overwritten,
 * the first reader makes the document settle: its bytes are parsed once more and it keeps that tape.
 * Both states are read by the same code.
 *
 * Positions count words from the START record of the first unit. RFC: XML 1.0, sections 2.11 and
 * 3.3.3 (line ends and attribute values), Namespaces in XML 1.0.
 */
import { Flag, Kind, Namespace, Tape } from '../assembly/abi.js';
import type { Engine } from './engine.js';
import { Scopes, type Scope } from './scopes.js';
import { utf8FromLatin1, utf8Text } from './text.js';
import { vocabularyNames, vocabularyNamespaces } from './vocabulary.js';

// Copies: V8 reads plain arrays faster than frozen ones.
/** The names of the vocabulary, as they are written. */
export const writtenNames: readonly string[] = /* @__PURE__ */ vocabularyNames.slice();
/** The same without their prefixes. */
const localNames: readonly string[] = /* @__PURE__ */ vocabularyNames.map(localPart);
const namespaces: readonly string[] = /* @__PURE__ */ vocabularyNamespaces.slice();

/** Namespace declarations that stand around a unit: those of its stream header. */
export interface Context {
  /** The header's start tag, '' where there is none. */
  readonly source: string;
  /** URIs in the order of the header's declarations. */
  readonly namespaces: readonly string[];
  /** Prefixes to URIs; '' is the default namespace. */
  readonly scope: ReadonlyMap<string, string>;
}

/** No stream header: frames and single elements. */
export const noContext: Context = { source: '', namespaces: [], scope: new Map() };

/**
 * What a stream header declares, read from its document on the first question: a stream that uses
 * known namespaces alone never asks.
 */
export class HeaderContext implements Context {
  readonly source: string;
  readonly #header: Document;
  #namespaces: readonly string[] | undefined;
  #scope: ReadonlyMap<string, string> | undefined;

  /** `header` has a tape of its own, and nothing but the header in it. */
  constructor(source: string, header: Document) {
    this.source = source;
    this.#header = header;
  }

  get namespaces(): readonly string[] {
    if (this.#namespaces !== undefined) return this.#namespaces;
    const { words, first } = this.#header;
    const uris: string[] = [];
    for (let record = first + Tape.Size; (words[record] & 0xff) !== Kind.End; record += Tape.Size) {
      if ((words[record] & 0xff) === Kind.Xmlns) uris.push(this.#header.attributeValue(record));
    }
    return (this.#namespaces = uris);
  }

  get scope(): ReadonlyMap<string, string> {
    if (this.#scope !== undefined) return this.#scope;
    const scope = new Map<string, string>();
    this.#header.addDeclarations(this.#header.first, scope);
    return (this.#scope = scope);
  }
}

/** The epoch of documents that have a tape of their own; no engine ever shows it. */
const settled = 0;

/** Stanzas that arrive together share a string of at most so many bytes. */
export const groupSize = 1024;

export class Document {
  declare readonly engine: Engine;
  declare readonly context: Context;
  /** Begins with the first unit and ends with the last. */
  declare readonly source: string;
  /** The tape is the engine's as long as the engine shows this epoch. */
  declare private epoch: number;
  declare words: Int32Array;
  /** Index in `words` of the first unit's first record. */
  declare first: number;
  /** Offset on the tape of the first character of `source`. */
  declare base: number;
  /** Of the unit that was asked last. */
  declare private scopes: Scopes | undefined;

  constructor(
    engine: Engine,
    context: Context,
    source: string,
    words: Int32Array,
    first: number,
    base: number,
  ) {
    this.engine = engine;
    this.context = context;
    this.source = source;
    this.epoch = engine.epoch;
    this.words = words;
    this.first = first;
    this.base = base;
    this.scopes = undefined;
  }

  /** Makes the tape readable; to be called before each group of reads. */
  touch(): void {
    if (this.epoch !== this.engine.epoch && this.epoch !== settled) this.settle();
  }

  /** Gives the document a tape of its own. */
  settle(): void {
    if (this.epoch === settled) return;
    const words = this.engine.replay(this.source, this.context.source);
    if (words.length === 0 || (words[Tape.Head] & 0xff) !== Kind.Start) {
      throw new Error('a stanza that was parsed before did not parse again');
    }
    this.markSettled();
    this.words = words;
    this.first = 0;
    this.base = words[Tape.Offset];
  }

  /** The tape given to the constructor is the document's own. */
  markSettled(): void {
    this.epoch = settled;
  }

  /** The local name of the element whose START is at index `start`. */
  localName(start: number): string {
    const id = this.words[start] >>> 16;
    if (id !== 0) return localNames[id];
    const from = this.words[start + Tape.Offset] - this.base + 1;
    const slot = recentName(this.source, from);
    return slot >= 0 ? recentLocalNames[slot] : localPart(longName(this.source, from));
  }

  /** Whether the element whose START is at index `start` has this local name. */
  isNamed(start: number, name: string): boolean {
    const head = this.words[start];
    const id = head >>> 16;
    if (id !== 0) return localNames[id] === name;
    // What is asked for is nearly always ASCII, and then a comparison needs no string of its own.
    if (!isAscii(name)) return this.localName(start) === name;
    let from = this.words[start + Tape.Offset] - this.base + 1;
    if ((head & (Flag.Prefixed << 8)) !== 0) from = this.source.indexOf(':', from) + 1;
    return (
      this.source.startsWith(name, from) && endsName(this.source.charCodeAt(from + name.length))
    );
  }

  /** The name of the element whose START is at index `start`, as it is written. */
  qualifiedName(start: number): string {
    const id = this.words[start] >>> 16;
    if (id !== 0) return writtenNames[id];
    return nameAt(this.source, this.words[start + Tape.Offset] - this.base + 1);
  }

  /** The name of the ATTRIBUTE or XMLNS record at index `record`, as it is written. */
  attributeName(record: number): string {
    const id = this.words[record] >>> 16;
    if (id !== 0) return writtenNames[id];
    return nameAt(this.source, this.words[record + Tape.Detail] - this.base);
  }

  /** The value of the ATTRIBUTE or XMLNS record at index `record`, normalised. */
  attributeValue(record: number): string {
    const { words } = this;
    const offset = words[record + Tape.Offset];
    const length = words[record + Tape.Extent];
    const flags = words[record] >>> 8;
    if ((flags & (Flag.Escaped | Flag.High)) === 0) {
      const from = offset - this.base;
      return this.source.substring(from, from + length);
    }
    const value = this.span(offset, length, flags);
    return (flags & Flag.Escaped) === 0 ? value : unescapeValue(value);
  }

  /** The text of the TEXT record at index `record`, normalised. */
  text(record: number): string {
    const { words } = this;
    const offset = words[record + Tape.Offset];
    const length = words[record + Tape.Extent];
    const flags = words[record] >>> 8;
    if ((flags & (Flag.Escaped | Flag.High)) === 0) {
      const from = offset - this.base;
      return this.source.substring(from, from + length);
    }
    const value = this.span(offset, length, flags);
    return (flags & Flag.Escaped) === 0 ? value : unescapeText(value, (flags & Flag.Cdata) !== 0);
  }

  private span(offset: number, length: number, flags: number): string {
    const from = offset - this.base;
    if ((flags & Flag.High) === 0) return this.source.substring(from, from + length);
    if (this.epoch === settled) return utf8FromLatin1(this.source.substring(from, from + length));
    const { bytes, base } = this.engine;
    return utf8Text(bytes, base + offset, base + offset + length);
  }

  /** The namespace of the element whose START is at index `start`; '' for none. */
  namespace(start: number): string {
    const reference = this.words[start + Tape.Detail];
    if (reference < Namespace.Header) return namespaces[reference];
    if (reference < Namespace.Declared)
      return this.context.namespaces[reference - Namespace.Header];
    return this.attributeValue(this.unitAround(start) + ((reference - Namespace.Declared) >>> 2));
  }

  /** The index of the START of the unit that holds the record at `index`. */
  private unitAround(index: number): number {
    let unit = this.first;
    for (let next = this.after(unit); next <= index; next = this.after(unit)) unit = next;
    return unit;
  }

  /** The index just after the START at `start` and its attributes: its first child or its END. */
  content(start: number): number {
    const { words } = this;
    let index = start + Tape.Size;
    let kind = words[index] & 0xff;
    while (kind === Kind.Attribute || kind === Kind.Xmlns) {
      index += Tape.Size;
      kind = words[index] & 0xff;
    }
    return index;
  }

  /** The index just after the END of the element whose START is at index `start`. */
  after(start: number): number {
    return start + (this.words[start + Tape.Extent] >>> 2);
  }

  /** Declarations in scope around the element at `position`: those of the header and of its ancestors. */
  scopeAround(position: number): Scope {
    const unit = this.unitAround(this.first + position) - this.first;
    if (this.scopes?.unit !== unit) this.scopes = new Scopes(this, unit);
    return this.scopes.around(this, position);
  }

  /** Adds the declarations of the element whose START is at index `start` to `scope`. */
  addDeclarations(start: number, scope: Map<string, string>): void {
    const { words } = this;
    let index = start + Tape.Size;
    for (;;) {
      const kind = words[index] & 0xff;
      if (kind === Kind.Xmlns) {
        scope.set(declaredPrefix(this.attributeName(index)), this.attributeValue(index));
      } else if (kind !== Kind.Attribute) {
        return;
      }
      index += Tape.Size;
    }
  }
}

/** '' for `xmlns`, 'p' for `xmlns:p`. */
export function declaredPrefix(name: string): string {
  return name.length > 6 ? name.substring(6) : '';
}

export function localPart(name: string): string {
  return name.substring(name.indexOf(':') + 1);
}

export function prefixPart(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? '' : name.substring(0, colon);
}

// Names that the vocabulary does not have, as they were met lately: a fixed number of places, so
// that a peer's names exhaust nothing, and each name is one string that V8 compares by its address.
const recentCount = 512;
const recentLengthMax = 64;
const recentSources: string[] = /* @__PURE__ */ new Array<string>(recentCount).fill('');
const recentNames: string[] = /* @__PURE__ */ recentSources.slice();
const recentLocalNames: string[] = /* @__PURE__ */ recentSources.slice();

/** Names that found their place taken. */
let displaced = 0;

/** The place of the name at `from`; -1 for one that has none: too long, or not met often enough. */
function recentName(source: string, from: number): number {
  let hash = 0;
  let end = from;
  // Bounded by the tag: a name ends with white space, '/', '=' or '>'.
  for (let code = source.charCodeAt(end); !endsName(code); code = source.charCodeAt(++end)) {
    hash = (Math.imul(hash, 31) + code) | 0;
  }
  if (end - from > recentLengthMax) return -1;
  const slot = (hash ^ (hash >>> 9)) & (recentCount - 1);
  const known = recentSources[slot];
  if (known.length !== end - from || !source.startsWith(known, from)) {
    // To make a string the one of its kind costs a microsecond: a peer's flood of names is not worth it.
    if (known !== '' && (++displaced & 7) !== 0) return -1;
    const [span] = Object.keys({ [source.substring(from, end)]: 0 });
    recentSources[slot] = span;
    [recentNames[slot]] = Object.keys({ [decoded(span)]: 0 });
    [recentLocalNames[slot]] = Object.keys({ [localPart(recentNames[slot])]: 0 });
  }
  return slot;
}

function nameAt(source: string, from: number): string {
  const slot = recentName(source, from);
  return slot >= 0 ? recentNames[slot] : longName(source, from);
}

function longName(source: string, from: number): string {
  return decoded(source.substring(from, nameEnd(source, from)));
}

/** The index just after the name that starts at `from`. */
export function nameEnd(source: string, from: number): number {
  let end = from;
  while (!endsName(source.charCodeAt(end))) end++;
  return end;
}

function endsName(code: number): boolean {
  // NaN, after the end of the source, ends a name too.
  return !(code > 0x20 && code !== 0x2f && code !== 0x3d && code !== 0x3e);
}

/** A name or other short span that carries no flag of its own. */
export function decoded(span: string): string {
  return isAscii(span) ? span : utf8FromLatin1(span);
}

function isAscii(span: string): boolean {
  for (let index = 0; index < span.length; index++) {
    if (span.charCodeAt(index) >= 0x80) return false;
  }
  return true;
}

/** Line ends become LF (XML 1.0, section 2.11); outside CDATA, references are replaced. */
export function unescapeText(source: string, isCdata: boolean): string {
  const text = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
  return isCdata ? text : replaceReferences(text);
}

/** White space becomes spaces, CR LF one of them (XML 1.0, section 3.3.3), references are replaced. */
export function unescapeValue(source: string): string {
  return replaceReferences(source.replace(/\r\n|[\t\n\r]/g, ' '));
}

/** Linear: each reference is found once, and the pieces between are copied once. */
function replaceReferences(source: string): string {
  let start = 0;
  let ampersand = source.indexOf('&');
  if (ampersand < 0) return source;
  let value = '';
  while (ampersand >= 0) {
    const end = source.indexOf(';', ampersand + 2);
    value += source.substring(start, ampersand) + referent(source, ampersand + 1, end);
    start = end + 1;
    ampersand = source.indexOf('&', start);
  }
  return value + source.substring(start);
}

/** What the reference with the name or number `source[start..end]` stands for; the core checked it. */
function referent(source: string, start: number, end: number): string {
  switch (source.charCodeAt(start)) {
    case 0x6c: // lt
      return '<';
    case 0x67: // gt
      return '>';
    case 0x71: // quot
      return '"';
    case 0x61: // amp, apos
      return source.charCodeAt(start + 1) === 0x6d ? '&' : "'";
    default: {
      const isHexadecimal = source.charCodeAt(start + 1) === 0x78;
      const digits = source.substring(start + (isHexadecimal ? 2 : 1), end);
      return String.fromCodePoint(Number.parseInt(digits, isHexadecimal ? 16 : 10));
    }
  }
}
