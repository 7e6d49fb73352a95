/*
 * UTF-8 (RFC 3629) and the Char production of XML 1.0, checked in one pass over new input before
 * the tokenizer looks at it: overlong forms, surrogates, values above U+10FFFF, stray and missing
 * continuation bytes; C0 controls other than tab, LF and CR; U+FFFE and U+FFFF.
 *
 * Sixteen bytes at a time. ASCII is decided by one signed comparison (controls and bytes above
 * 0x7F are both "less than a space"), with tab, LF and CR made letters before it. Other blocks go
 * through three 16-entry tables indexed by nibbles, whose bits name the ways in which two
 * neighbouring bytes cannot follow each other (Keiser and Lemire, "Validating UTF-8 in less than one
 * instruction per byte"). A block that fails is decided by the scalar walk, which alone says where
 * the fault is.
 */
import { ErrorCode } from '../errors';

/** The result of `validate` beside its return value. */
export class Text {
  /** ErrorCode of the fault at the returned address, 0 when the text is sound as far as it goes. */
  static fault: u32 = 0;
}

const TooShort: u8 = 1;
const TooLong: u8 = 2;
const Overlong3: u8 = 4;
const TooLarge: u8 = 8;
const Surrogate: u8 = 16;
const Overlong2: u8 = 32;
const TooLarge1000: u8 = 64;
const Overlong4: u8 = 64;
const TwoContinuations: u8 = 128;
const Carry: u8 = TooShort | TooLong | TwoContinuations;
const Lead4: u8 = TooShort | TooLarge | TooLarge1000 | Overlong4;
const Large: u8 = Carry | TooLarge | TooLarge1000;
const Second: u8 = TooLong | Overlong2 | TwoContinuations;

/**
 * Checks [from, to). Returns `to`, or the first byte of an incomplete sequence at the end
 * (Text.fault 0), or the first byte of what is wrong (Text.fault set). `from` starts a character.
 */
export function validate(from: usize, to: usize): usize {
  Text.fault = 0;
  let p = from;
  const allowed = v128.load(TABLES, 48);
  const space = v128.load(TABLES, 80);
  while (p + 64 <= to) {
    const least = i8x16.min_s(
      i8x16.min_s(Block.raised(p, allowed), Block.raised(p + 16, allowed)),
      i8x16.min_s(Block.raised(p + 32, allowed), Block.raised(p + 48, allowed)),
    );
    if (v128.any_true(i8x16.lt_s(least, space))) {
      // Where one such byte is, more are near: stay with the tables for a while.
      const stop = p + min<usize>((to - p) & ~15, 256);
      const next = validateMixed(p, stop);
      if (next < stop - 3) return scalar(next, to);
      p = next;
    } else p += 64;
  }
  while (p + 16 <= to) {
    if (v128.any_true(i8x16.lt_s(Block.raised(p, allowed), space))) return scalarOrMixed(p, to);
    p += 16;
  }
  if (p == to) return to;
  // The last few bytes: look at sixteen that overlap what was checked already.
  if (to - from < 16) return scalar(p, to);
  const last = Block.raised(to - 16, allowed);
  return v128.any_true(i8x16.lt_s(last, space)) ? scalar(p, to) : to;
}

class Block {
  /** Sixteen bytes, in which the controls that are allowed have become letters. */
  @inline static raised(p: usize, allowed: v128): v128 {
    const block = v128.load(p);
    return v128.or(block, i8x16.swizzle(allowed, block));
  }
}

function scalarOrMixed(p: usize, to: usize): usize {
  while (p + 16 <= to) {
    const next = validateMixed(p, p + 16);
    if (next < p + 13) return scalar(next, to);
    p = next;
  }
  return scalar(p, to);
}

/**
 * The tables, then splats of 0x0f and 0x20. In memory and not in the code: a constant in the code is
 * built anew wherever it is used.
 */
// prettier-ignore
const TABLES: usize = memory.data<u8>([
  // By the upper nibble of a byte: what its successor may be.
  TooLong, TooLong, TooLong, TooLong, TooLong, TooLong, TooLong, TooLong,
  TwoContinuations, TwoContinuations, TwoContinuations, TwoContinuations,
  TooShort | Overlong2, TooShort, TooShort | Overlong3 | Surrogate, Lead4,
  // By its lower nibble.
  Carry | Overlong3 | Overlong2 | Overlong4, Carry | Overlong2, Carry, Carry,
  Carry | TooLarge, Large, Large, Large, Large, Large, Large, Large, Large,
  Large | Surrogate, Large, Large,
  // By the upper nibble of the successor.
  TooShort, TooShort, TooShort, TooShort, TooShort, TooShort, TooShort, TooShort,
  Second | Overlong3 | TooLarge1000 | Overlong4, Second | Overlong3 | TooLarge,
  Second | Surrogate | TooLarge, Second | Surrogate | TooLarge,
  TooShort, TooShort, TooShort, TooShort,
  // What makes a letter of a control that is allowed.
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x40, 0, 0, 0x40, 0, 0,
  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
  32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32,
], 16);

/**
 * Checks [p, stop), whole blocks of 16, p at the start of a character. Returns the start of the
 * last character that may go on behind `stop` (at most three bytes before it), or, after a fault,
 * a character boundary at least four bytes before `stop` and before the fault.
 */
function validateMixed(p: usize, stop: usize): usize {
  const high1 = v128.load(TABLES);
  const low1 = v128.load(TABLES, 16);
  const high2 = v128.load(TABLES, 32);
  const allowed = v128.load(TABLES, 48);
  const nibble = v128.load(TABLES, 64);
  const space = v128.load(TABLES, 80);
  const start = p;
  let before = i8x16.splat(0);
  while (p < stop) {
    const block = v128.load(p);
    const raised = v128.or(block, i8x16.swizzle(allowed, block));
    if (v128.any_true(i8x16.sub_sat_u(space, raised))) return start;
    if (i8x16.bitmask(v128.or(block, before)) != 0) {
      // prettier-ignore
      const back1 = i8x16.shuffle(before, block, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
      // prettier-ignore
      const back2 = i8x16.shuffle(before, block, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
      // prettier-ignore
      const back3 = i8x16.shuffle(before, block, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
      const special = v128.and(
        v128.and(
          i8x16.swizzle(high1, i8x16.shr_u(back1, 4)),
          i8x16.swizzle(low1, v128.and(back1, nibble)),
        ),
        i8x16.swizzle(high2, i8x16.shr_u(block, 4)),
      );
      const due = v128.and(
        v128.or(
          i8x16.sub_sat_u(back2, i8x16.splat(0x60)),
          i8x16.sub_sat_u(back3, i8x16.splat(0x70)),
        ),
        i8x16.splat(-0x80),
      );
      const beyond = v128.and(
        v128.and(i8x16.eq(back2, i8x16.splat(-0x11)), i8x16.eq(back1, i8x16.splat(-0x41))),
        i8x16.gt_u(block, i8x16.splat(-0x43)),
      );
      if (v128.any_true(v128.or(v128.xor(due, special), beyond))) return start;
    }
    before = block;
    p += 16;
  }
  // Step back to a sequence that the last three bytes may have begun.
  const last = <u32>load<u8>(p - 1);
  if (last >= 0xc0) return p - 1;
  if (<u32>load<u8>(p - 2) >= 0xe0) return p - 2;
  if (<u32>load<u8>(p - 3) >= 0xf0) return p - 3;
  return p;
}

/** The same check, a character at a time; says where the fault is and what it is. */
function scalar(p: usize, to: usize): usize {
  while (p < to) {
    const a = <u32>load<u8>(p);
    if (a < 0x80) {
      if (a < 0x20) {
        if (a != 0x09 && a != 0x0a && a != 0x0d) return fail(p, ErrorCode.XmlCharacterForbidden);
      }
      p++;
      continue;
    }
    if (a < 0xc2 || a > 0xf4) return fail(p, ErrorCode.XmlUtf8Invalid);
    const length: usize = a < 0xe0 ? 2 : a < 0xf0 ? 3 : 4;
    // The second byte has the narrower range: it excludes overlong forms, surrogates and the rest.
    let low: u32 = 0x80;
    let high: u32 = 0xbf;
    if (a == 0xe0) low = 0xa0;
    else if (a == 0xed) high = 0x9f;
    else if (a == 0xf0) low = 0x90;
    else if (a == 0xf4) high = 0x8f;
    for (let i: usize = 1; i < length; i++) {
      if (p + i >= to) return p;
      const b = <u32>load<u8>(p + i);
      if (b < low || b > high) return fail(p, ErrorCode.XmlUtf8Invalid);
      low = 0x80;
      high = 0xbf;
    }
    if (a == 0xef && load<u8>(p, 1) == 0xbf && load<u8>(p, 2) >= 0xbe) {
      return fail(p, ErrorCode.XmlCharacterForbidden);
    }
    p += length;
  }
  return p;
}

function fail(p: usize, code: ErrorCode): usize {
  Text.fault = code;
  return p;
}
