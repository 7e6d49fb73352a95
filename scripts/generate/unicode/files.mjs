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

/** Reads the sources of a folder. `pins` maps a name to a hash; undefined reads without a check. */
export async function readSources(folder, pins, names = sourceNames) {
  const read = names.map(async (name) => {
    const bytes = await readFile(join(folder, name));
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (pins !== undefined && pins[name] !== hash) {
      throw new Error(`${name}: SHA-256 ${hash} is not the pinned ${pins[name] ?? '(none)'}`);
    }
    return [name, { text: bytes.toString('utf8'), hash }];
  });
  return Object.fromEntries(await Promise.all(read));
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

/** '0041 030A' as numbers. */
export function codePoints(field) {
  return field === '' ? [] : field.split(' ').map((part) => parseInt(part, 16));
}

function rangeOf(place) {
  const [first, last = first] = place.split('..');
  return { start: parseInt(first, 16), end: parseInt(last, 16) + 1 };
}
