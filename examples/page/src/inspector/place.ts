/*
 * A place in a text, for people: the character that is meant and the line around it. The text may be long, and of one
 * line: no more of it is looked at than is shown, but for counting.
 */
import { visible } from './visible.ts';

/** Characters that are shown before the place, few enough for a small screen, and after it. */
const shownBefore = 24;
const shownAfter = 60;

export interface Place {
  /** From 1. */
  readonly line: number;
  /** Characters before the place in its line, from 0. */
  readonly column: number;
  /** What the line has before it, the character itself, a space at the end of the line, and what follows. */
  readonly before: string;
  readonly character: string;
  readonly after: string;
}

const encoder = new TextEncoder();
// A mark at the start of the text is a character like others.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The place `offset` bytes of UTF-8 into the text. */
export function placeOfByte(text: string, offset: number): Place {
  return placeOf(text, decoder.decode(encoder.encode(text).subarray(0, offset)).length);
}

/** The place `index` UTF-16 units into the text. */
export function placeOf(text: string, index: number): Place {
  const lineStart = index === 0 ? 0 : text.lastIndexOf('\n', index - 1) + 1;
  const newline = text.indexOf('\n', index);
  const lineEnd = newline < 0 ? text.length : newline;
  // A character has two units at most.
  const before = Array.from(text.slice(Math.max(lineStart, index - 2 * shownBefore), index));
  const after = Array.from(text.slice(index, Math.min(lineEnd, index + 2 * shownAfter)));
  const [character = ' ', ...rest] = after;
  return {
    line: countOf(text, /\n/g, 0, lineStart) + 1,
    column: countOf(text, /[^]/gu, lineStart, index),
    before: textOf(before.slice(-shownBefore)),
    character: visible(character),
    after: textOf(rest.slice(0, shownAfter)),
  };
}

const textOf = (characters: readonly string[]): string => characters.map(visible).join('');

/** How often a pattern, which is global, is found between two places. */
function countOf(text: string, pattern: RegExp, start: number, end: number): number {
  let count = 0;
  pattern.lastIndex = start;
  while (pattern.test(text) && pattern.lastIndex <= end) count += 1;
  return count;
}
