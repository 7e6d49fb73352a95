/*
 * The scalar reference tokenizer: XML 1.0 (fifth edition), Namespaces in XML 1.0, RFC 6120 section 11
 * and RFC 7395 section 3.3, as docs/design/001-events-and-errors.md decides them.
 *
 * It is written to be checked by reading. A UTF-8 decoder stands in front; behind it a generator per
 * production takes one character at a time (`yield`), so "detected at a character" is simply the place
 * where the fault is thrown. Nothing looks ahead and nothing goes back: cutting the input differently
 * cannot change anything, and the time is linear. It shares no code with the core that it checks.
 *
 * Events that the framing holds back wait in `#pending` until `#settle` says that their unit is complete.
 */

import {
  code,
  hexadecimalValue,
  isCharacter,
  isDigit,
  isNameCharacter,
  isNameStart,
} from './characters.js';
import { isQualifiedName, isSpace } from './characters.js';
import { checkDeclaration } from './declaration.js';
import type { Event } from './events.js';
import { Fault } from './faults.js';
import { type Attribute, isDeclaration, Scopes } from './namespaces.js';
import { defaultSettings, type Settings } from './settings.js';
import { Utf8Decoder } from './utf8.js';

/** A production: takes characters, and returns what it read. */
type Production<Result = void> = Generator<void, Result, number>;

/** Where markup stands: what may follow a `<` depends on it. */
type Place = 'prolog' | 'between-stanzas' | 'content' | 'epilog';

interface OpenElement {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  children: number;
}

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

const Ampersand = code('&');
const Apostrophe = code("'");
const Bracket = code(']');
const Cr = 0x0d;
const Equals = code('=');
const Exclamation = code('!');
const Greater = code('>');
const Hash = code('#');
const Hyphen = code('-');
const Less = code('<');
const Lf = 0x0a;
const Question = code('?');
const Quotation = code('"');
const Semicolon = code(';');
const Slash = code('/');
const Space = 0x20;

export class ReferenceTokenizer {
  readonly #settings: Settings;
  #log: Event[] = [];
  #pending: Event[] = [];
  #decoder = new Utf8Decoder();
  #document: Production;
  #scopes: Scopes;
  #open: OpenElement[] = [];
  #place: Place = 'prolog';
  #stopped = false;

  /** Bytes taken so far, and the span of the current character. */
  #length = 0;
  #at = 0;
  #after = 0;
  /** Offset of the current document's first byte: of the stream, of its frame, or after a skipped U+FEFF. */
  #documentStart = 0;
  #documentEmpty = true;
  /** Offset of the current unit of `stanzaBytes`, -1 between units. */
  #unitStart = -1;
  /** A text of a document is a unit that the next `<` ends before it is counted. */
  #unitIsText = false;

  constructor(settings: Partial<Settings> = {}) {
    this.#settings = { ...defaultSettings, ...settings };
    this.#scopes = new Scopes(this.#settings.limits.namespaces);
    this.#document = this.#beginDocument();
  }

  /** The events so far. */
  get log(): readonly Event[] {
    return this.#log;
  }

  /** `last`: the frame (RFC 7395) is complete with these bytes. */
  feed(bytes: Uint8Array, last = false): void {
    this.#guard(() => {
      for (const byte of bytes) this.#takeByte(byte);
      if (last && this.#settings.framing === 'websocket') this.#endFrame();
    });
  }

  end(): void {
    this.#guard(() => {
      this.#refuseTruncated();
      if (this.#settings.framing === 'websocket' && this.#documentEmpty) return;
      if (!this.#isComplete) throw new Fault('xml-unexpected-end', this.#length);
    });
  }

  #guard(action: () => void): void {
    if (this.#stopped) return;
    try {
      action();
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#stopped = true;
      this.#pending = [];
      this.#log.push({ kind: 'error', at: error.at, code: error.code, condition: error.condition });
    }
  }

  // Bytes and characters

  #takeByte(byte: number): void {
    if (!this.#decoder.pending) this.#at = this.#length;
    const c = this.#decoder.take(byte);
    if (c === -2) throw new Fault('xml-utf8-invalid', this.#at);
    this.#length += 1;
    if (c === -1) return;
    this.#after = this.#length;
    this.#takeCharacter(c);
  }

  #takeCharacter(c: number): void {
    if (this.#settings.lenientBom && c === 0xfeff && this.#at === 0) {
      this.#documentStart = this.#after;
      return;
    }
    if (c === 0 && this.#at < 4) throw new Fault('xml-encoding-unsupported', this.#at);
    if (!isCharacter(c)) throw new Fault('xml-character-forbidden', this.#at);
    if (this.#unitStart >= 0 && !(this.#unitIsText && c === Less)) this.#checkUnit();
    this.#documentEmpty = false;
    this.#document.next(c);
  }

  #refuseTruncated(): void {
    if (this.#decoder.pending) throw new Fault('xml-utf8-truncated', this.#at);
  }

  get #isComplete(): boolean {
    return this.#place === 'epilog' && this.#unitStart < 0;
  }

  // Documents and frames

  #beginDocument(): Production {
    const document = this.#wholeDocument();
    document.next();
    return document;
  }

  #endFrame(): void {
    this.#refuseTruncated();
    if (this.#documentEmpty) throw new Fault('xml-frame-start', this.#length);
    if (!this.#isComplete) throw new Fault('xml-unexpected-end', this.#length);
    this.#documentStart = this.#length;
    this.#documentEmpty = true;
    this.#place = 'prolog';
    this.#document = this.#beginDocument();
  }

  // Units, and the events that wait for their end

  #beginUnit(): void {
    if (this.#unitStart >= 0) return;
    this.#unitStart = this.#at;
    this.#checkUnit();
  }

  #checkUnit(): void {
    const limit = this.#unitStart + this.#settings.limits.stanzaBytes;
    if (this.#after > limit) throw new Fault('limit-stanza-bytes', Math.max(limit, this.#at));
  }

  #emit(event: Event): void {
    this.#pending.push(event);
  }

  /** After each token: where it completes a unit, the unit's events are due. */
  #settle(): void {
    const { framing } = this.#settings;
    if (framing === 'stream' && this.#open.length > 1) return;
    if ((framing === 'websocket' || framing === 'element') && this.#open.length > 0) return;
    for (const event of this.#pending) this.#log.push(event);
    this.#pending = [];
    this.#unitStart = -1;
    this.#unitIsText = false;
  }

  // Productions. Each begins after the characters named in its comment.

  /** document ::= prolog element Misc* */
  *#wholeDocument(): Production {
    while (this.#place === 'prolog') yield* this.#prolog();
    while (this.#open.length > 0) {
      if (this.#settings.framing === 'stream' && this.#open.length === 1)
        yield* this.#betweenStanzas();
      else yield* this.#content();
    }
    this.#place = 'epilog';
    for (;;) yield* this.#epilog();
  }

  /** Before the root: white space, the XML declaration, skipped markup, the root's start tag. */
  *#prolog(): Production {
    const c = yield;
    if (c !== Less) {
      if (this.#settings.framing === 'websocket' && this.#at === this.#documentStart) {
        throw new Fault('xml-frame-start', this.#at);
      }
      if (!isSpace(c)) throw new Fault('xml-text-outside-root', this.#at);
      return;
    }
    yield* this.#markup();
  }

  /** Inside the root of a stream: white space and stanzas. */
  *#betweenStanzas(): Production {
    const c = yield;
    if (isSpace(c)) return;
    if (c !== Less) throw new Fault('stream-text', this.#at);
    this.#place = 'between-stanzas';
    yield* this.#markup();
  }

  /** Inside an element: a text, if there is one, and the markup after it. */
  *#content(): Production {
    yield* this.#text();
    this.#place = 'content';
    yield* this.#markup();
  }

  /** After the root: white space and skipped markup. */
  *#epilog(): Production {
    const c = yield;
    if (isSpace(c)) return;
    if (c !== Less || !this.#settings.skipMisc) throw new Fault('xml-content-after-root', this.#at);
    yield* this.#markup();
  }

  /** `<` */
  *#markup(): Production {
    const less = this.#at;
    this.#beginUnit();
    const c = yield;
    if (c === Question) {
      yield* this.#question(less);
    } else if (c === Exclamation) {
      yield* this.#exclamation(less);
    } else if (this.#place === 'epilog') {
      throw new Fault('xml-content-after-root', less);
    } else if (c === Slash) {
      yield* this.#endTag(less);
    } else if (isNameStart(c)) {
      yield* this.#startTag(less, c);
    } else {
      throw new Fault('xml-name-invalid', this.#at);
    }
    this.#settle();
  }

  /** `<` and a NameStartChar */
  *#startTag(less: number, first: number): Production {
    const { limits } = this.#settings;
    const at = this.#at;
    if (this.#open.length + 1 > limits.depth) throw new Fault('limit-depth', less);
    this.#checkName(at);
    this.#countChild(less);

    let name = String.fromCodePoint(first);
    let c = yield;
    while (isNameCharacter(c)) {
      this.#checkName(at);
      name += String.fromCodePoint(c);
      c = yield;
    }
    if (!isSpace(c) && c !== Slash && c !== Greater) throw new Fault('xml-name-invalid', this.#at);
    if (!isQualifiedName(name)) throw new Fault('xml-qualified-name-invalid', at);

    const attributes: Attribute[] = [];
    while (c !== Slash && c !== Greater) {
      if (isSpace(c)) {
        c = yield;
        if (isSpace(c) || c === Slash || c === Greater) continue;
        if (!isNameStart(c)) throw new Fault('xml-name-invalid', this.#at);
        if (attributes.length + 1 > limits.attributes)
          throw new Fault('limit-attributes', this.#at);
        attributes.push(yield* this.#attribute(c));
        c = yield;
      } else {
        throw new Fault('xml-attribute-space-missing', this.#at);
      }
    }
    const slash = this.#at;
    const empty = c === Slash;
    if (empty) {
      c = yield;
      if (c !== Greater) throw new Fault('xml-markup-invalid', this.#at);
    }

    const namespace = this.#scopes.enter(name, at, attributes);
    this.#emit({ kind: 'start', at: less, name, namespace });
    for (const attribute of attributes) {
      const kind = isDeclaration(attribute.name) ? 'xmlns' : 'attribute';
      this.#emit({ kind, at: attribute.at, name: attribute.name, value: attribute.value });
    }
    this.#place = 'content';
    this.#open.push({ name, attributes, children: 0 });
    if (empty) this.#endElement(slash);
  }

  /** The first character of an attribute's name */
  *#attribute(first: number): Production<Attribute> {
    const at = this.#at;
    this.#checkName(at);
    let name = String.fromCodePoint(first);
    let c = yield;
    while (isNameCharacter(c)) {
      this.#checkName(at);
      name += String.fromCodePoint(c);
      c = yield;
    }
    if ([Greater, Slash, Less, Quotation, Apostrophe].includes(c)) {
      throw new Fault('xml-attribute-invalid', this.#at);
    }
    if (c !== Equals && !isSpace(c)) throw new Fault('xml-name-invalid', this.#at);
    if (!isQualifiedName(name)) throw new Fault('xml-qualified-name-invalid', at);

    while (isSpace(c)) c = yield;
    if (c !== Equals) throw new Fault('xml-attribute-invalid', this.#at);
    c = yield;
    while (isSpace(c)) c = yield;
    if (c !== Quotation && c !== Apostrophe) throw new Fault('xml-attribute-invalid', this.#at);
    return { name, at, value: yield* this.#value(c) };
  }

  /** A quotation mark. XML 1.0, section 3.3.3: literal white space becomes a space, CR LF one. */
  *#value(quote: number): Production<string> {
    let value = '';
    let afterCr = false;
    for (;;) {
      const c = yield;
      if (c === quote) return value;
      if (c === Less) throw new Fault('xml-less-than-in-value', this.#at);
      if (c === Ampersand) value += yield* this.#reference();
      else if (!isSpace(c)) value += String.fromCodePoint(c);
      else if (!(c === Lf && afterCr)) value += String.fromCodePoint(Space);
      afterCr = c === Cr;
    }
  }

  /** `</` */
  *#endTag(less: number): Production {
    const element = this.#open.at(-1);
    let c = yield;
    for (const character of element?.name ?? '') {
      if (c !== code(character)) throw new Fault('xml-end-tag-mismatch', this.#at);
      c = yield;
    }
    if (element === undefined || isNameCharacter(c))
      throw new Fault('xml-end-tag-mismatch', this.#at);
    while (isSpace(c)) c = yield;
    if (c !== Greater) throw new Fault('xml-markup-invalid', this.#at);
    this.#endElement(less);
  }

  #endElement(at: number): void {
    const element = this.#open.pop();
    if (element === undefined) throw new Error('an end without an element');
    this.#scopes.leave(element.attributes);
    if (this.#settings.framing === 'stream' && this.#open.length === 0)
      this.#emit({ kind: 'close', at });
    else this.#emit({ kind: 'end', at, to: this.#after, name: element.name });
  }

  /** Content up to a `<`. XML 1.0, section 2.11: CR LF and CR become LF. */
  *#text(): Production {
    let value = '';
    let at = -1;
    let previous = -1;
    let beforePrevious = -1;
    for (;;) {
      let c = yield;
      if (c === Less) break;
      if (at < 0) {
        at = this.#at;
        this.#beginUnit();
        this.#unitIsText = this.#settings.framing === 'document';
        this.#countChild(at);
      }
      if (c === Ampersand) {
        value += yield* this.#reference();
        c = -1; // what a reference stands for is no part of CR LF or of ]]>
      } else {
        if (c === Greater && previous === Bracket && beforePrevious === Bracket) {
          throw new Fault('xml-cdata-end-in-text', this.#at - 2);
        }
        value += lineEnd(c, previous);
      }
      beforePrevious = previous;
      previous = c;
    }
    if (at < 0) return;
    this.#emit({ kind: 'text', at, to: this.#at, value });
    this.#settle();
  }

  /** `&` */
  *#reference(): Production<string> {
    const ampersand = this.#at;
    let c = yield;
    if (c === Hash) return yield* this.#characterReference(ampersand);
    if (!isNameStart(c)) throw new Fault('xml-reference-invalid', ampersand);
    let name = '';
    while (c !== Semicolon) {
      if (!isNameCharacter(c)) throw new Fault('xml-reference-invalid', ampersand);
      name += String.fromCodePoint(c);
      if (![...entities.keys()].some((entity) => entity.startsWith(name))) {
        throw new Fault('xml-entity-restricted', ampersand);
      }
      c = yield;
    }
    const value = entities.get(name);
    if (value === undefined) throw new Fault('xml-entity-restricted', ampersand);
    return value;
  }

  /** `&#` */
  *#characterReference(ampersand: number): Production<string> {
    let c = yield;
    const hexadecimal = c === code('x');
    if (hexadecimal) c = yield;
    const base = hexadecimal ? 16 : 10;
    let digits = 0;
    let value = 0;
    while (c !== Semicolon || digits === 0) {
      if (!(hexadecimal ? hexadecimalValue(c) >= 0 : isDigit(c))) {
        throw new Fault('xml-reference-invalid', ampersand);
      }
      value = Math.min(value * base + hexadecimalValue(c), 0x110000);
      digits += 1;
      c = yield;
    }
    if (!isCharacter(value)) throw new Fault('xml-reference-forbidden', ampersand);
    return String.fromCodePoint(value);
  }

  /** `<!` */
  *#exclamation(less: number): Production {
    const c = yield;
    if (c === Hyphen) yield* this.#comment(less);
    else if (c === code('D')) throw new Fault('xml-doctype-restricted', less);
    else if (c !== code('[')) throw new Fault('xml-markup-invalid', this.#at);
    else if (this.#place === 'prolog') throw new Fault('xml-text-outside-root', less);
    else if (this.#place === 'between-stanzas') throw new Fault('stream-text', less);
    else if (this.#place === 'epilog') throw new Fault('xml-content-after-root', less);
    else yield* this.#characterData(less);
  }

  /** `<![` */
  *#characterData(less: number): Production {
    for (const character of 'CDATA[') {
      const c = yield;
      if (c !== code(character)) throw new Fault('xml-markup-invalid', this.#at);
    }
    const at = this.#after;
    let value = '';
    let counted = false;
    let previous = -1;
    let brackets = 0;
    for (;;) {
      const c = yield;
      if (c === Greater && brackets >= 2) break;
      // `]` and `]]` may still be the beginning of the end
      if (!counted && (c !== Bracket || brackets === 2)) {
        this.#countChild(less);
        counted = true;
      }
      brackets = c === Bracket ? brackets + 1 : 0;
      value += lineEnd(c, previous);
      previous = c;
    }
    const to = this.#at - 2;
    if (to > at) this.#emit({ kind: 'cdata', at, to, value: value.slice(0, -2) });
  }

  /** `<!-` */
  *#comment(less: number): Production {
    if (!this.#settings.skipMisc) throw new Fault('xml-comment-restricted', less);
    let c = yield;
    if (c !== Hyphen) throw new Fault('xml-markup-invalid', this.#at);
    let hyphens = 0;
    while (hyphens < 2) {
      c = yield;
      hyphens = c === Hyphen ? hyphens + 1 : 0;
    }
    c = yield;
    if (c !== Greater) throw new Fault('xml-comment-invalid', this.#at - 2);
  }

  /** `<?` */
  *#question(less: number): Production {
    const first = less === this.#documentStart;
    if (this.#settings.skipMisc) return yield* this.#instruction(less, first);
    if (!first) throw new Fault('xml-processing-instruction-restricted', less);
    for (const character of 'xml') {
      const c = yield;
      if (c !== code(character)) throw new Fault('xml-processing-instruction-restricted', less);
    }
    const c = yield;
    if (!isSpace(c)) throw new Fault('xml-processing-instruction-restricted', less);
    yield* this.#declaration(c);
  }

  /** `<?`, when processing instructions are skipped */
  *#instruction(less: number, first: boolean): Production {
    const at = this.#after;
    let c = yield;
    if (!isNameStart(c)) throw new Fault('xml-name-invalid', this.#at);
    let target = '';
    while (isNameCharacter(c)) {
      target += String.fromCodePoint(c);
      c = yield;
    }
    if (first && target === 'xml' && isSpace(c)) return yield* this.#declaration(c);
    if (target.toLowerCase() === 'xml') throw new Fault('xml-declaration-misplaced', less);
    if (!isSpace(c) && c !== Question) throw new Fault('xml-name-invalid', this.#at);
    if (target.includes(':')) throw new Fault('xml-qualified-name-invalid', at);
    if (c === Question) {
      c = yield;
      if (c !== Greater) throw new Fault('xml-markup-invalid', this.#at);
      return;
    }
    let previous = c;
    while (!(previous === Question && c === Greater)) {
      previous = c;
      c = yield;
    }
  }

  /** `<?xml` and white space, which is the declaration's first character */
  *#declaration(space: number): Production {
    const characters = [space];
    const offsets = [this.#at];
    let c = space;
    for (;;) {
      const previous = c;
      c = yield;
      if (c === Less) throw new Fault('xml-declaration-invalid', this.#at);
      if (previous === Question && c === Greater) break;
      characters.push(c);
      offsets.push(this.#at);
    }
    characters.pop(); // the ? of ?>, whose offset stays as that of the end
    checkDeclaration({ characters, offsets }, this.#settings.framing === 'document');
  }

  // Limits

  /** The name that began at `at` goes on with the current character. */
  #checkName(at: number): void {
    if (this.#after - at > this.#settings.limits.nameBytes)
      throw new Fault('limit-name-bytes', this.#at);
  }

  /** A child of the open element; the stanzas of a stream are not counted. */
  #countChild(at: number): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) return;
    if (this.#settings.framing === 'stream' && this.#open.length === 1) return;
    parent.children += 1;
    if (parent.children > this.#settings.limits.children) throw new Fault('limit-children', at);
  }
}

/** A literal character of text after line-end normalisation (XML 1.0, section 2.11). */
function lineEnd(c: number, previous: number): string {
  if (c === Cr) return '\n';
  if (c === Lf && previous === Cr) return '';
  return String.fromCodePoint(c);
}
