/*
 * Reads the text files of the Unicode Character Database that lie in the repository: one entry a line,
 * fields between semicolons, `#` begins a comment, the first field is a code point or a range.
 *
 * The `@missing` lines give a value to what no entry names. They come first here, the widest before the
 * narrower, so that what follows overwrites them, as UAX #44, section 4.2.10, has it.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version that the addresses are prepared with. */
export const unicodeVersion = '17.0.0';

/** One past the last code point. */
export const codePointCount = 0x110000;

// The compiled copy of this file lies deeper in the repository than its source.
function findFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, 'scripts/data', `unicode-${unicodeVersion}`);
    if (existsSync(candidate)) return candidate;
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no scripts/data/unicode-${unicodeVersion} above here`);
    folder = parent;
  }
}

/** A file of the database as text. */
export function readUnicodeFile(name: string): string {
  return readFileSync(join(findFolder(), name), 'utf8');
}

/** A run of code points, both ends included, and the fields after it. */
export interface Entry {
  readonly first: number;
  readonly last: number;
  readonly fields: readonly string[];
}

/** The entries of a file in order, without `@missing` lines. */
export function* readEntries(name: string): Generator<Entry> {
  for (const line of readUnicodeFile(name).split('\n')) {
    const entry = parseEntry(line);
    if (entry !== undefined) yield entry;
  }
}

/** The `@missing` lines of a file, the widest first. */
export function readMissing(name: string): Entry[] {
  const mark = '# @missing: ';
  return readUnicodeFile(name)
    .split('\n')
    .filter((line) => line.startsWith(mark))
    .flatMap((line) => parseEntry(line.slice(mark.length)) ?? [])
    .sort((left, right) => right.last - right.first - (left.last - left.first));
}

function parseEntry(line: string): Entry | undefined {
  const hash = line.indexOf('#');
  const text = hash < 0 ? line : line.slice(0, hash);
  if (text.trim() === '') return undefined;
  const [range = '', ...fields] = text.split(';').map((field) => field.trim());
  const [first = '', last = first] = range.split('..');
  return { first: parseInt(first, 16), last: parseInt(last, 16), fields };
}

/** `0069 0307` as numbers. */
export function parseCodePoints(field: string): number[] {
  return field.split(' ').map((text) => parseInt(text, 16));
}

/** The code points that a file gives a value that `holds`. */
export function codePointSet(
  name: string,
  holds: (fields: readonly string[]) => boolean,
): Uint8Array {
  const set = new Uint8Array(codePointCount);
  for (const { first, last, fields } of readEntries(name)) {
    if (holds(fields)) set.fill(1, first, last + 1);
  }
  return set;
}

/** A property with named values: `of(codePoint)` is the short name that stands in the file. */
export class NamedProperty {
  readonly #names: string[] = [];
  readonly #values = new Uint8Array(codePointCount);

  set(first: number, last: number, name: string): void {
    let index = this.#names.indexOf(name);
    if (index < 0) index = this.#names.push(name) - 1;
    this.#values.fill(index, first, last + 1);
  }

  of(codePoint: number): string {
    const name = this.#names.at(this.#values[codePoint] ?? 0);
    if (name === undefined) throw new Error(`no value for ${codePoint}`);
    return name;
  }
}

/** The property of a file with one value a line; `alias` gives long names of `@missing` lines their short ones. */
export function readProperty(
  name: string,
  alias: Readonly<Record<string, string>> = {},
): NamedProperty {
  const property = new NamedProperty();
  for (const { first, last, fields } of [...readMissing(name), ...readEntries(name)]) {
    const [value = ''] = fields;
    property.set(first, last, alias[value] ?? value);
  }
  return property;
}
