/*
 * Punycode (RFC 3492), for the labels of IDNA2008.
 *
 * Decoding refuses whatever encoding would not give back: the digits of a number have one spelling (a digit
 * ends it exactly when it is below its threshold, section 3.3), positions and code points only rise from one
 * insertion to the next, and all inserted code points are at or above U+0080. So what decodes, with at
 * least one insertion, encodes to itself; nothing is encoded to see that.
 *
 * Linear: insertions are collected first, and find their places from the last one backwards, in a bit map
 * of what is still free.
 *
 * An A-label is decoded from bytes of ASCII, whatever the address is in, and encoded to UTF-16.
 */
import { Point, PointSize } from '../text/points';
import { wordOf } from '../text/unicode-tables';
import { PartOctetsMax, asciiWord, octetsOf } from './text';

const Base: u32 = 36;
const InitialBias: u32 = 72;
const InitialN: u32 = 128;
const Hyphen: u32 = 0x2d;

/** A decoded label, as records. */
const DECODED: usize = memory.data(8192, 16);
/** Insertions: position and code point, a u32 each. */
const INSERTIONS: usize = memory.data(8192, 16);
/** A bit a place, set while it is free. */
const FREE: usize = memory.data(128, 16);

export class Label {
  static start: usize = 0;
  static end: usize = 0;
  /** All words of what is beyond ASCII, or-ed. */
  static seen: u32 = 0;
  /** It has more octets than a part may. */
  static isTooLong: bool = false;
}

/** Section 6.1. */
function adapt(delta: u32, count: u32, isFirst: bool): u32 {
  delta = isFirst ? delta / 700 : delta >> 1;
  delta += delta / count;
  let k: u32 = 0;
  while (delta > 455) {
    delta /= 35;
    k += Base;
  }
  return k + (36 * delta) / (delta + 38);
}

function threshold(k: u32, bias: u32): u32 {
  return k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
}

/** The value of a digit in lower case; 36 or more, but for a hyphen, for what is none. */
function digitOf(c: u32): u32 {
  return select<u32>(c - 0x61, c - 0x16, c >= 0x61);
}

/**
 * Decodes the bytes that follow `xn--`, lower-case letters, digits and hyphens, into Label. The last hyphen, unless it stands
 * first, ends the ASCII of the label. False when it is no Punycode, holds no code point beyond ASCII, or
 * stands for more than a part may hold (Label.isTooLong).
 */
export function decode(start: usize, hyphen: usize, end: usize): bool {
  Label.isTooLong = false;
  let p = start;
  let basics: u32 = 0;
  if (hyphen > start) {
    p = hyphen + 1;
    basics = <u32>(hyphen - start);
  } else if (hyphen == start) return false;

  let n: u32 = InitialN;
  let i: u64 = 0;
  let bias = InitialBias;
  let count = basics;
  let octets = basics;
  let insertion = INSERTIONS;
  while (p < end) {
    const before = i;
    let weight: u64 = 1;
    let k: u32 = Base;
    while (true) {
      if (p == end) return false;
      const digit = digitOf(<u32>load<u8>(p));
      if (digit >= Base) return false;
      p++;
      // A digit that does not end its number is at least 1, so `weight` stays below 36 times the bound of `i`.
      i += digit * weight;
      if (i > 0x7fff_ffff) return false;
      const least = threshold(k, bias);
      if (digit < least) break;
      weight *= Base - least;
      k += Base;
    }
    count++;
    bias = adapt(<u32>(i - before), count, before == 0);
    const rounds = <u32>i / count;
    n += rounds;
    i = <u32>i - rounds * count;
    if (n > 0x10ffff || n - 0xd800 < 0x800) return false;
    octets += octetsOf(n);
    if (octets > PartOctetsMax) break;
    store<u32>(insertion, <u32>i);
    store<u32>(insertion, n, 4);
    insertion += 8;
    i++;
  }
  if (insertion == INSERTIONS || octets > PartOctetsMax) {
    Label.isTooLong = octets > PartOctetsMax;
    return false;
  }
  place(start, count, insertion);
  return true;
}

/** Puts `count` code points in their order: insertions from the last to the first, then ASCII. */
function place(basics: usize, count: u32, insertionsEnd: usize): void {
  for (let word = FREE; word < FREE + (count >> 3) + 1; word += 8) store<u64>(word, -1);
  let seen: u32 = 0;
  for (let insertion = insertionsEnd; insertion > INSERTIONS;) {
    insertion -= 8;
    const at = DECODED + <usize>takeFree(load<u32>(insertion)) * PointSize;
    const code = load<u32>(insertion, 4);
    const word = wordOf(code);
    seen |= word;
    Point.put(at, code, word);
  }
  let basic = basics;
  for (let index: u32 = 0; index < count; index++) {
    if (!((load<u64>(FREE + ((index >> 6) << 3)) >> (index & 63)) & 1)) continue;
    const code = <u32>load<u8>(basic);
    Point.put(DECODED + <usize>index * PointSize, code, asciiWord(code));
    basic++;
  }
  Label.start = DECODED;
  Label.end = DECODED + <usize>count * PointSize;
  Label.seen = seen;
}

/** Takes free place number `rank`; there is one. */
function takeFree(rank: u32): u32 {
  let word = FREE;
  let bits = load<u64>(word);
  let count = <u32>popcnt(bits);
  while (rank >= count) {
    rank -= count;
    word += 8;
    bits = load<u64>(word);
    count = <u32>popcnt(bits);
  }
  let index: u32 = 0;
  for (let half: u32 = 32; half > 0; half >>= 1) {
    const low = <u32>popcnt(bits & (((<u64>1) << half) - 1));
    if (rank >= low) {
      rank -= low;
      bits >>= half;
      index += half;
    }
  }
  store<u64>(word, load<u64>(word) ^ ((<u64>1) << index));
  return ((<u32>(word - FREE)) << 3) + index;
}

/**
 * Writes the Punycode of a label, of at most 59 code points, as UTF-16 units to `target`. Returns the end.
 */
export function encode(start: usize, end: usize, target: usize): usize {
  let out = target;
  for (let p = start; p < end; p += PointSize) {
    if (Point.code(p) < 0x80) {
      store<u16>(out, <u16>Point.code(p));
      out += 2;
    }
  }
  const basics = <u32>((out - target) >> 1);
  const count = <u32>((end - start) / PointSize);
  if (basics) {
    store<u16>(out, <u16>Hyphen);
    out += 2;
  }
  let n: u32 = InitialN;
  let delta: u32 = 0;
  let bias = InitialBias;
  let done = basics;
  while (done < count) {
    // No more than 59 * 59 steps; delta stays below 0x110000 * 60.
    let next: u32 = 0xffff_ffff;
    for (let p = start; p < end; p += PointSize) {
      const code = Point.code(p);
      if (code >= n && code < next) next = code;
    }
    delta += (next - n) * (done + 1);
    n = next;
    for (let p = start; p < end; p += PointSize) {
      const code = Point.code(p);
      if (code < n) delta++;
      if (code != n) continue;
      out = writeNumber(delta, bias, out);
      bias = adapt(delta, done + 1, done == basics);
      delta = 0;
      done++;
    }
    delta++;
    n++;
  }
  return out;
}

function writeNumber(value: u32, bias: u32, target: usize): usize {
  let out = target;
  let rest = value;
  let k = Base;
  let least = threshold(k, bias);
  while (rest >= least) {
    out = writeDigit(least + ((rest - least) % (Base - least)), out);
    rest = (rest - least) / (Base - least);
    k += Base;
    least = threshold(k, bias);
  }
  return writeDigit(rest, out);
}

function writeDigit(digit: u32, target: usize): usize {
  store<u16>(target, <u16>(digit < 26 ? 0x61 + digit : 0x30 + digit - 26));
  return target + 2;
}
