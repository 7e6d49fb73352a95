/*
 * Character classes of XML 1.0, fifth edition: white space (section 2.3), NameStartChar and
 * NameChar. Code points are Unicode scalar values that were validated before (utf8.ts), so Char
 * (section 2.2) needs no test here except for numbers, which character references bring.
 */

/** S: space, tab, LF, CR. */
export function isSpace(c: u32): bool {
  return c == 0x20 || c == 0x0a || c == 0x09 || c == 0x0d;
}

/** Char, for the number of a character reference. */
export function isChar(c: u32): bool {
  if (c < 0x20) return c == 0x09 || c == 0x0a || c == 0x0d;
  if (c < 0xd800) return true;
  if (c < 0xe000) return false;
  return c != 0xfffe && c != 0xffff && c <= 0x10ffff;
}

/** NameStartChar. The colon counts; where it may stand is a matter of namespaces. */
export function isNameStart(c: u32): bool {
  if (c < 0x80) return (c | 0x20) - 0x61 < 26 || c == 0x5f || c == 0x3a;
  if (c < 0x2000) {
    if (c < 0x300) return c >= 0xc0 && c != 0xd7 && c != 0xf7;
    return c >= 0x370 && c != 0x37e;
  }
  if (c < 0xd800) {
    return (
      c - 0x200c < 2 || c - 0x2070 < 0x2190 - 0x2070 || c - 0x2c00 < 0x2ff0 - 0x2c00 || c >= 0x3001
    );
  }
  return c - 0xf900 < 0xfdd0 - 0xf900 || c - 0xfdf0 < 0xfffe - 0xfdf0 || c - 0x10000 < 0xe0000;
}

/** NameChar. */
export function isNameChar(c: u32): bool {
  if (c < 0x80) return isNameStart(c) || c - 0x30 < 10 || c == 0x2d || c == 0x2e;
  return isNameStart(c) || c == 0xb7 || c - 0x300 < 0x70 || c - 0x203f < 2;
}

/** Bytes of the UTF-8 sequence that starts with `lead`; the sequence is valid. */
export function sequenceLength(lead: u32): u32 {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/** The code point of the valid UTF-8 sequence at `p`. */
export function codePoint(p: usize): u32 {
  const a = <u32>load<u8>(p);
  if (a < 0x80) return a;
  const b = (<u32>load<u8>(p, 1)) & 0x3f;
  if (a < 0xe0) return ((a & 0x1f) << 6) | b;
  const c = (<u32>load<u8>(p, 2)) & 0x3f;
  if (a < 0xf0) return ((a & 0x0f) << 12) | (b << 6) | c;
  return ((a & 0x07) << 18) | (b << 12) | (c << 6) | ((<u32>load<u8>(p, 3)) & 0x3f);
}
