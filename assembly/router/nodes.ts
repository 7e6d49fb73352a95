/*
 * Whom the router knows: served domains, accounts with a seat, seats (bound resources, and the streams of
 * other servers), and what is between two of them (relations.ts). One record of 64 bytes each, a cache line, in pages
 * of 512, and the handles that name them.
 *
 *      0    1     2      4      8      12     16      20     24        28    30    32   33     34    36   40     44
 *     +----+-----+------+------+------+------+-------+------+---------+-----+-----+----+------+-----+----+------+
 *     |kind|flags|length| hash | text | next |account|handle|relations|count|group|prio|      |extra|lang| rest | text
 *     +----+-----+------+------+------+------+-------+------+---------+-----+-----+----+------+-----+----+------+
 *                                                                                 | text of all that is no seat
 *
 * text: address of the canonical address (length): of a seat its resource alone, the rest is its account's. Behind it
 * follow the `extra` bytes that stanzas of this seat need elsewhere: its language (`lang` bytes), then its stream
 * header's declarations (prefixes.ts). It lies in the record while it fits. next: of a seat the next one of its account, of
 * an account its first, of a free record the next free. account: of a seat its account, of an account the count of its
 * seats. relations: the first of them, with their count. group: place among the groups of this round, plus one (outcome.ts).
 * rest: what is left of the seat's last chunk (rest.ts).
 *
 * A handle is a slot (21 bits) and a generation (10 bits); a record whose generations are used up is
 * retired, so a stale handle never names another seat.
 */
import { allocate, copy, release, reserve } from '../memory';

export const NodeBytes: u32 = 64;
/** Comparing and hashing load up to 15 bytes behind a text. */
const Slack: u32 = 16;
const PageNodes: u32 = 512;
const PageCount: u32 = 4096;
const SlotBits: u32 = 21;
const GenerationMax: u32 = 1023;

export const enum NodeKind {
  Free = 0,
  Domain = 1,
  Account = 2,
  Seat = 3,
  /** Between two addresses (relations.ts). */
  Relation = 4,
}

@unmanaged
export class Node {
  kind: u8;
  flags: u8;
  length: u16;
  hash: u32;
  text: u32;
  next: u32;
  account: u32;
  handle: u32;
  relations: u32;
  relationCount: u16;
  group: u16;
  priority: i8;
  spare: u8;
  extra: u16;
  lang: u32;
  rest: u32;
}

/** Where a text begins that lies in its record, behind the fields that its kind has. */
function textOffset(kind: NodeKind): u32 {
  return kind == NodeKind.Seat ? 44 : 32;
}

/** Addresses of the pages. */
const PAGES: usize = memory.data(PageCount << 2, 16);

class Nodes {
  static slots: u32 = 0;
  static free: u32 = 0;
}

function nodeAt(slot: u32): Node {
  const page = <usize>load<u32>(PAGES + ((<usize>(slot / PageNodes)) << 2));
  return changetype<Node>(page + (slot % PageNodes) * NodeBytes);
}

/** A new node with `length + extra` bytes of text copied from `text`, `extra` of a seat only; null without memory. */
export function openNode(kind: NodeKind, text: usize, length: u32, extra: u32): Node | null {
  const total = length + extra;
  let place: usize = 0;
  if (total > NodeBytes - textOffset(kind)) {
    place = allocate(total + Slack);
    if (place == 0) return null;
  }
  const node = takeNode();
  if (!node) {
    if (place) release(place, total + Slack);
    return null;
  }
  if (place == 0) place = changetype<usize>(node) + textOffset(kind);
  node.kind = <u8>kind;
  node.text = <u32>place;
  node.length = <u16>length;
  if (kind == NodeKind.Seat) node.extra = <u16>extra;
  copy(place, text, total);
  return node;
}

function takeNode(): Node | null {
  let node: Node;
  if (Nodes.free) {
    node = changetype<Node>(<usize>Nodes.free);
    Nodes.free = node.next;
    const handle = node.handle;
    memory.fill(changetype<usize>(node), 0, NodeBytes);
    node.handle = handle;
    return node;
  }
  const slot = Nodes.slots;
  if (slot == PageNodes * PageCount) return null;
  if (slot % PageNodes == 0) {
    const page = reserve(PageNodes * NodeBytes + Slack);
    if (page == 0) return null;
    memory.fill(page, 0, PageNodes * NodeBytes);
    store<u32>(PAGES + ((<usize>(slot / PageNodes)) << 2), <u32>page);
  }
  Nodes.slots++;
  node = nodeAt(slot);
  node.handle = slot;
  return node;
}

export function closeNode(node: Node): void {
  const total = <u32>node.length + (node.kind == NodeKind.Seat ? <u32>node.extra : 0);
  if (total > NodeBytes - textOffset(node.kind)) release(node.text, total + Slack);
  node.kind = <u8>NodeKind.Free;
  if (node.handle >> SlotBits == GenerationMax) return;
  node.handle += 1 << SlotBits;
  node.next = Nodes.free;
  Nodes.free = <u32>changetype<usize>(node);
}

/** The seat that the handle names, or null when it is closed or never was. */
export function findSeat(handle: i32): Node | null {
  const slot = (<u32>handle) & ((1 << SlotBits) - 1);
  if (handle < 0 || slot >= Nodes.slots) return null;
  const node = nodeAt(slot);
  return node.kind == NodeKind.Seat && node.handle == <u32>handle ? node : null;
}
