/*
 * Normalization as UAX #15 defines it, one step after the other: decompose fully, order the marks by
 * combining class, compose. Slow: each call works on a list and sorts.
 *
 * A character keeps the position in the caller's string that it came from, so that an error can say
 * where; what was composed stands where its first part stood.
 */

import { combiningClass, compositionExclusion, decompositions } from './character-data.js';

export interface Character {
  readonly codePoint: number;
  /** What the caller wrote, of which this was made, and the UTF-16 units before it. */
  readonly written: number;
  readonly index: number;
}

// The Hangul syllables: The Unicode Standard, section 3.12.
const syllableBase = 0xac00;
const leadingBase = 0x1100;
const vowelBase = 0x1161;
const trailingBase = 0x11a7;
const leadingCount = 19;
const vowelCount = 21;
const trailingCount = 28;

const compositions = new Map<string, number>();
for (const [codePoint, { type, codePoints }] of decompositions) {
  if (type === '' && codePoints.length === 2 && compositionExclusion[codePoint] === 0) {
    compositions.set(codePoints.join(), codePoint);
  }
}

export function normalizeC(characters: readonly Character[]): Character[] {
  return compose(order(decomposeAll(characters, false)));
}

export function normalizeD(characters: readonly Character[]): Character[] {
  return order(decomposeAll(characters, false));
}

export function normalizeKC(characters: readonly Character[]): Character[] {
  return compose(order(decomposeAll(characters, true)));
}

function decomposeAll(characters: readonly Character[], compatibly: boolean): Character[] {
  const result: Character[] = [];
  for (const character of characters) result.push(...decompose(character, compatibly));
  return result;
}

function decompose(character: Character, compatibly: boolean): Character[] {
  const { codePoint } = character;
  const syllable = codePoint - syllableBase;
  if (syllable >= 0 && syllable < leadingCount * vowelCount * trailingCount) {
    const parts = [
      leadingBase + Math.floor(syllable / (vowelCount * trailingCount)),
      vowelBase + (Math.floor(syllable / trailingCount) % vowelCount),
    ];
    const trailing = syllable % trailingCount;
    if (trailing > 0) parts.push(trailingBase + trailing);
    return parts.map((part) => ({ ...character, codePoint: part }));
  }
  const mapping = decompositions.get(codePoint);
  if (mapping === undefined || (mapping.type !== '' && !compatibly)) return [character];
  return mapping.codePoints.flatMap((part) =>
    decompose({ ...character, codePoint: part }, compatibly),
  );
}

const classOf = ({ codePoint }: Character): number => combiningClass[codePoint] ?? 0;

/** Sorts each run of marks; the sort is stable, as the canonical ordering asks. */
function order(characters: Character[]): Character[] {
  const result: Character[] = [];
  let marks: Character[] = [];
  for (const character of characters) {
    if (classOf(character) > 0) {
      marks.push(character);
      continue;
    }
    result.push(...marks.sort((left, right) => classOf(left) - classOf(right)), character);
    marks = [];
  }
  result.push(...marks.sort((left, right) => classOf(left) - classOf(right)));
  return result;
}

/** The canonical composition algorithm: UAX #15, D115 to D117 of the standard. */
function compose(characters: readonly Character[]): Character[] {
  const result: Character[] = [];
  let starterAt = -1;
  for (const character of characters) {
    const starter = starterAt < 0 ? undefined : result[starterAt];
    const previous = result.at(-1);
    if (starter !== undefined && previous !== undefined) {
      // Blocked if something between is a starter too, or its class is as high.
      const isNext = result.length - 1 === starterAt;
      if (isNext || classOf(previous) < classOf(character)) {
        const composed = composition(starter.codePoint, character.codePoint);
        if (composed !== undefined) {
          result[starterAt] = { ...starter, codePoint: composed };
          continue;
        }
      }
    }
    if (classOf(character) === 0) starterAt = result.length;
    result.push(character);
  }
  return result;
}

function composition(first: number, second: number): number | undefined {
  const leading = first - leadingBase;
  const vowel = second - vowelBase;
  if (leading >= 0 && leading < leadingCount && vowel >= 0 && vowel < vowelCount) {
    return syllableBase + (leading * vowelCount + vowel) * trailingCount;
  }
  const syllable = first - syllableBase;
  const trailing = second - trailingBase;
  if (
    syllable >= 0 &&
    syllable < leadingCount * vowelCount * trailingCount &&
    syllable % trailingCount === 0 &&
    trailing > 0 &&
    trailing < trailingCount
  ) {
    return first + trailing;
  }
  return compositions.get(`${first},${second}`);
}

/** The code points of a string. A lone surrogate is one, too. */
export function charactersOf(source: string, start = 0): Character[] {
  const characters: Character[] = [];
  let index = start;
  for (const text of source) {
    const codePoint = text.codePointAt(0) ?? 0;
    characters.push({ codePoint, written: codePoint, index });
    index += text.length;
  }
  return characters;
}

export function textOf(characters: readonly Character[]): string {
  return characters.map(({ codePoint }) => String.fromCodePoint(codePoint)).join('');
}
