/*
 * Normalisation Form C (UAX #15) of a text in records (points.ts).
 *
 * A text is cut before every starter that cannot combine with what precedes it (NFC_QC = Yes). One that stands alone
 * is copied; a piece that is in order and decomposes nowhere is composed from where it stands; any other is
 * decomposed, each record put in its place among the marks before it, and composed.
 *
 * Linear: a code point decomposes to at most four; runs of marks are sorted by insertion while they
 * are short and by counting when they are long; composition asks for each pair once.
 */
import { Point, PointShift, PointSize } from './points';
import { Property } from './unicode-data';
import { compositionOf, recordsOf, recordsSize } from './unicode-tables';

/** What keeps a code point from standing at the start of a piece, or a piece from being copied. */
const Trouble: u32 = Property.NfcMaybe | Property.NfcNo;

/** Records that the source of a normalisation may hold, and its target at most then. */
export const SourceMax: i32 = 8192;
export const TargetMax: i32 = 16384;

/** Room for sorting a long run of marks. */
export const SORTED: usize = memory.data(TargetMax << 3, 16);
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

/** The last normal form. */
export class Normal {
  static end: usize = 0;
  /** All its words, or-ed. */
  static seen: u32 = 0;
  /** What is added to the address of a record, divided by four, for that of its origin, a u16. */
  static origins: usize = 0;
}

/**
 * Writes the normal form of [source, end) to `target`, and to `origins` where each record came from: what it was
 * decomposed from, or its first half when it was composed. The source holds at most SourceMax records.
 */
export function normalize(source: usize, end: usize, target: usize, origins: usize): void {
  const toOrigin = origins - (target >> 2);
  Normal.origins = toOrigin;
  let out = target;
  let all: u32 = 0;
  let p = source;
  while (p < end) {
    const first = Point.word(p);
    const index = (p - source) >> PointShift;
    let next = p + PointSize;
    if (!(first & Trouble) && (next == end || !(Point.word(next) & (Trouble | Property.Ccc)))) {
      Point.copy(out, p);
      store<u16>(toOrigin + (out >> 2), <u16>index);
      out += PointSize;
      all |= first;
      p = next;
      continue;
    }
    let seen = first;
    let last = seen & Property.Ccc;
    let isOrdered = true;
    while (next < end) {
      const word = Point.word(next);
      if (!(word & (Trouble | Property.Ccc))) break;
      const ccc = word & Property.Ccc;
      if (ccc < last && ccc != 0) isOrdered = false;
      last = ccc;
      seen |= word;
      next += PointSize;
    }
    const piece = out;
    if (!(seen & Property.Decomposes) && isOrdered) out = compose(p, next, out, index, 1);
    else out = compose(out, decompose(p, next, out), out, index, 0);
    for (let q = piece; q < out; q += PointSize) all |= Point.word(q);
    p = next;
  }
  Normal.end = out;
  Normal.seen = all;
}

/** Above the bits of a code point there is room for a tag; in longer pieces the last records share one. */
const TagShift: u32 = 21;
const TagStep: u32 = 1 << TagShift;
const TagMax: u32 = 2047 << TagShift;
const CodeMask: u32 = TagStep - 1;

// Hangul: section 3.12 of the Unicode Standard.
const SyllableBase: u32 = 0xac00;
const LeadBase: u32 = 0x1100;
const VowelBase: u32 = 0x1161;
const TrailBase: u32 = 0x11a7;
const LeadCount: u32 = 19;
const VowelCount: u32 = 21;
const TrailCount: u32 = 28;
const SyllableCount: u32 = 11172;

/**
 * Writes the decomposition of [p, end) to `target`, in canonical order; returns its end. Each record has a tag that says which
 * of the source it is from.
 */
function decompose(p: usize, end: usize, target: usize): usize {
  let out = target;
  let tag: u32 = 0;
  // Where the marks begin that the next one is put among, and whether there are too many of them for that.
  let run = out;
  let last: u32 = 0;
  let isLong = false;
  for (; p < end; p += PointSize) {
    let from = p;
    let to = p + PointSize;
    if (Point.word(p) & Property.Decomposes) {
      const code = Point.code(p);
      const syllable = code - SyllableBase;
      if (syllable < SyllableCount) {
        from = JAMO;
        to = spell(syllable);
      } else {
        from = recordsOf(code);
        to = from + recordsSize(from);
      }
    }
    for (; from < to; from += PointSize) {
      const record = load<u64>(from) | tag;
      const ccc = (<u32>(record >> 32)) & Property.Ccc;
      let place = out;
      out += PointSize;
      if (ccc == 0) {
        last = 0;
        run = out;
      } else if (ccc >= last) last = ccc;
      else if (place - run > InsertionMax * PointSize) isLong = true;
      else {
        do {
          Point.copy(place, place - PointSize);
          place -= PointSize;
        } while (place > run && Point.ccc(place - PointSize) > ccc);
      }
      store<u64>(place, record);
    }
    if (tag != TagMax) tag += TagStep;
  }
  if (isLong) reorder(target, out);
  return out;
}

/** Room for the jamo of a syllable. */
const JAMO: usize = memory.data(24, 16);

/** Writes the jamo of a syllable of Hangul; returns their end. */
function spell(syllable: u32): usize {
  Point.make(JAMO, LeadBase + syllable / (VowelCount * TrailCount));
  Point.make(JAMO + PointSize, VowelBase + ((syllable / TrailCount) % VowelCount));
  const trail = syllable % TrailCount;
  if (trail == 0) return JAMO + 2 * PointSize;
  Point.make(JAMO + 2 * PointSize, TrailBase + trail);
  return JAMO + 3 * PointSize;
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
    if (!sorted) sortByCounting(p, next);
    p = next;
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

/**
 * Composes the ordered [start, end) at `target`, which may be `start`, and returns the end there. Records are from the one of
 * the source with this index, as many behind it as their tag says, and `step` more from one to the next.
 */
function compose(start: usize, end: usize, target: usize, index: usize, step: usize): usize {
  const toOrigin = Normal.origins;
  let out = target;
  let starter: usize = 0;
  // Its code point, which is not yet in its record when it was composed.
  let first: u32 = 0;
  let isStale = false;
  // Combining class of the record before, 0 when that is the starter.
  let last: u32 = 0;
  for (let p = start; p < end; p += PointSize, index += step) {
    const word = Point.word(p);
    const tagged = Point.code(p);
    const code = tagged & CodeMask;
    const ccc = word & Property.Ccc;
    // A mark of the same class, or a starter, in between blocks.
    if (starter && word & Property.NfcMaybe && (last < ccc || last == 0)) {
      const composite = compositeOf(first, code);
      if (composite) {
        first = composite;
        isStale = true;
        continue;
      }
    }
    if (ccc == 0) {
      if (isStale) Point.make(starter, first);
      isStale = false;
      starter = out;
      first = code;
    }
    last = ccc;
    Point.put(out, code, word);
    store<u16>(toOrigin + (out >> 2), <u16>(index + (tagged >> TagShift)));
    out += PointSize;
  }
  if (isStale) Point.make(starter, first);
  return out;
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
