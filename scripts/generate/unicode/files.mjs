/*
 * The text files of one version of the Unicode Character Database, as lines and ranges.
 *
 * A file is read only if its SHA-256 is the one that scripts/data/unicode.json pins. Two forms of
 * line exist: fields between semicolons after a code point or a range, and `@missing` comments with
 * the value of what is not listed.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Code points of the whole space, U+0000 to U+10FFFF. */
export const codePointCount = 0x110000;

/** The files that the tables are made from. The rest of the folder is for tests. */
export const sourceNames = [
  'UnicodeData.txt',
  'SpecialCasing.txt',
  'CaseFolding.txt',
  'DerivedNormalizationProps.txt',
  'CompositionExclusions.txt',
  'HangulSyllableType.txt',
  'PropList.txt',
  'DerivedCoreProperties.txt',
  'Scripts.txt',
  'DerivedJoiningType.txt',
  'DerivedBidiClass.txt',
  'Idna2008.txt',
];

/** Reads the sources of a folder, `{ name: { text, hash } }`. `pins` maps each name to its hash. */
export async function readSources(folder, pins) {
  const read = sourceNames.map(async (name) => {
    const source = await readSource(join(folder, name));
    if (source.hash !== pins[name]) {
      throw new Error(
        `${name}: SHA-256 ${source.hash} is not the pinned ${pins[name] ?? '(none)'}`,
      );
    }
    return [name, source];
  });
  return Object.fromEntries(await Promise.all(read));
}

export async function readSource(path) {
  const bytes = await readFile(path);
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { text: bytes.toString('utf8'), hash };
}

/** The lines that hold data: `[{ start, end, fields }]`, end exclusive, in the order of the file. */
export function rows(text) {
  const found = [];
  for (const line of text.split('\n')) {
    const hash = line.indexOf('#');
    const data = (hash < 0 ? line : line.slice(0, hash)).trim();
    if (data === '') continue;
    const [place, ...fields] = data.split(';').map((field) => field.trim());
    found.push({ ...rangeOf(place), fields });
  }
  return found;
}

/** The `@missing` lines, in order: a later one stands above an earlier one. */
export function missingRows(text) {
  const pattern = /^# @missing: ([0-9A-F]+\.\.[0-9A-F]+); *(.+)$/gm;
  return [...text.matchAll(pattern)].map(([, place, rest]) => ({
    ...rangeOf(place),
    fields: rest.split(';').map((field) => field.trim()),
  }));
}

/** The lines of UnicodeData.txt; a pair of `First>` and `Last>` becomes one. */
export function dataRows(text) {
  const found = [];
  let first;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const fields = line.split(';');
    const start = parseInt(fields[0], 16);
    if (fields[1].endsWith(', First>')) first = start;
    else if (fields[1].endsWith(', Last>')) found.push({ start: first, end: start + 1, fields });
    else found.push({ start, end: start + 1, fields });
  }
  return found;
}

export function hex(c) {
  return `U+${c.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** '0041 030A' as numbers. */
export function codePoints(field) {
  return field === '' ? [] : field.split(' ').map((part) => parseInt(part, 16));
}

function rangeOf(place) {
  const [first, last = first] = place.split('..');
  return { start: parseInt(first, 16), end: parseInt(last, 16) + 1 };
}
