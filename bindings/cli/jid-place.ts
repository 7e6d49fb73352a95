/*
 * An address with a caret below the place of its fault, for a terminal.
 *
 * Invariant: what is shown stands in as many columns as the caret counts, and nothing in it moves the
 * cursor: controls, format characters, unassigned code points and strange spaces are written as
 * escapes. The order of right-to-left text is the terminal's business.
 */
import type { JidError } from '../jid-error.js';
import { columns } from './columns.js';

/** Code points that are shown on each side of the place. */
const aroundCount = 40;

/** The address, or what of it is around the place, and the line with the caret; no lines for no place. */
export function placeLines(source: string, { index, codePoint }: JidError): string[] {
  if (index === undefined) return [];
  // A character is two units at the most: this holds more of them than are shown.
  const before = Array.from(source.slice(Math.max(0, index - aroundCount * 2 - 2), index));
  const after = Array.from(source.slice(index, index + aroundCount * 2 + 4));
  // The character itself has to be seen, so a mark does not go on top of the one before it.
  const culprit = codePoint === undefined ? '' : shown(after.shift() ?? '', /\p{M}/u);
  const head = before.length > aroundCount ? '...' : '';
  const tail = after.length > aroundCount ? '...' : '';
  const start = head + shown(before.slice(-aroundCount).join(''));
  const end = shown(after.slice(0, aroundCount).join('')) + tail;
  return [start + culprit + end, `${' '.repeat(columns(start))}^`];
}

const invisible = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

function shown(text: string, also = /(?!)/u): string {
  return Array.from(text, (character) =>
    invisible.test(character) || also.test(character)
      ? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
      : character,
  ).join('');
}
