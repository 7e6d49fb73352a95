/*
 * What Unicode says of a code point: its word of properties, its mappings, its compositions.
 *
 * The data is generated (unicode-data.ts, with the bits of the word) and small; prepareTables expands
 * it once, into memory that is zero until then, and the answers come from there. Every function takes
 * a code point up to U+10FFFF and needs prepareTables to have run. Hangul is arithmetic and not here.
 *
 *     word         Top[c >> 6] is the number of a leaf of 64 words; equal leaves are mostly one.
 *     mappings     Rows, beside the leaves, has the number of a row for what maps or decomposes.
 *     composition  a hash table of u64:  composite 63..36 | second 35..18 | first 17..0
 */
import {
  pairFirsts,
  pairGaps,
  pairSeconds,
  Property,
  rangeCounts,
  rangeDeltas,
  rangeGaps,
  runLengths,
  runValues,
  seconds,
  TableCount,
  words,
} from './unicode-data';

const LeafShift: u32 = 6;
const LeafMask: u32 = 63;
const LeafBytes: u32 = 256;

const Top: usize = memory.data((0x110000 >> LeafShift) << 1, 16);
const Leaves: usize = memory.data((<i32>TableCount.Leaves) << 8, 16);

/** Bytes of a row of mappings, and where its records begin. */
const RowBytes: i32 = 48;
const RecordsAt: usize = 16;
/** A u16 for each word of a leaf; 0 where there is no row. */
const Rows: usize = memory.data((<i32>TableCount.Leaves) << 7, 16);
/**
 * What a code point maps to: 0 lower case, 4 width, 8 first half of its decomposition, 12 second half, 16 the
 * full decomposition as records (points.ts), made when somebody asks. The top byte of the first half is
 * how many bytes of records there are. There are fewer rows than a quarter of the generator's count for hashing.
 */
const Mappings: usize = memory.data(RowBytes << (TableCount.MappingBits - 2), 16);
const CompositionMask: usize = (1 << TableCount.CompositionBits) - 1;
const Compositions: usize = memory.data(8 << TableCount.CompositionBits, 16);
const HalvesMask: u64 = 0xf_ffff_ffff;

/** While the runs are laid out: the words by number, then the shared leaf of each, 0 when there is none. */
const Dictionary: usize = memory.data(4 << 8, 16);
const Shared: usize = memory.data(2 << 8, 16);
/** The second halves of pairs by number. */
const Seconds: usize = memory.data(4 << 8, 16);

const enum Kind {
  Lower = 1,
  Wide = 2,
  Canonical = 3,
}

class Expansion {
  static isDone: bool = false;
  /** Leaves of one block; the shared ones are numbered from the other end. */
  static ownCount: u32 = 0;
  static sharedStart: u32 = TableCount.Leaves;
  /** Rows that are taken; the first stays empty. */
  static rowCount: u32 = 1;
  /** Where the last number ended. */
  static next: usize = 0;
}

/** Makes the tables ready to use; does nothing when they are. */
export function prepareTables(): void {
  if (Expansion.isDone) return;
  Expansion.isDone = true;
  layWords();
  layMappings();
  layPairs();
}

/** The properties of c: the bits of `Property`. */
export function wordOf(c: u32): u32 {
  // wordPlace written out: half of the calls of a slow address are these.
  const leaf = <usize>load<u16>(Top + ((c >> LeafShift) << 1));
  return load<u32>(Leaves + leaf * LeafBytes + ((c & LeafMask) << 2));
}

/** Gives c, whose words differ within 64 code points, other properties. */
export function setWord(c: u32, word: u32): void {
  store<u32>(wordPlace(c), word);
}

/** The lower case of c, or c; of U+0130 the first of two code points, U+0069 before U+0307. */
export function lowerOf(c: u32): u32 {
  const lower = load<u32>(rowOf(c));
  return lower == 0 ? c : lower;
}

/** What a wide or narrow form stands for, or c. */
export function wideOf(c: u32): u32 {
  const wide = load<u32>(rowOf(c), 4);
  return wide == 0 ? c : wide;
}

/**
 * One step of canonical decomposition: the first code point in the lower half, the second, which
 * never decomposes further, in the upper half, or 0 when there is none. 0 when c is not decomposed.
 */
export function decompositionOf(c: u32): u64 {
  return load<u64>(rowOf(c), 8) & 0xffff_ffff_00ff_ffff;
}

/** The row of a code point; one of zeros where nothing is mapped. */
function rowOf(c: u32): usize {
  const leaf = <usize>load<u16>(Top + ((c >> LeafShift) << 1));
  const row = <usize>load<u16>(Rows + (leaf << 7) + ((c & LeafMask) << 1));
  return Mappings + row * RowBytes;
}

/** Where the records of the full decomposition of a code point are, which has one. */
export function recordsOf(c: u32): usize {
  const row = rowOf(c);
  if (load<u8>(row, 11) == 0) layRecords(row);
  return row + RecordsAt;
}

/** How many bytes of records there are. */
export function recordsSize(records: usize): usize {
  return <usize>load<u8>(records - 5);
}

/** Writes the records of a row; firsts are nested, at most three deep. Returns their end. */
function layRecords(row: usize): usize {
  const start = row + RecordsAt;
  const first = load<u32>(row, 8) & 0xff_ffff;
  const second = load<u32>(row, 12);
  const word = wordOf(first);
  let end = start;
  if (word & Property.Decomposes) {
    const inner = rowOf(first);
    const size = layRecords(inner) - inner - RecordsAt;
    memory.copy(start, inner + RecordsAt, size);
    end += size;
  } else {
    store<u32>(end, first);
    store<u32>(end, word, 4);
    end += 8;
  }
  if (second) {
    store<u32>(end, second);
    store<u32>(end, wordOf(second), 4);
    end += 8;
  }
  store<u8>(row, <u8>(end - start), 11);
  return end;
}

/** The primary composite of two code points, 0 when there is none. */
export function compositionOf(first: u32, second: u32): u32 {
  const halves = (<u64>first) | ((<u64>second) << 18);
  let slot = compositionSlot(first, second);
  let entry = load<u64>(Compositions + (slot << 3));
  while (entry != 0 && (entry & HalvesMask) != halves) {
    slot = (slot + 1) & CompositionMask;
    entry = load<u64>(Compositions + (slot << 3));
  }
  return <u32>(entry >> 36);
}

function wordPlace(c: u32): usize {
  const leaf = <usize>load<u16>(Top + ((c >> LeafShift) << 1));
  return Leaves + leaf * LeafBytes + ((c & LeafMask) << 2);
}

/** The row of a code point, made if there is none. */
function ownRow(c: u32): usize {
  // Flipping the words of mapped code points has given each of them a leaf of its own.
  const leaf = <usize>load<u16>(Top + ((c >> LeafShift) << 1));
  const place = Rows + (leaf << 7) + ((c & LeafMask) << 1);
  let row = <u32>load<u16>(place);
  if (row == 0) {
    row = Expansion.rowCount++;
    store<u16>(place, <u16>row);
  }
  return Mappings + row * RowBytes;
}

function compositionSlot(first: u32, second: u32): usize {
  return ((first * 0x9e3779b1) ^ (second * 0x85ebca6b)) >> (32 - TableCount.CompositionBits);
}

/** Lays the runs out as leaves. A block that is one word throughout shares the leaf of that word. */
function layWords(): void {
  let from = words;
  let word: u32 = 0;
  for (let index: usize = 0; index < <usize>TableCount.Words; index++) {
    word += number(from);
    from = Expansion.next;
    store<u32>(Dictionary + (index << 2), word);
  }
  from = runLengths;
  let c: u32 = 0;
  for (let run: usize = 0; run < <usize>TableCount.Runs; run++) {
    const value = <usize>load<u8>(runValues + run);
    const end = c + number(from) + 1;
    from = Expansion.next;
    while (c < end) c = layRun(value, c, end);
  }
}

/** Lays out what one block, or a row of whole blocks, has of a run; returns where it got to. */
function layRun(value: usize, c: u32, end: u32): u32 {
  const word = load<u32>(Dictionary + (value << 2));
  const wholeEnd = end & ~LeafMask;
  if ((c & LeafMask) == 0) {
    if (c < wholeEnd) {
      let leaf = <u32>load<u16>(Shared + (value << 1));
      if (leaf == 0) {
        leaf = --Expansion.sharedStart;
        store<u16>(Shared + (value << 1), <u16>leaf);
        fillWords(Leaves + leaf * LeafBytes, LeafBytes, word);
      }
      for (; c < wholeEnd; c += 1 << LeafShift)
        store<u16>(Top + ((c >> LeafShift) << 1), <u16>leaf);
      return c;
    }
    store<u16>(Top + ((c >> LeafShift) << 1), <u16>Expansion.ownCount);
    Expansion.ownCount++;
  }
  const stop = min(end, (c | LeafMask) + 1);
  fillWords(wordPlace(c), (stop - c) << 2, word);
  return stop;
}

function fillWords(place: usize, length: usize, word: u32): void {
  for (const end = place + length; place < end; place += 4) store<u32>(place, word);
}

/** Lays out the mappings to one code point, and tells the words of their sources. */
function layMappings(): void {
  let gaps = rangeGaps;
  let counts = rangeCounts;
  let deltas = rangeDeltas;
  let kind: u32 = 0;
  let source: u32 = 0;
  let target: u32 = 0;
  let flip: u32 = 0;
  for (let range = 0; range < TableCount.Ranges; range++) {
    if (range == 0 || range == TableCount.WideStart || range == TableCount.CanonicalStart) {
      kind++;
      source = 0;
      target = 0;
      flip =
        kind == Kind.Lower
          ? Property.Lower | Property.IdnaDisallowed
          : kind == Kind.Wide
            ? Property.Width
            : Property.Decomposes | Property.NfcNo;
    }
    source += number(gaps);
    gaps = Expansion.next;
    const counted = number(counts);
    counts = Expansion.next;
    const step = (counted & 1) + 1;
    target = (kind == Kind.Canonical ? target : source) + signed(deltas);
    deltas = Expansion.next;
    for (let left = counted >> 1; ; left--) {
      flipWord(source, flip);
      store<u32>(ownRow(source) + ((kind - 1) << 2), target);
      if (left == 0) break;
      source += step;
      target += step;
    }
    source++;
  }
}

/** Lays out the mappings to two code points; most lower-case pairs follow from their upper case. */
function layPairs(): void {
  let from = seconds;
  let second: u32 = 0;
  for (let index: usize = 0; index < <usize>TableCount.Seconds; index++) {
    second += number(from);
    from = Expansion.next;
    store<u32>(Seconds + (index << 2), second);
    flipWord(second, Property.NfcMaybe);
  }
  let gaps = pairGaps;
  let firsts = pairFirsts;
  let source: u32 = 0;
  let first: u32 = 0;
  for (let pair: usize = 0; pair < <usize>TableCount.Pairs; pair++) {
    source += number(gaps) + 1;
    gaps = Expansion.next;
    first += signed(firsts);
    firsts = Expansion.next;
    second = load<u32>(Seconds + ((<usize>load<u8>(pairSeconds + pair)) << 2));
    layPair(source, first, second);
    const lower = lowerOf(source);
    const lowerFirst = lowerOf(first);
    if (lower != source && lower != lowerFirst) layPair(lower, lowerFirst, second);
  }
}

function layPair(source: u32, first: u32, second: u32): void {
  flipWord(source, Property.Decomposes);
  const row = ownRow(source);
  store<u32>(row, first, 8);
  store<u32>(row, second, 12);
  // What is excluded from composition is never in a normal form.
  if (wordOf(source) & Property.NfcNo) return;
  let slot = compositionSlot(first, second);
  while (load<u64>(Compositions + (slot << 3)) != 0) slot = (slot + 1) & CompositionMask;
  const halves = (<u64>first) | ((<u64>second) << 18);
  store<u64>(Compositions + (slot << 3), halves | ((<u64>source) << 36));
}

/** Inverts bits of a word; a leaf that is shared is copied first. */
function flipWord(c: u32, flip: u32): void {
  const place = Top + ((c >> LeafShift) << 1);
  const leaf = <u32>load<u16>(place);
  if (leaf >= Expansion.sharedStart) {
    const own = Expansion.ownCount++;
    memory.copy(Leaves + own * LeafBytes, Leaves + leaf * LeafBytes, LeafBytes);
    store<u16>(place, <u16>own);
  }
  store<u32>(wordPlace(c), wordOf(c) ^ flip);
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function number(from: usize): u32 {
  let value: u32 = 0;
  for (let shift: u32 = 0; ; shift += 7) {
    const byte = <u32>load<u8>(from++);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  Expansion.next = from;
  return value;
}

function signed(from: usize): u32 {
  const value = number(from);
  return (value >> 1) ^ -(value & 1);
}
