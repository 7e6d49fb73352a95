/*
 * From an address to its node: one open-addressing table over the octets of canonical addresses, of domains and
 * bare JIDs alike. Seats are found through their account.
 *
 *     slot   | hash of the address | address of its node, 0 = empty |
 *
 * Invariants: at most half of the slots are taken; a removal closes the gap it leaves, so there are no
 * tombstones and a probe ends after a bounded run on average. The hash has two secret multipliers: nobody
 * who chooses addresses can aim at one slot.
 */
import { allocate, release } from '../memory';
import { Key } from '../xml/elements';
import { Hash } from '../xml/hash';
import { Node, NodeKind } from './nodes';

const SlotBytes: u32 = 8;
const FirstSlots: u32 = 1024;

export class Directory {
  static slots: usize = 0;
  static mask: u32 = 0;
  static count: u32 = 0;
  static first: u64 = 0;
  static second: u64 = 0;
}

/** Makes the empty table; false without memory. */
export function buildDirectory(): bool {
  const seed = <u64>Hash.seed;
  Directory.first = ((seed * 0x9e3779b97f4a7c15) ^ 0xd6e8feb86659fd93) | 1;
  Directory.second = ((seed * 0xc2b2ae3d27d4eb4f) ^ 0xa0761d6478bd642f) | 1;
  return resize(FirstSlots);
}

function mix(h: u64): u64 {
  h *= Directory.first;
  h ^= h >> 29;
  h *= Directory.second;
  return h ^ (h >> 32);
}

/** Loads up to 15 bytes behind the address, and ignores them. */
export function hashOf(p: usize, length: u32): u32 {
  let h = Directory.first ^ (<u64>length);
  const end = p + length;
  for (; p + 8 <= end; p += 8) h = mix(h ^ load<u64>(p));
  if (p < end) h = mix(h ^ Key.low(p, end - p));
  return <u32>h;
}

/** Loads up to 15 bytes behind both, and ignores them. */
export function equal(a: usize, b: usize, length: u32): bool {
  const end = a + length;
  for (; a + 16 <= end; a += 16) {
    if (v128.any_true(v128.xor(v128.load(a), v128.load(b)))) return false;
    b += 16;
  }
  const rest = end - a;
  return Key.low(a, rest) == Key.low(b, rest) && Key.high(a, rest) == Key.high(b, rest);
}

function slotAt(index: u32): usize {
  return Directory.slots + <usize>(index & Directory.mask) * SlotBytes;
}

/** Brings the slot's cache line closer, for the search that follows. */
export function touch(hash: u32): u32 {
  return load<u32>(slotAt(hash), 4);
}

/** The first node that has the hash, which is the one that is searched for but for a coincidence; 0 for none. */
export function candidate(hash: u32): usize {
  let slot = slotAt(hash);
  for (let index = hash + 1; load<u32>(slot, 4) != 0 && load<u32>(slot) != hash; index++) {
    slot = slotAt(index);
  }
  return load<u32>(slot, 4);
}

/** The node of an address, or null. */
export function find(p: usize, length: u32, hash: u32): Node | null {
  let slot = slotAt(hash);
  for (let index = hash + 1; load<u32>(slot, 4) != 0; index++) {
    const node = changetype<Node>(<usize>load<u32>(slot, 4));
    const isCandidate = load<u32>(slot) == hash && <u32>node.length == length;
    if (isCandidate && equal(node.text, p, length)) return node;
    slot = slotAt(index);
  }
  return null;
}

/** The account of a bare JID, or null. */
export function findAccount(p: usize, length: u32): Node | null {
  const node = find(p, length, hashOf(p, length));
  if (!node) return null;
  return node.kind == NodeKind.Account ? node : null;
}

/** The seat of an account that has the resource of `length` octets at `p`, or null. */
export function findSeatOf(account: Node, p: usize, length: u32): Node | null {
  let place = <usize>account.next;
  while (place) {
    const seat = changetype<Node>(place);
    if (<u32>seat.length == length && equal(seat.text, p, length)) return seat;
    place = seat.next;
  }
  return null;
}

/** Adds a node whose address is not in the table; false without memory. */
export function insert(node: Node): bool {
  if ((Directory.count + 1) << 1 > Directory.mask + 1 && !resize((Directory.mask + 1) << 1)) {
    return false;
  }
  put(node.hash, <u32>changetype<usize>(node));
  Directory.count++;
  return true;
}

function put(hash: u32, place: u32): void {
  let index = hash;
  while (load<u32>(slotAt(index), 4)) index++;
  store<u32>(slotAt(index), hash);
  store<u32>(slotAt(index), place, 4);
}

export function remove(node: Node): void {
  let gap = node.hash;
  while (load<u32>(slotAt(gap), 4) != <u32>changetype<usize>(node)) gap++;
  gap &= Directory.mask;
  for (let index = gap + 1; ; index++) {
    const slot = slotAt(index);
    const place = load<u32>(slot, 4);
    if (place == 0) break;
    // What would be found from its own slot on without the gap may not move before that slot.
    const home = load<u32>(slot);
    if (((index - home) & Directory.mask) < ((index - gap) & Directory.mask)) continue;
    store<u32>(slotAt(gap), home);
    store<u32>(slotAt(gap), place, 4);
    gap = index & Directory.mask;
  }
  store<u32>(slotAt(gap), 0, 4);
  Directory.count--;
}

function resize(slots: u32): bool {
  const table = allocate(slots * SlotBytes);
  if (table == 0) return false;
  memory.fill(table, 0, slots * SlotBytes);
  const old = Directory.slots;
  const size = old ? (Directory.mask + 1) * SlotBytes : 0;
  Directory.slots = table;
  Directory.mask = slots - 1;
  for (let slot = old; slot < old + size; slot += SlotBytes) {
    const place = load<u32>(slot, 4);
    if (place) put(load<u32>(slot), place);
  }
  if (old) release(old, size);
  return true;
}
