/*
 * Qualified names (Namespaces in XML 1.0, section 4): what a name is, asked once a distinct name and
 * then remembered in a cache of 4,096 slots of 32 bytes, each slot for the last name that hashed to it.
 *
 *      0                16       20       22       23       24
 *     +----------------+--------+--------+--------+--------+--------+
 *     | key, 16 bytes  | stamp  | number | kind   | colon  | -      |
 *     +----------------+--------+--------+--------+--------+--------+
 *
 * Only valid names of up to 15 bytes get a slot. A cache that thrashes is slow and nothing worse; a name that
 * it lacks is looked at again. stamp: number of the last start tag that had an attribute of this
 * name, the cheap half of the check for duplicates.
 */
import { isNameChar, isNameStart, codePoint, sequenceLength } from '../text/characters';
import { reserve } from '../memory';
import { Key, KeyMax } from './elements';
import { CheckDuplicates, Scan } from './scan';
import { nameNumber } from './vocabulary-index';

/** What a name is for namespaces. */
export const enum NameKind {
  /** No colon. */
  Plain = 0,
  /** `xml:` and a local name: the prefix is always declared. */
  Xml = 1,
  /** A prefix that must be declared. */
  Prefixed = 2,
  /** `xmlns` */
  XmlnsDefault = 3,
  /** `xmlns:` and a prefix. */
  XmlnsPrefix = 4,
  /** Colons in the wrong places. */
  Invalid = 5,
}

@unmanaged
export class NameSlot {
  keyLow: u64;
  keyHigh: u64;
  stamp: u32;
  number: u16;
  kind: u8;
  /** Bytes before the colon, 0 without one. */
  colon: u8;
  spare: u64;

  /** The slot where a name with this key would be. */
  @inline static at(low: u64, high: u64): NameSlot {
    const h = ((low ^ ((high << 29) | (high >> 35))) * 0x9e3779b97f4a7c15) >> 47;
    return changetype<NameSlot>(Names.slots + (((<usize>h) << 5) & ((SlotCount - 1) << 5)));
  }
}

const SlotCount: u32 = 4096;
const SlotSize: u32 = 32;

export class Names {
  static slots: usize = 0;
  /** Of the last name looked at: its number, the bytes before its colon, its slot (0: too long). */
  static number: u32 = 0;
  static colon: u32 = 0;
  static slot: usize = 0;
}

export function buildNames(): void {
  Names.slots = reserve((SlotCount + 1) * SlotSize);
}

/** Where attribute names that have no slot of their own leave their stamps, all together. */
export function longSlot(): NameSlot {
  return changetype<NameSlot>(Names.slots + SlotCount * SlotSize);
}

/** Number (lower half) and kind of the name in the slot. */
export function aboutOf(slot: NameSlot): u32 {
  return load<u32>(changetype<usize>(slot), offsetof<NameSlot>('number'));
}

export function clearStamps(): void {
  for (let i: u32 = 0; i <= SlotCount; i++) {
    changetype<NameSlot>(Names.slots + i * SlotSize).stamp = 0;
  }
}

/**
 * Describes the `length` (at most KeyMax) bytes at `p` in `slot`, whose former name is forgotten.
 * Returns false when they are no name at all; colons in wrong places are a kind.
 */
export function describe(slot: NameSlot, p: usize, length: u32): bool {
  if (nameEnd(p, p + length) != p + length) return false;
  const kind = describeLong(p, length);
  if (kind == NameKind.Invalid) return false;
  // The former name may be an attribute of this very tag, and its stamp goes with it.
  if (slot.stamp == Scan.serial) Scan.checks |= CheckDuplicates;
  slot.keyLow = Key.low(p, length);
  slot.keyHigh = Key.high(p, length);
  slot.stamp = 0;
  slot.number = <u16>Names.number;
  slot.kind = <u8>kind;
  slot.colon = <u8>Names.colon;
  return true;
}

/** Describes a name of any length that consists of name characters; sets Names.number and colon. */
export function describeLong(p: usize, length: u32): NameKind {
  Names.number = 0;
  Names.colon = 0;
  let colon: u32 = 0;
  for (let i: u32 = 0; i < length; i += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(p + i), i8x16.splat(0x3a)));
    const rest: i32 = length - i;
    if (rest < 16) found &= (1 << rest) - 1;
    if (!found) continue;
    // One colon in all, with a name on either side.
    const at = i + ctz<u32>(found);
    if (colon || at == 0 || at == length - 1 || found & (found - 1)) return NameKind.Invalid;
    if (!isNameStart(codePoint(p + at + 1))) return NameKind.Invalid;
    colon = at;
  }
  if (length <= 255) Names.number = nameNumber(p, length);
  Names.colon = colon;
  if (isXmlns(p, colon)) return NameKind.XmlnsPrefix;
  if (isXml(p, colon)) return NameKind.Xml;
  if (colon) return NameKind.Prefixed;
  return isXmlns(p, length) ? NameKind.XmlnsDefault : NameKind.Plain;
}

/** Whether the `length` bytes at `p` are `xmlns`. */
export function isXmlns(p: usize, length: u32): bool {
  return length == 5 && load<u32>(p) == 0x6e6c6d78 && load<u8>(p, 4) == 0x73;
}

/** Whether the `length` bytes at `p` are `xml`. */
export function isXml(p: usize, length: u32): bool {
  return length == 3 && load<u16>(p) == 0x6d78 && load<u8>(p, 2) == 0x6c;
}

/** The end of the name that starts at `p`: the first byte that is no NameChar, or `end`. */
export function nameEnd(p: usize, end: usize): usize {
  if (p < end && !isNameStart(codePoint(p))) return p;
  return nameCharsEnd(p, end);
}

/** The first byte from `p` on that is no NameChar, or `end`. Behind `end` stands a `<`. */
export function nameCharsEnd(p: usize, end: usize): usize {
  const caseBit = i8x16.splat(0x20);
  while (true) {
    const block = v128.load(p);
    // Letters of both cases; 0 to 9 and the colon behind them; dash and dot; underscore.
    const letters = i8x16.lt_u(
      i8x16.sub(v128.or(block, caseBit), i8x16.splat(0x61)),
      i8x16.splat(26),
    );
    const digits = i8x16.lt_u(i8x16.sub(block, i8x16.splat(0x30)), i8x16.splat(11));
    const marks = i8x16.lt_u(i8x16.sub(block, i8x16.splat(0x2d)), i8x16.splat(2));
    const rest = v128.or(marks, i8x16.eq(block, i8x16.splat(0x5f)));
    const names = i8x16.bitmask(v128.or(v128.or(letters, digits), rest));
    if (names == 0xffff) {
      p += 16;
      continue;
    }
    p += <usize>ctz<u32>(~names);
    if (p >= end) return end;
    const c = <u32>load<u8>(p);
    if (c < 0x80 || !isNameChar(codePoint(p))) return p;
    p += sequenceLength(c);
  }
}

/** Kind of a name made of name characters; fills Names.number, colon and slot. */
export function classify(p: usize, length: u32): NameKind {
  Names.slot = 0;
  if (length > <u32>KeyMax) return describeLong(p, length);
  const low = Key.low(p, length);
  const high = Key.high(p, length);
  const slot = NameSlot.at(low, high);
  if (slot.keyLow != low || slot.keyHigh != high) {
    if (!describe(slot, p, length)) return NameKind.Invalid;
  }
  Names.slot = changetype<usize>(slot);
  Names.number = slot.number;
  Names.colon = slot.colon;
  return slot.kind;
}
