/*
 * What Unicode says of a code point: its word of properties, its mappings, its compositions.
 *
 * The data is generated (unicode-data.ts, with the bits of the word). Every function takes a code
 * point up to U+10FFFF and needs prepareTables to have run. Hangul is arithmetic and not in here.
 */
import {
  CanonicalFirsts,
  CanonicalKeys,
  CanonicalSeconds,
  CompositionFirsts,
  CompositionSeconds,
  Composites,
  LowerKeys,
  LowerValues,
  TableCount,
  TrieLeaf,
  TrieMid,
  TrieTop,
  WideKeys,
  WideValues,
  Words,
} from './unicode-data';

/** Makes the tables ready to use; does nothing when they are. */
export function prepareTables(): void {
  // They are ready as they stand.
}

/** The properties of c: the bits of `Property`. */
export function wordOf(c: u32): u32 {
  const mid = ((<usize>load<u8>(TrieTop + (c >> 9))) << 5) | ((c >> 4) & 31);
  const leaf = ((<usize>load<u16>(TrieMid + (mid << 1))) << 4) | (c & 15);
  return load<u32>(Words + ((<usize>load<u8>(TrieLeaf + leaf)) << 2));
}

/** The lower case of c, or c; of U+0130 the first of two code points, U+0069 before U+0307. */
export function lowerOf(c: u32): u32 {
  const index = find(LowerKeys, TableCount.Lower, c);
  return index < 0 ? c : load<u32>(LowerValues + ((<usize>index) << 2));
}

/** What a wide or narrow form stands for, or c. */
export function wideOf(c: u32): u32 {
  const index = find(WideKeys, TableCount.Wide, c);
  return index < 0 ? c : load<u32>(WideValues + ((<usize>index) << 2));
}

/**
 * One step of canonical decomposition: the first code point in the lower half, the second, which
 * never decomposes further, in the upper half, or 0 when there is none. 0 when c is not decomposed.
 */
export function decompositionOf(c: u32): u64 {
  const index = find(CanonicalKeys, TableCount.Canonical, c);
  if (index < 0) return 0;
  const first = <u64>load<u32>(CanonicalFirsts + ((<usize>index) << 2));
  return first | ((<u64>load<u32>(CanonicalSeconds + ((<usize>index) << 2))) << 32);
}

/** The primary composite of two code points, 0 when there is none. */
export function compositionOf(first: u32, second: u32): u32 {
  let low = 0;
  let high: i32 = TableCount.Compositions;
  while (low < high) {
    const middle = (low + high) >> 1;
    const place = (<usize>middle) << 2;
    const left = load<u32>(CompositionFirsts + place);
    const right = load<u32>(CompositionSeconds + place);
    if (left == first && right == second) return load<u32>(Composites + place);
    if (left < first || (left == first && right < second)) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/** The index of c in a sorted list, or -1. */
function find(keys: usize, count: i32, c: u32): i32 {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const key = load<u32>(keys + ((<usize>middle) << 2));
    if (key == c) return middle;
    if (key < c) low = middle + 1;
    else high = middle;
  }
  return -1;
}
