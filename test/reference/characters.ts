/*
 * The character classes of XML 1.0, fifth edition, written as the productions of the specification.
 *
 * Char is section 2.2, S, NameStartChar and NameChar are section 2.3. A colon is a name character
 * here; Namespaces in XML 1.0 takes it out again, and qualified names are checked separately.
 */

export const code = (character: string): number => character.codePointAt(0) ?? 0;

export const isSpace = (c: number): boolean => c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d;

export const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

export function hexadecimalValue(c: number): number {
  if (isDigit(c)) return c - 0x30;
  if (c >= 0x41 && c <= 0x46) return c - 0x41 + 10;
  if (c >= 0x61 && c <= 0x66) return c - 0x61 + 10;
  return -1;
}

/** [2] Char */
export const isCharacter = (c: number): boolean =>
  c === 0x09 ||
  c === 0x0a ||
  c === 0x0d ||
  (c >= 0x20 && c <= 0xd7ff) ||
  (c >= 0xe000 && c <= 0xfffd) ||
  (c >= 0x10000 && c <= 0x10ffff);

/** [4] NameStartChar */
export const isNameStart = (c: number): boolean =>
  c === 0x3a ||
  (c >= 0x41 && c <= 0x5a) ||
  c === 0x5f ||
  (c >= 0x61 && c <= 0x7a) ||
  (c >= 0xc0 && c <= 0xd6) ||
  (c >= 0xd8 && c <= 0xf6) ||
  (c >= 0xf8 && c <= 0x2ff) ||
  (c >= 0x370 && c <= 0x37d) ||
  (c >= 0x37f && c <= 0x1fff) ||
  (c >= 0x200c && c <= 0x200d) ||
  (c >= 0x2070 && c <= 0x218f) ||
  (c >= 0x2c00 && c <= 0x2fef) ||
  (c >= 0x3001 && c <= 0xd7ff) ||
  (c >= 0xf900 && c <= 0xfdcf) ||
  (c >= 0xfdf0 && c <= 0xfffd) ||
  (c >= 0x10000 && c <= 0xeffff);

/** [4a] NameChar */
export const isNameCharacter = (c: number): boolean =>
  isNameStart(c) ||
  c === 0x2d ||
  c === 0x2e ||
  isDigit(c) ||
  c === 0xb7 ||
  (c >= 0x300 && c <= 0x36f) ||
  (c >= 0x203f && c <= 0x2040);

/** Namespaces in XML 1.0, section 4, [7] QName: an NCName, or two with a colon between them. */
export function isQualifiedName(name: string): boolean {
  const parts = name.split(':');
  return parts.length <= 2 && parts.every((part) => part !== '' && isNameStart(code(part)));
}
