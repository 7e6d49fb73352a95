/*
 * A-labels in an address that is canonical otherwise: decoded from where they stand, and nothing else is looked at
 * again. Whatever is not plain goes the long way (parts.ts), which also says what is wrong: a label that is refused, and
 * one written from right to left, which asks for the Bidi rule in all labels.
 */
import { Property } from '../text/unicode-data';
import { Repertoire } from './classes';
import { checkDecoded, isNormalLabel } from './domain';
import { Label, decode } from './punycode';
import { RESULT, finish } from './result';
import { SCANNED } from './scan';
import { openText } from './text';
import { Units, write } from './units';

/**
 * Writes the canonical form of an address of `length` units that was scanned, whose domain ends at `domainEnd`. `dots` and
 * `hyphens` are those of the domain, `prefixed` has the first of the two hyphens of each label with a prefix. Returns
 * the units of the result, 0 when it is not for here.
 */
export function decodeLabels(
  source: usize,
  length: u32,
  domainEnd: u32,
  dots: u64,
  hyphens: u64,
  prefixed: u64,
): i32 {
  const shift = Units.shift;
  openText();
  let out = RESULT;
  let copied: u32 = 0;
  for (; prefixed; prefixed &= prefixed - 1) {
    const third = <u32>ctz(prefixed);
    const start = third - 2;
    const code = third + 2;
    if (load<u16>(SCANNED + start) != 0x6e78) return 0;
    const behind = dots & ((<u64>-1) << third);
    const end = behind ? <u32>ctz(behind) : domainEnd;
    // One bit below those of the digits, so that it is never without any: the second hyphen of the prefix.
    const last = 63 - <u32>clz(hyphens & ((<u64>-1) >> (64 - end)) & ((<u64>-1) << (code - 1)));
    if (!decode(SCANNED + code, SCANNED + last, SCANNED + end)) return 0;
    if (Label.seen & Property.Rtl || !isNormalLabel() || !checkDecoded(Repertoire.Domain)) return 0;
    out = copyUnits(source, copied, start, out);
    out += (<usize>write(Label.start, Label.end, out)) << shift;
    copied = end;
  }
  out = copyUnits(source, copied, length, out);
  const written = <u32>((out - RESULT) >> shift);
  finish(written);
  return written;
}

/** Copies the units [start, end) in blocks of sixteen bytes, so up to 15 more; returns where they end. */
function copyUnits(source: usize, start: u32, end: u32, target: usize): usize {
  const stop = target + ((<usize>(end - start)) << Units.shift);
  let from = source + ((<usize>start) << Units.shift);
  for (let to = target; to < stop; to += 16, from += 16) v128.store(to, v128.load(from));
  return stop;
}
