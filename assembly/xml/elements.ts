/*
 * The open elements: a stack of 48-byte entries above the entry of the document itself.
 *
 *      0        4        8        12       16               32       36       40       44
 *     +--------+--------+--------+--------+----------------+--------+--------+--------+------+
 *     | start  |children| length | -      | key, 16 bytes  | default|prefixes|declared| text |
 *     +--------+--------+--------+--------+----------------+--------+--------+--------+------+
 *
 * start: tape bytes from the unit's first record to the START. children: elements and texts so far.
 * length: bytes of the qualified name. key: the name, up to 15 bytes; a longer name
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

  /**
   * Hands the scope of `parent` on to the entry above it. Word by word: a load of all four at once
   * would have to wait for the single stores of the tag before.
   */
  @inline static inherit(parent: usize, child: usize): void {
    const from = changetype<Entry>(parent);
    const to = changetype<Entry>(child);
    to.defaultNamespace = from.defaultNamespace;
    to.prefixes = from.prefixes;
    to.declarations = from.declarations;
    to.textLength = from.textLength;
  }
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

/** The first `length` (at most 16) bytes at `p` as two numbers, zero-filled. */
export class Key {
  @inline static low(p: usize, length: usize): u64 {
    return load<u64>(p) & load<u64>(MASKS + (length << 4));
  }

  @inline static high(p: usize, length: usize): u64 {
    return load<u64>(p, 8) & load<u64>(MASKS + (length << 4), 8);
  }
}

/** Makes the entry of a document or stream that has nothing open. */
export function clearEntry(entry: Entry): void {
  memory.fill(changetype<usize>(entry), 0, EntrySize);
}

/**
 * Fills what the name decides in an entry; its scope words are there already
 * (inherited, or written by tag.ts). `length` bytes at `name`.
 */
export function nameEntry(entry: Entry, name: usize, length: u32): void {
  entry.nameLength = length;
  entry.children = 0;
  if (length <= <u32>KeyMax) {
    entry.keyLow = Key.low(name, length);
    entry.keyHigh = Key.high(name, length);
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

/** Entry.inherit, for those who are in no hurry. */
export function inheritScope(parent: usize, child: usize): void {
  Entry.inherit(parent, child);
}
