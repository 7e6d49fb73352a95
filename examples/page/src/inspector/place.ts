/*
 * A place in a text, for people: the character that is meant and the line around it.
 */

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
const decoder = new TextDecoder();

/** The place `offset` bytes of UTF-8 into the text. */
export function placeOfByte(text: string, offset: number): Place {
  return placeOf(text, decoder.decode(encoder.encode(text).subarray(0, offset)).length);
}

/** The place `index` UTF-16 units into the text. */
export function placeOf(text: string, index: number): Place {
  const lineStart = index === 0 ? 0 : text.lastIndexOf('\n', index - 1) + 1;
  const newline = text.indexOf('\n', index);
  const before = Array.from(text.slice(lineStart, index));
  const after = Array.from(text.slice(index, newline < 0 ? text.length : newline));
  const [character = ' ', ...rest] = after;
  return {
    line: text.slice(0, lineStart).split('\n').length,
    column: before.length,
    before: textOf(before.slice(-shownBefore)),
    character: visible(character),
    after: textOf(rest.slice(0, shownAfter)),
  };
}

const textOf = (characters: readonly string[]): string => characters.map(visible).join('');

/** Something to see, whatever was typed. */
const visible = (character: string): string =>
  /[\p{C}\p{M}]/u.test(character) ? '\u00b7' : character;
