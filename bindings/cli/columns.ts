/*
 * The room that a text takes on a terminal: marks stand on the character before them, and characters of East
 * Asia are wide.
 */

// Vowels and finals of Hangul join the consonant before them.
const mark = /[\p{M}\u1160-\u11ff\ud7b0-\ud7fb]/u;
// Of East Asian Width what addresses are likely to have; the half-width forms of these scripts are not wide.
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const narrow = /[\uff61-\uffdc]/;

/** Columns of a terminal that a text takes. */
export function columns(text: string): number {
  let count = 0;
  for (const character of text) {
    if (mark.test(character)) continue;
    count += wide.test(character) && !narrow.test(character) ? 2 : 1;
  }
  return count;
}
