/*
 * The XML declaration (XML 1.0, section 2.8 [23]-[32], 4.3.3 [80]): version, then encoding, then
 * standalone, each but the first optional, read from left to right once its `?>` is there.
 *
 * The version is 1.0 in XMPP (RFC 6120, section 11.8); a document of the fifth edition may say 1.x.
 * The encoding is UTF-8 in any case (RFC 6120, section 11.6).
 */

import { code, isDigit, isSpace } from './characters.js';
import { Fault } from './faults.js';

/** The characters between `<?xml` and the `?` of `?>`, and the offset of each, with the one of that `?` last. */
export interface DeclarationSource {
  readonly characters: readonly number[];
  readonly offsets: readonly number[];
}

export function checkDeclaration(source: DeclarationSource, anyMinorVersion: boolean): void {
  const reader = new Reader(source);
  reader.space();
  reader.name('version');
  const versionQuote = reader.quote();
  reader.expect('1.');
  if (anyMinorVersion) reader.digits();
  else reader.expect('0');
  reader.closeQuote(versionQuote);

  let spaced = reader.skipSpace();
  if (!reader.atEnd && reader.is('e')) {
    if (!spaced) throw reader.fault();
    reader.name('encoding');
    reader.encoding();
    spaced = reader.skipSpace();
  }
  if (!reader.atEnd && reader.is('s')) {
    if (!spaced) throw reader.fault();
    reader.name('standalone');
    const quote = reader.quote();
    reader.expect(reader.is('y') ? 'yes' : 'no');
    reader.closeQuote(quote);
    reader.skipSpace();
  }
  if (!reader.atEnd) throw reader.fault();
}

class Reader {
  #position = 0;
  readonly #source: DeclarationSource;

  constructor(source: DeclarationSource) {
    this.#source = source;
  }

  get atEnd(): boolean {
    return this.#position === this.#source.characters.length;
  }

  /** The current character, -1 at the end: the `?` of `?>` fits nowhere. */
  get #current(): number {
    return this.#source.characters[this.#position] ?? -1;
  }

  get #offset(): number {
    return this.#source.offsets[this.#position] ?? 0;
  }

  fault(): Fault {
    return new Fault('xml-declaration-invalid', this.#offset);
  }

  is(character: string): boolean {
    return this.#current === code(character);
  }

  expect(text: string): void {
    for (const character of text) {
      if (!this.is(character)) throw this.fault();
      this.#position += 1;
    }
  }

  skipSpace(): boolean {
    const from = this.#position;
    while (!this.atEnd && isSpace(this.#current)) this.#position += 1;
    return this.#position > from;
  }

  space(): void {
    if (!this.skipSpace()) throw this.fault();
  }

  digits(): void {
    if (!isDigit(this.#current)) throw this.fault();
    while (isDigit(this.#current)) this.#position += 1;
  }

  /** A name and the equals sign after it. */
  name(text: string): void {
    this.expect(text);
    this.skipSpace();
    this.expect('=');
    this.skipSpace();
  }

  quote(): number {
    const quote = this.#current;
    if (quote !== code('"') && quote !== code("'")) throw this.fault();
    this.#position += 1;
    return quote;
  }

  closeQuote(quote: number): void {
    if (this.#current !== quote) throw this.fault();
    this.#position += 1;
  }

  encoding(): void {
    const quote = this.quote();
    const offset = this.#offset;
    let value = '';
    while (!this.atEnd && this.#current !== quote) {
      value += String.fromCodePoint(this.#current);
      this.#position += 1;
    }
    this.closeQuote(quote);
    if (value.toLowerCase() !== 'utf-8') throw new Fault('xml-encoding-unsupported', offset);
  }
}
