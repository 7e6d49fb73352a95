/*
 * Text in units and as records: UTF-16 code units from JavaScript, octets of UTF-8 from a stream. Units.shift says
 * which of the two a source is in; its canonical form is written in the same.
 */
import { codePoint } from '../text/characters';
import { Point, PointShift, PointSize } from '../text/points';
import { wordOf } from '../text/unicode-tables';
import { SOURCE, Text, asciiWord, openText, octetsOf } from './text';

export class Units {
  /** Bytes of a unit, as a shift: 1 for UTF-16, 0 for UTF-8. */
  static shift: usize = 0;
}

/**
 * Reads `length` units. Returns how many are well-formed: `length`, or the offset of the first that is not.
 */
export function read(source: usize, length: u32): u32 {
  openText();
  const end = source + ((<usize>length) << Units.shift);
  const stop = Units.shift ? readUtf16(source, end) : readUtf8(source, end);
  Text.readCount = <u32>((Text.end - SOURCE) >> PointShift);
  return <u32>((stop - source) >> Units.shift);
}

function readUtf16(source: usize, end: usize): usize {
  let seen: u32 = 0;
  let out = SOURCE;
  let p = source;
  while (p < end) {
    let c = <u32>load<u16>(p);
    let word: u32;
    if (c < 0x80) word = asciiWord(c);
    else {
      if ((c & 0xf800) == 0xd800) {
        if (c >= 0xdc00 || p + 2 >= end || (load<u16>(p, 2) & 0xfc00) != 0xdc00) break;
        c = codePointAt(p);
        p += 2;
      }
      word = wordOf(c);
    }
    p += 2;
    seen |= word;
    Point.put(out, c, word);
    out += PointSize;
  }
  Text.end = out;
  Text.seen = seen;
  return p;
}

function readUtf8(source: usize, end: usize): usize {
  let seen: u32 = 0;
  let out = SOURCE;
  let p = source;
  while (p < end) {
    let c = <u32>load<u8>(p);
    let word: u32;
    if (c < 0x80) {
      word = asciiWord(c);
      p++;
    } else {
      const size = sequence(p, end);
      if (size == 0) break;
      c = codePoint(p);
      word = wordOf(c);
      p += size;
    }
    seen |= word;
    Point.put(out, c, word);
    out += PointSize;
  }
  Text.end = out;
  Text.seen = seen;
  return p;
}

/** Octets of the well-formed sequence at `p` that begins above ASCII, or 0: RFC 3629, section 4. */
function sequence(p: usize, end: usize): usize {
  const lead = <u32>load<u8>(p);
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size: usize = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (p + size > end) return 0;
  const second = <u32>load<u8>(p, 1);
  if ((second & 0xc0) != 0x80) return 0;
  if (size == 2) return 2;
  if (((<u32>load<u8>(p, 2)) & 0xc0) != 0x80) return 0;
  // Overlong forms, surrogates, values above U+10FFFF.
  if (lead == 0xe0 && second < 0xa0) return 0;
  if (lead == 0xed && second > 0x9f) return 0;
  if (size == 3) return 3;
  if (((<u32>load<u8>(p, 3)) & 0xc0) != 0x80) return 0;
  if (lead == 0xf0 && second < 0x90) return 0;
  if (lead == 0xf4 && second > 0x8f) return 0;
  return 4;
}

/** The code point that well-formed units begin with. */
export function codePointAt(p: usize): u32 {
  if (!Units.shift) return codePoint(p);
  const c = <u32>load<u16>(p);
  if ((c & 0xfc00) != 0xd800) return c;
  return 0x10000 + ((c & 0x3ff) << 10) + ((<u32>load<u16>(p, 2)) & 0x3ff);
}

/** Units of a code point. */
function unitsOf(c: u32): u32 {
  if (!Units.shift) return octetsOf(c);
  return c < 0x10000 ? 1 : 2;
}

/** Units in the source, which is well-formed, before the code point that became mapped record `index`. */
export function unitsBefore(source: usize, length: u32, index: u32): u32 {
  // Where each unit became one record, as nearly always in UTF-16, there is nothing to count.
  if (Text.readCount == length && !Text.isDotted) return index;
  let offset: u32 = 0;
  let count: u32 = 0;
  while (offset < length) {
    const c = codePointAt(source + ((<usize>offset) << Units.shift));
    count += c == 0x130 && Text.isDotted ? 2 : 1;
    if (count > index) break;
    offset += unitsOf(c);
  }
  return offset;
}

/** Writes the records [start, end), of at most PartOctetsMax octets, to `target`; returns their units. */
export function write(start: usize, end: usize, target: usize): u32 {
  const stop = Units.shift ? writeUtf16(start, end, target) : writeUtf8(start, end, target);
  return <u32>((stop - target) >> Units.shift);
}

function writeUtf16(start: usize, end: usize, target: usize): usize {
  let out = target;
  for (let p = start; p < end; p += PointSize) {
    const c = Point.code(p);
    if (c < 0x10000) {
      store<u16>(out, <u16>c);
      out += 2;
    } else {
      store<u16>(out, <u16>(0xd7c0 + (c >> 10)));
      store<u16>(out, <u16>(0xdc00 | (c & 0x3ff)), 2);
      out += 4;
    }
  }
  return out;
}

function writeUtf8(start: usize, end: usize, target: usize): usize {
  let out = target;
  for (let p = start; p < end; p += PointSize) {
    const c = Point.code(p);
    const size = octetsOf(c);
    if (size == 1) store<u8>(out, <u8>c);
    else {
      let rest = c;
      for (let i = size - 1; i > 0; i--) {
        store<u8>(out + i, <u8>(0x80 | (rest & 0x3f)));
        rest >>= 6;
      }
      store<u8>(out, <u8>((0xf00 >> size) | rest));
    }
    out += size;
  }
  return out;
}
