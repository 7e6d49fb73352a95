/*
 * Normalisation Form C (UAX #15) of a text in records (points.ts).
 *
 * A text is cut before every starter that cannot combine with what precedes it (NFC_QC = Yes). A piece
 * without trouble is copied as it is; any other is decomposed, put in canonical order and composed.
 *
 * Linear: a code point decomposes to at most four; runs of marks are sorted by insertion while they
 * are short and by counting when they are long; composition asks for each pair once.
 */
import { Point, PointSize } from './points';
import { Property } from './unicode-data';
import { compositionOf, decompositionOf, wordOf } from './unicode-tables';

/** What keeps a code point from standing at the start of a piece, or a piece from being copied. */
const Trouble: u32 = Property.NfcMaybe | Property.NfcNo;

/** Records that the source of a normalisation may hold, and its target at most then. */
export const SourceMax: i32 = 8192;
export const TargetMax: i32 = 16384;

/** Room for sorting a long run of marks. */
const SORTED: usize = memory.data(TargetMax << 3, 16);
/** Of each combining class: how many, then where the next goes. */
const COUNTS: usize = memory.data(1024, 16);
/** Longer runs are sorted by counting. */
const InsertionMax: usize = 32;

/** Whether a text is certainly normal; `seen` are all its words, or-ed. False says nothing. */
export function isNormal(start: usize, end: usize, seen: u32): bool {
  if (seen & Trouble) return false;
  if (!(seen & Property.Ccc)) return true;
  let last: u32 = 0;
  for (let p = start; p < end; p += PointSize) {
    const ccc = Point.ccc(p);
    if (ccc < last && ccc != 0) return false;
    last = ccc;
  }
  return true;
}

/**
 * Writes the normal form of [source, end) to `target`, and returns its end. The source holds at most
 * SourceMax records.
 */
export function normalize(source: usize, end: usize, target: usize): usize {
  let out = target;
  let p = source;
  while (p < end) {
    let seen = Point.word(p);
    let last = seen & Property.Ccc;
    const first = last;
    let isOrdered = true;
    let next = p + PointSize;
    while (next < end) {
      const word = Point.word(next);
      if (!(word & (Trouble | Property.Ccc))) break;
      const ccc = word & Property.Ccc;
      if (ccc < last && ccc != 0) isOrdered = false;
      last = ccc;
      seen |= word;
      next += PointSize;
    }
    if (!(seen & Trouble) && isOrdered) {
      for (let q = p; q < next; q += PointSize, out += PointSize) Point.copy(out, q);
    } else if (!(seen & Property.Decomposes) && isOrdered) {
      out = next - p == 2 * PointSize && !first ? composePair(p, out) : compose(p, next, out);
    } else {
      const made = decompose(p, next, out);
      reorder(out, made);
      out = compose(out, made, out);
    }
    p = next;
  }
  return out;
}

/**
 * The record of [source, end) that record `index` of its normal form came from: what it was decomposed
 * from, or its first half when it was composed. Writes the normal form anew to `target`, each record with a tag
 * that says which of its piece it is from.
 */
export function originOf(source: usize, end: usize, target: usize, index: u32): usize {
  const wanted = target + <usize>index * PointSize;
  let out = target;
  let p = source;
  while (p < end) {
    const first = p;
    const piece = out;
    let tag: u32 = 0;
    do {
      const made = decompose(p, p + PointSize, out);
      for (; out < made; out += PointSize) store<u32>(out, Point.code(out) | (tag << TagShift));
      if (tag < TagMax) tag++;
      p += PointSize;
    } while (p < end && Point.word(p) & (Trouble | Property.Ccc));
    reorder(piece, out);
    out = compose(piece, out, piece);
    if (wanted < out) return first + <usize>(Point.code(wanted) >> TagShift) * PointSize;
  }
  return end;
}

/** Above the bits of a code point there is room for a tag; in longer pieces the last records share one. */
const TagShift: u32 = 21;
const TagMax: u32 = 2047;
const CodeMask: u32 = 0x1f_ffff;

// Hangul: section 3.12 of the Unicode Standard.
const SyllableBase: u32 = 0xac00;
const LeadBase: u32 = 0x1100;
const VowelBase: u32 = 0x1161;
const TrailBase: u32 = 0x11a7;
const LeadCount: u32 = 19;
const VowelCount: u32 = 21;
const TrailCount: u32 = 28;
const SyllableCount: u32 = 11172;

function decompose(p: usize, end: usize, out: usize): usize {
  for (; p < end; p += PointSize) {
    if (!(Point.word(p) & Property.Decomposes)) {
      Point.copy(out, p);
      out += PointSize;
      continue;
    }
    const code = Point.code(p);
    const syllable = code - SyllableBase;
    if (syllable < SyllableCount) {
      Point.make(out, LeadBase + syllable / (VowelCount * TrailCount));
      Point.make(out + PointSize, VowelBase + ((syllable / TrailCount) % VowelCount));
      out += 2 * PointSize;
      const trail = syllable % TrailCount;
      if (trail) {
        Point.make(out, TrailBase + trail);
        out += PointSize;
      }
    } else out = expand(code, out);
  }
  return out;
}

/** Writes the full decomposition of a code point; firsts are nested, at most three deep. */
function expand(code: u32, out: usize): usize {
  const pair = decompositionOf(code);
  const first = <u32>pair;
  const second = <u32>(pair >> 32);
  const word = wordOf(first);
  if (word & Property.Decomposes) out = expand(first, out);
  else {
    Point.put(out, first, word);
    out += PointSize;
  }
  if (second) {
    Point.make(out, second);
    out += PointSize;
  }
  return out;
}

/** Puts each run of marks in the order of their combining classes, equal ones as they were. */
function reorder(p: usize, end: usize): void {
  while (p < end) {
    if (Point.ccc(p) == 0) {
      p += PointSize;
      continue;
    }
    let next = p + PointSize;
    let sorted = true;
    while (next < end && Point.ccc(next) != 0) {
      if (Point.ccc(next) < Point.ccc(next - PointSize)) sorted = false;
      next += PointSize;
    }
    if (!sorted) {
      if (next - p > InsertionMax * PointSize) sortByCounting(p, next);
      else sortByInsertion(p, next);
    }
    p = next;
  }
}

function sortByInsertion(start: usize, end: usize): void {
  for (let p = start + PointSize; p < end; p += PointSize) {
    const record = load<u64>(p);
    const ccc = (<u32>(record >> 32)) & Property.Ccc;
    let q = p;
    while (q > start && Point.ccc(q - PointSize) > ccc) {
      Point.copy(q, q - PointSize);
      q -= PointSize;
    }
    store<u64>(q, record);
  }
}

function sortByCounting(start: usize, end: usize): void {
  memory.fill(COUNTS, 0, 1024);
  for (let p = start; p < end; p += PointSize) {
    const count = countOf(p);
    store<u32>(count, load<u32>(count) + 1);
  }
  let place: u32 = 0;
  for (let count = COUNTS; count < COUNTS + 1024; count += 4) {
    const length = load<u32>(count);
    store<u32>(count, place);
    place += length;
  }
  for (let p = start; p < end; p += PointSize) {
    const count = countOf(p);
    const index = load<u32>(count);
    store<u32>(count, index + 1);
    Point.copy(SORTED + <usize>index * PointSize, p);
  }
  memory.copy(start, SORTED, end - start);
}

function countOf(p: usize): usize {
  return COUNTS + (((<usize>Point.ccc(p)) >> Property.CccShift) << 2);
}

/** Composes a starter with what follows it, which is nearly always one mark. */
function composePair(p: usize, out: usize): usize {
  if (Point.word(p + PointSize) & Property.NfcMaybe) {
    const composite = compositeOf(Point.code(p), Point.code(p + PointSize));
    if (composite) {
      Point.make(out, composite);
      return out + PointSize;
    }
  }
  Point.copy(out, p);
  Point.copy(out + PointSize, p + PointSize);
  return out + 2 * PointSize;
}

/** Composes the ordered [start, end) at `target`, which may be `start`, and returns the end there. */
function compose(start: usize, end: usize, target: usize): usize {
  let out = target;
  let starter: usize = 0;
  // The starter was composed, and its word is still that of its first half.
  let isStale = false;
  // Combining class of the record before, 0 when that is the starter.
  let last: u32 = 0;
  for (let p = start; p < end; p += PointSize) {
    const word = Point.word(p);
    const ccc = word & Property.Ccc;
    // A mark of the same class, or a starter, in between blocks.
    if (starter && word & Property.NfcMaybe && (last < ccc || last == 0)) {
      const first = Point.code(starter);
      const composite = compositeOf(first & CodeMask, Point.code(p) & CodeMask);
      if (composite) {
        store<u32>(starter, composite | (first & ~CodeMask));
        isStale = true;
        continue;
      }
    }
    if (ccc == 0) {
      if (isStale) renewWord(starter);
      isStale = false;
      starter = out;
    }
    last = ccc;
    Point.copy(out, p);
    out += PointSize;
  }
  if (isStale) renewWord(starter);
  return out;
}

function renewWord(at: usize): void {
  store<u32>(at, wordOf(Point.code(at) & CodeMask), 4);
}

function compositeOf(first: u32, second: u32): u32 {
  const vowel = second - VowelBase;
  if (vowel < VowelCount) {
    const lead = first - LeadBase;
    if (lead < LeadCount) return SyllableBase + (lead * VowelCount + vowel) * TrailCount;
    return 0;
  }
  const trail = second - TrailBase;
  // TrailBase itself is no trailing consonant.
  if (trail - 1 < TrailCount - 1) {
    const syllable = first - SyllableBase;
    if (syllable < SyllableCount && syllable % TrailCount == 0) return first + trail;
    return 0;
  }
  return compositionOf(first, second);
}
