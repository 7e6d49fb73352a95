/*
 * Finding the number of a name or namespace of the static vocabulary: an open-addressing table
 * of numbers for each, built once at start. The vocabulary never changes while the engine runs, so nothing
 * that a peer sends can fill or evict it.
 */
import { reserve } from '../memory';
import {
  nameCount,
  nameData,
  namespaceCount,
  namespaceData,
  namespaceSize,
  stemData,
} from './vocabulary';

const Slots: u32 = 2048;

export class Vocabulary {
  /** Slots of u16, number of the entry or 0. */
  static nameSlots: usize = 0;
  static namespaceSlots: usize = 0;
  /** Address of each entry (its length byte), by number. */
  static names: usize = 0;
  static namespaces: usize = 0;
}

/** Mixes length and outer bytes; all that hash alike are compared in full. */
function hash(p: usize, length: u32): u32 {
  let h: u32 = length * 0x9e3779b1;
  if (length >= 8) {
    const tail = load<u64>(p + length - 8) * 0x9e3779b97f4a7c15;
    const head = load<u64>(p) * 0xc2b2ae3d27d4eb4f;
    h ^= <u32>((tail ^ head) >> 40);
  } else {
    for (let i: u32 = 0; i < length; i++) h = (h ^ (<u32>load<u8>(p + i))) * 0x01000193;
    h ^= h >> 15;
  }
  return h & (Slots - 1);
}

function equal(a: usize, b: usize, length: u32): bool {
  if (length < 8) {
    for (let i: u32 = 0; i < length; i++) {
      if (load<u8>(a + i) != load<u8>(b + i)) return false;
    }
    return true;
  }
  // The last eight bytes may overlap what was compared before.
  const last = length - 8;
  for (let i: u32 = 0; i < last; i += 8) {
    if (load<u64>(a + i) != load<u64>(b + i)) return false;
  }
  return load<u64>(a + last) == load<u64>(b + last);
}

function build(data: usize, count: u32, slots: usize, entries: usize): void {
  let p = data;
  for (let number: u32 = 1; number <= count; number++) {
    store<u32>(entries + (number << 2), <u32>p);
    const length = <u32>load<u8>(p);
    let slot = hash(p + 1, length);
    while (load<u16>(slots + (slot << 1)) != 0) slot = (slot + 1) & (Slots - 1);
    store<u16>(slots + (slot << 1), <u16>number);
    p += 1 + length;
  }
}

/** Writes the namespaces with their stems, in the form of names. */
function wholeNamespaces(): usize {
  const start = reserve(namespaceSize);
  let to = start;
  let p = namespaceData;
  for (let i: u32 = 0; i < namespaceCount; i++) {
    let stem = stemData;
    for (let n = <u32>load<u8>(p); n > 1; n--) stem += 1 + <usize>load<u8>(stem);
    const stemLength: u32 = load<u8>(p) ? load<u8>(stem) : 0;
    const restLength = <u32>load<u8>(p, 1);
    store<u8>(to, <u8>(stemLength + restLength));
    memory.copy(to + 1, stem + 1, stemLength);
    memory.copy(to + 1 + stemLength, p + 2, restLength);
    to += 1 + stemLength + restLength;
    p += 2 + restLength;
  }
  return start;
}

export function buildVocabulary(): void {
  Vocabulary.nameSlots = reserve(Slots << 1);
  Vocabulary.namespaceSlots = reserve(Slots << 1);
  Vocabulary.names = reserve((nameCount + 1) << 2);
  Vocabulary.namespaces = reserve((namespaceCount + 1) << 2);
  build(nameData, nameCount, Vocabulary.nameSlots, Vocabulary.names);
  build(wholeNamespaces(), namespaceCount, Vocabulary.namespaceSlots, Vocabulary.namespaces);
}

function find(p: usize, length: u32, slots: usize, entries: usize): u32 {
  let slot = hash(p, length);
  while (true) {
    const number = <u32>load<u16>(slots + (slot << 1));
    if (number == 0) return 0;
    const entry = <usize>load<u32>(entries + (number << 2));
    if (<u32>load<u8>(entry) == length && equal(entry + 1, p, length)) return number;
    slot = (slot + 1) & (Slots - 1);
  }
}

/** Number of the name, 0 when it is not in the vocabulary. */
export function nameNumber(p: usize, length: u32): u32 {
  return find(p, length, Vocabulary.nameSlots, Vocabulary.names);
}

/** Number of the namespace, 0 when it is not in the vocabulary (or empty). */
export function namespaceNumber(p: usize, length: u32): u32 {
  return find(p, length, Vocabulary.namespaceSlots, Vocabulary.namespaces);
}
