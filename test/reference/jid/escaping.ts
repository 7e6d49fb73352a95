/*
 * XEP-0106, for localparts. `\` is escaped only where it would be read as the begin of one of the ten
 * sequences.
 */

const table: readonly (readonly [character: string, sequence: string])[] = [
  [' ', '\\20'],
  ['"', '\\22'],
  ['&', '\\26'],
  ["'", '\\27'],
  ['/', '\\2f'],
  [':', '\\3a'],
  ['<', '\\3c'],
  ['>', '\\3e'],
  ['@', '\\40'],
  ['\\', '\\5c'],
];

export type Escaped =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly rule: 'leading-space' | 'trailing-space' };

export function escapeLocal(source: string): Escaped {
  if (source.startsWith(' ')) return { ok: false, rule: 'leading-space' };
  if (source.endsWith(' ')) return { ok: false, rule: 'trailing-space' };
  let text = '';
  for (let index = 0; index < source.length; index++) {
    const character = source.charAt(index);
    const [, sequence] = table.find(([one]) => one === character) ?? [];
    const isEscaped =
      character === '\\'
        ? table.some(([, one]) => source.startsWith(one, index))
        : sequence !== undefined;
    text += isEscaped ? (sequence ?? '') : character;
  }
  return { ok: true, text };
}

export function unescapeLocal(source: string): string {
  let text = '';
  for (let index = 0; index < source.length; index++) {
    const [character] = table.find(([, sequence]) => source.startsWith(sequence, index)) ?? [];
    text += character ?? source.charAt(index);
    if (character !== undefined) index += 2;
  }
  return text;
}
