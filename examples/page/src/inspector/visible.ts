/*
 * Text from outside as it can be shown: what has no form of its own, or would move what stands beside it, such as the
 * marks that change the direction of writing.
 */

/** One character in an excerpt, where each has its place. */
export const visible = (character: string): string =>
  /[\p{C}\p{M}]/u.test(character) ? '\u00b7' : character;

/** Longer texts are cut. */
const maxLength = 2000;

/** A text of any length; what cannot be seen stands there as `\u{202e}`. */
export function shown(text: string): string {
  const cut = text.length <= maxLength ? text : `${text.slice(0, maxLength)}\u2026`;
  return cut.replace(
    /[^\P{C}\n\t]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
