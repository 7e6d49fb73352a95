/*
 * The open elements: a stack of 48-byte entries above the entry of the document itself.
 *
 *      0        4        8        12       16               32       36       40       44
 *     +--------+--------+--------+--------+----------------+--------+--------+--------+------+
 *     | start  |children| length | -      | key, 16 bytes  | default|prefixes|declared| text |
 *     +--------+--------+--------+--------+----------------+--------+--------+--------+------+
 *
 * start: tape bytes from the unit's first record to the START. children: elements and texts so far.
 * length: bytes of the qualified name. key: the name and `>`, for names up to 15 bytes; a longer name
 * lies in the text region at the parent's `text`. The last four words are the scope inside the
 * element: reference of the default namespace, count of declared prefixes (namespaces.ts), count of
 * declarations, bytes of the text region in use. Closing an element is taking its entry off.
 */
import { Region } from './regions';

export const EntrySize: u32 = 48;

@unmanaged
export class Entry {
  start: u32;
  children: u32;
  nameLength: u32;
  spare: u32;
  keyLow: u64;
  keyHigh: u64;
  defaultNamespace: u32;
  prefixes: u32;
  declarations: u32;
  textLength: u32;
}

/** Names up to this length are compared by key. */
export const KeyMax: usize = 15;

/** Sixteen-byte masks: MASKS + n * 16 keeps n bytes. */
const MASKS: usize = memory.data(17 * 16, 16);

export function buildMasks(): void {
  for (let n: usize = 0; n <= 16; n++) {
    for (let i: usize = 0; i < 16; i++) store<u8>(MASKS + n * 16 + i, i < n ? 0xff : 0);
  }
}

/** The first `length` (at most 16) bytes at `p` as a number of the lower eight, zero-filled. */
export function keyLow(p: usize, length: usize): u64 {
  return load<u64>(p) & load<u64>(MASKS + (length << 4));
}

/** The same of the upper eight. */
export function keyHigh(p: usize, length: usize): u64 {
  return load<u64>(p, 8) & load<u64>(MASKS + (length << 4), 8);
}

/** Makes the entry of a document or stream that has nothing open. */
export function clearEntry(entry: Entry): void {
  memory.fill(changetype<usize>(entry), 0, EntrySize);
}

/**
 * Fills what the name decides in the entry above `parent`; its scope words are there already
 * (inherited, or written by tag.ts). `length` bytes at `name`.
 */
export function nameEntry(parent: Entry, entry: Entry, name: usize, length: u32): void {
  entry.nameLength = length;
  entry.children = 0;
  if (length <= <u32>KeyMax) {
    // The byte after the name in a start tag may be anything; an end tag's is '>'.
    const low = keyLow(name, length);
    const high = keyHigh(name, length);
    const shift = <u64>((length & 7) << 3);
    entry.keyLow = length < 8 ? low | (<u64>0x3e << shift) : low;
    entry.keyHigh = length < 8 ? high : high | (<u64>0x3e << shift);
  } else {
    // Behind what the scope keeps, so that it goes when the element does.
    memory.copy(Region.text + entry.textLength, name, length);
    entry.textLength += length;
  }
}

/** Where the bytes of a long name lie. */
export function longName(entry: Entry): usize {
  return Region.text + entry.textLength - entry.nameLength;
}

/** Hands the scope of `parent` on to the entry above it. */
export function inheritScope(parent: usize, entry: usize): void {
  // Word by word: a load of all four would have to wait for the single stores of the tag before.
  const from = changetype<Entry>(parent);
  const to = changetype<Entry>(entry);
  to.defaultNamespace = from.defaultNamespace;
  to.prefixes = from.prefixes;
  to.declarations = from.declarations;
  to.textLength = from.textLength;
}
