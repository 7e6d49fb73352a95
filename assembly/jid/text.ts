/*
 * The part that is being prepared, as records (text/points.ts): mapped where it was read to, normalised to a
 * second place. units.ts reads and writes it.
 *
 * No call allocates: the places are fixed and hold the longest part that can become one of 1,023 octets.
 */
import { Normal, SourceMax, TargetMax, isNormal, normalize } from '../text/normalization';
import { Point, PointShift, PointSize } from '../text/points';
import { Property } from '../text/unicode-data';
import { lowerOf, prepareTables, setWord, wideOf, wordOf } from '../text/unicode-tables';

/** Octets of UTF-8 in a part: RFC 7622, section 3.1. */
export const PartOctetsMax: u32 = 1023;

/**
 * Bits that words of ASCII have beside those of Property, above its highest: what RFC 7622 excludes
 * from localparts, and what is neither letter, digit, hyphen nor dot. Instead of the latter they lack
 * IdnaDisallowed, and the space lacks Space, since it maps to itself.
 */
export const Excluded: u32 = 0x1000_0000;
export const NotLdh: u32 = 0x2000_0000;
/** What is Excluded, one bit each from U+0021 on: " & ' / : < > @ (RFC 7622, section 3.3.1). */
const ExcludedBits: u32 = 0xaa00_4062;

/** Where a part is read to. */
export const SOURCE: usize = memory.data(SourceMax << 3, 16);
const NORMAL: usize = memory.data(TargetMax << 3, 16);
/** Of each record of the normal form: which of the mapped text it came from. */
const ORIGINS: usize = memory.data(TargetMax << 1, 16);
/** Words of ASCII. */
const ASCII: usize = memory.data(512, 16);

export class Text {
  static start: usize = 0;
  static end: usize = 0;
  /** Records as they were read. */
  static readCount: u32 = 0;
  /** The text before U-labels took the place of A-labels. */
  static labelsStart: usize = 0;
  static labelsEnd: usize = 0;
  /** All words of the records, or-ed. */
  static seen: u32 = 0;
  /** Something was mapped, so the text may differ from what was read. */
  static isMapped: bool = false;
  /** U+0130 became two records. */
  static isDotted: bool = false;
  static isReady: bool = false;
}

/** Begins with another part. */
export function openText(): void {
  if (!Text.isReady) makeReady();
  Text.start = SOURCE;
  Text.isMapped = false;
  Text.isDotted = false;
}

function makeReady(): void {
  prepareTables();
  for (let c: u32 = 0; c < 128; c++) {
    let word = wordOf(c) & ~(Property.IdnaDisallowed | Property.Space);
    if (c - 0x21 < 32 && (ExcludedBits >> (c - 0x21)) & 1) word |= Excluded;
    const isLetter = (c | 0x20) - 0x61 < 26;
    if (!isLetter && c - 0x30 >= 10 && c != 0x2d && c != 0x2e) word |= NotLdh;
    store<u32>(ASCII + (c << 2), word);
    // What normalisation brings in has the bits of ASCII, too.
    setWord(c, word);
  }
  Text.isReady = true;
}

export function asciiWord(c: u32): u32 {
  return load<u32>(ASCII + (c << 2));
}

/** Step 1 of localparts: fullwidth and halfwidth forms. */
export function widen(): void {
  for (let p = Text.start; p < Text.end; p += PointSize) {
    if (Point.word(p) & Property.Width) replace(p, wideOf(Point.code(p)));
  }
}

/** Puts another code point into a record. */
export function replace(at: usize, code: u32): void {
  const word = wordOf(code);
  Point.put(at, code, word);
  Text.seen |= word;
  Text.isMapped = true;
}

/** Lower case, full, of everything, or only of what IDNA2008 does not take as it is. */
export function lower(isDomain: bool): void {
  let dotted: usize = 0;
  let seen: u32 = 0;
  let isAny = false;
  for (let p = Text.start; p < Text.end; p += PointSize) {
    const word = Point.word(p);
    if (!(word & Property.Lower)) continue;
    let code = Point.code(p);
    if (code == 0x130) {
      dotted++;
      continue;
    }
    if (code < 0x80) code |= 0x20;
    else if (!isDomain || word & (Property.Class | Property.IdnaDisallowed)) code = lowerOf(code);
    else continue;
    const other = wordOf(code);
    seen |= other;
    Point.put(p, code, other);
    isAny = true;
  }
  if (isAny) Text.isMapped = true;
  Text.seen |= seen;
  if (dotted) spreadDotted(dotted);
}

/** U+0130 becomes U+0069 U+0307, the one mapping to two code points. */
function spreadDotted(count: usize): void {
  let p = Text.end;
  let out = p + count * PointSize;
  Text.end = out;
  const letter = asciiWord(0x69);
  const dot = wordOf(0x307);
  Text.seen |= letter | dot;
  Text.isMapped = true;
  // From the end, until what was read has caught up with what is written.
  while (p < out) {
    p -= PointSize;
    out -= PointSize;
    if (Point.code(p) == 0x130) {
      Point.put(out, 0x307, dot);
      out -= PointSize;
      Point.put(out, 0x69, letter);
    } else Point.copy(out, p);
  }
  Text.isDotted = true;
}

/** Normalisation Form C. */
export function compose(): void {
  if (isNormal(Text.start, Text.end, Text.seen)) return;
  normalize(SOURCE, Text.end, NORMAL, ORIGINS);
  Text.start = NORMAL;
  Text.end = Normal.end;
  Text.seen = Normal.seen;
  Text.isMapped = true;
}

/** Index of the mapped record that record `index` of the normal form came from. */
export function unnormalized(index: u32): u32 {
  return <u32>load<u16>(ORIGINS + ((<usize>index) << 1));
}

/** Whether the text was normalised, so that its records are not those of the source. */
export function isNormalized(): bool {
  return Text.start == NORMAL;
}

/** Whether the text has more octets of UTF-8 than a part may. */
export function isTooLong(): bool {
  const count = <u32>((Text.end - Text.start) >> PointShift);
  // Four octets a code point at the most.
  if (count <= PartOctetsMax >> 2) return false;
  // Two records at a time; behind the last stands one of one octet, which is not counted.
  store<u64>(Text.end, 0);
  let more = i32x4.splat(0);
  for (let p = Text.start; p < Text.end; p += PointSize << 1) {
    const two = v128.load(p);
    // True is -1.
    more = i32x4.add(more, i32x4.gt_s(two, i32x4.splat(0x7f)));
    more = i32x4.add(more, i32x4.gt_s(two, i32x4.splat(0x7ff)));
    more = i32x4.add(more, i32x4.gt_s(two, i32x4.splat(0xffff)));
  }
  // The words of properties are in the other two lanes.
  return count - i32x4.extract_lane(more, 0) - i32x4.extract_lane(more, 2) > PartOctetsMax;
}

export function octetsOf(c: u32): u32 {
  return 1 + (c > 0x7f ? 1 : 0) + (c > 0x7ff ? 1 : 0) + (c > 0xffff ? 1 : 0);
}
