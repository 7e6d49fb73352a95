/*
 * The part that is being prepared, as records (text/points.ts): read from UTF-16 units or UTF-8 octets,
 * mapped in place, normalised to a second place, written back.
 *
 * The functions of T are made twice, for u16 units and u8 octets; nothing else knows the difference.
 * No call allocates: the places are fixed and hold the longest part that can become one of 1,023 octets.
 */
import { codePoint } from '../text/characters';
import {
  Nowhere,
  SourceMax,
  TargetMax,
  isNormal,
  normalize,
  originOf,
} from '../text/normalization';
import { Point, PointShift, PointSize } from '../text/points';
import { Property } from '../text/unicode-data';
import { lowerOf, prepareTables, wideOf, wordOf } from '../text/unicode-tables';

/** Octets of UTF-8 in a part: RFC 7622, section 3.1. */
export const PartOctetsMax: u32 = 1023;

/**
 * Bits that words of ASCII have beside those of Property, above its highest: what RFC 7622 excludes
 * from localparts, and what is neither letter, digit, hyphen nor dot. Instead of the latter they lack
 * IdnaDisallowed, and the space lacks Space, since it maps to itself.
 */
export const Excluded: u32 = 0x1000_0000;
export const NotLdh: u32 = 0x2000_0000;

const SOURCE: usize = memory.data(SourceMax << 3, 16);
const NORMAL: usize = memory.data(TargetMax << 3, 16);
/** Words of ASCII. */
const ASCII: usize = memory.data(512, 16);

export class Text {
  static start: usize = 0;
  static end: usize = 0;
  /** End of the mapped text before it was normalised. */
  static mappedEnd: usize = 0;
  /** All words of the records, or-ed. */
  static seen: u32 = 0;
  /** Something was mapped, so the text may differ from what was read. */
  static isMapped: bool = false;
  /** U+0130 became two records. */
  static isDotted: bool = false;
  static isReady: bool = false;
}

function makeReady(): void {
  prepareTables();
  for (let c: u32 = 0; c < 128; c++) {
    let word = wordOf(c) & ~(Property.IdnaDisallowed | Property.Space);
    if (c == 0x22 || c == 0x26 || c == 0x27 || c == 0x2f || c == 0x3a || c == 0x3c || c == 0x3e) {
      word |= Excluded;
    }
    if (c == 0x40) word |= Excluded;
    const isLetter = (c | 0x20) - 0x61 < 26;
    if (!isLetter && c - 0x30 >= 10 && c != 0x2d && c != 0x2e) word |= NotLdh;
    store<u32>(ASCII + (c << 2), word);
  }
  Text.isReady = true;
}

export function asciiWord(c: u32): u32 {
  return load<u32>(ASCII + (c << 2));
}

/**
 * Reads `length` units. Returns how many are well-formed: `length`, or the offset of the first that is not.
 */
export function read<T>(source: usize, length: u32): u32 {
  if (!Text.isReady) makeReady();
  const end = source + length * sizeof<T>();
  let seen: u32 = 0;
  let out = SOURCE;
  let p = source;
  while (p < end) {
    let c = <u32>load<T>(p);
    let word: u32;
    if (c < 0x80) {
      p += sizeof<T>();
      word = load<u32>(ASCII + (c << 2));
    } else {
      if (sizeof<T>() == 2) {
        if ((c & 0xf800) == 0xd800) {
          if (c >= 0xdc00 || p + 2 >= end) break;
          const low = <u32>load<u16>(p, 2);
          if ((low & 0xfc00) != 0xdc00) break;
          c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
          p += 2;
        }
        p += 2;
      } else {
        const size = sequence(p, end);
        if (size == 0) break;
        c = codePoint(p);
        p += size;
      }
      word = wordOf(c);
    }
    seen |= word;
    Point.put(out, c, word);
    out += PointSize;
  }
  Text.start = SOURCE;
  Text.end = out;
  Text.seen = seen;
  Text.isMapped = false;
  Text.isDotted = false;
  return <u32>((p - source) / sizeof<T>());
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

/** Step 1 of localparts: fullwidth and halfwidth forms. */
export function widen(): void {
  for (let p = Text.start; p < Text.end; p += PointSize) {
    if (Point.word(p) & Property.Width) replace(p, wideOf(Point.code(p)));
  }
}

/** Puts another code point into a record. */
export function replace(at: usize, code: u32): void {
  const word = code < 0x80 ? asciiWord(code) : wordOf(code);
  Point.put(at, code, word);
  Text.seen |= word;
  Text.isMapped = true;
}

/** Lower case, full, of everything, or only of what IDNA2008 does not take as it is. */
export function lower(isDomain: bool): void {
  let dotted: usize = 0;
  for (let p = Text.start; p < Text.end; p += PointSize) {
    const word = Point.word(p);
    if (!(word & Property.Lower)) continue;
    const code = Point.code(p);
    if (code < 0x80) replace(p, code | 0x20);
    else if (code == 0x130) dotted++;
    else if (!isDomain || word & (Property.Class | Property.IdnaDisallowed)) {
      replace(p, lowerOf(code));
    }
  }
  if (dotted) spreadDotted(dotted);
}

/** U+0130 becomes U+0069 U+0307, the one mapping to two code points. */
function spreadDotted(count: usize): void {
  let p = Text.end;
  let out = p + count * PointSize;
  Text.end = out;
  // From the end, until what was read has caught up with what is written.
  while (p < out) {
    p -= PointSize;
    out -= PointSize;
    if (Point.code(p) == 0x130) {
      replace(out, 0x307);
      out -= PointSize;
      replace(out, 0x69);
    } else Point.copy(out, p);
  }
  Text.isDotted = true;
}

/** Normalisation Form C. */
export function compose(): void {
  if (isNormal(Text.start, Text.end, Text.seen)) return;
  Text.mappedEnd = Text.end;
  Text.end = normalize(SOURCE, Text.mappedEnd, NORMAL, Nowhere);
  Text.start = NORMAL;
  Text.isMapped = true;
  let seen: u32 = 0;
  for (let p = NORMAL; p < Text.end; p += PointSize) {
    const code = Point.code(p);
    // What normalisation brought in lacks the bits of ASCII.
    if (code < 0x80) Point.put(p, code, asciiWord(code));
    seen |= Point.word(p);
  }
  Text.seen = seen;
}

/** Index of the mapped record that record `index` of the normal form came from. */
export function unnormalized(index: u32): u32 {
  const at = originOf(SOURCE, Text.mappedEnd, NORMAL, index);
  return <u32>((at - SOURCE) >> PointShift);
}

/** Whether the text was normalised, so that its records are not those of the source. */
export function isNormalized(): bool {
  return Text.start == NORMAL;
}

/** Units in the source before the code point that became record `index`. */
export function unitsBefore<T>(source: usize, length: u32, index: u32): u32 {
  const end = source + length * sizeof<T>();
  let p = source;
  let count: u32 = 0;
  while (p < end) {
    const c = <u32>load<T>(p);
    let size: usize = 1;
    let isDotted: bool;
    if (sizeof<T>() == 2) {
      if ((c & 0xfc00) == 0xd800) size = 2;
      isDotted = c == 0x130;
    } else {
      if (c >= 0xc0) size = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
      isDotted = c == 0xc4 && load<u8>(p, 1) == 0xb0;
    }
    count += isDotted && Text.isDotted ? 2 : 1;
    if (count > index) break;
    p += size * sizeof<T>();
  }
  return <u32>((p - source) / sizeof<T>());
}

/** The code point that well-formed units begin with. */
export function codePointAt<T>(p: usize): u32 {
  if (sizeof<T>() == 1) return codePoint(p);
  const c = <u32>load<u16>(p);
  if ((c & 0xfc00) != 0xd800) return c;
  return 0x10000 + ((c & 0x3ff) << 10) + ((<u32>load<u16>(p, 2)) & 0x3ff);
}

/** Whether the text has more octets of UTF-8 than a part may. */
export function isTooLong(): bool {
  // Four octets a code point at the most.
  if ((Text.end - Text.start) >> PointShift <= <usize>(PartOctetsMax >> 2)) return false;
  let sum: u32 = 0;
  for (let p = Text.start; p < Text.end; p += PointSize) sum += octetsOf(Point.code(p));
  return sum > PartOctetsMax;
}

export function octetsOf(c: u32): u32 {
  if (c < 0x800) return c < 0x80 ? 1 : 2;
  return c < 0x10000 ? 3 : 4;
}

/** Writes the text, of at most PartOctetsMax octets, to `target`; returns its units. */
export function write<T>(target: usize): u32 {
  let out = target;
  for (let p = Text.start; p < Text.end; p += PointSize) {
    const c = Point.code(p);
    if (c < 0x80) {
      store<T>(out, <T>c);
      out += sizeof<T>();
    } else if (sizeof<T>() == 2) {
      if (c < 0x10000) {
        store<u16>(out, <u16>c);
        out += 2;
      } else {
        store<u16>(out, <u16>(0xd7c0 + (c >> 10)));
        store<u16>(out, <u16>(0xdc00 | (c & 0x3ff)), 2);
        out += 4;
      }
    } else {
      const size = octetsOf(c);
      let rest = c;
      for (let i = size - 1; i > 0; i--) {
        store<u8>(out + i, <u8>(0x80 | (rest & 0x3f)));
        rest >>= 6;
      }
      store<u8>(out, <u8>((0xf00 >> size) | rest));
      out += size;
    }
  }
  return <u32>((out - target) / sizeof<T>());
}
