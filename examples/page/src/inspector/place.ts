/*
 * A place in a text, for people: the line around it and the column below which a caret goes.
 */

/** Characters that are shown on each side of the place. */
const around = 60;

export interface Place {
  /** From 1. */
  readonly line: number;
  /** Characters before the place in its line, from 0. */
  readonly column: number;
  /** A part of the line. */
  readonly excerpt: string;
  /** Where the place is in the excerpt, in characters. */
  readonly caret: number;
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
  const shown = before.slice(-around);
  return {
    line: text.slice(0, lineStart).split('\n').length,
    column: before.length,
    excerpt: [...shown, ...after.slice(0, around)].map(visible).join(''),
    caret: shown.length,
  };
}

/** One column a character, whatever was typed. */
const visible = (character: string): string =>
  /[\p{C}\p{M}]/u.test(character) ? '\u00b7' : character;
