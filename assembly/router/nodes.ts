/*
 * Whom the router knows: served domains, accounts with a seat, seats (bound resources, and the streams of
 * other servers). One record of 128 bytes each, in pages of 512, and the handles that name them.
 *
 *      0     2    3     4      8      12    14     16     20      24    25     26    28     32    34        36    48
 *     +-----+----+-----+------+------+-----+------+------+-------+-----+------+-----+------+-----+---------+-----+
 *     | gen |kind|flags| hash | text |length| bare| next | account|prio|shared|extra| group| lang|relations| ... | text
 *     +-----+----+-----+------+------+-----+------+------+-------+-----+------+-----+------+-----+---------+-----+
 *
 * text: address of the canonical address (length; its bare part), followed by `extra` bytes that stanzas of
 * this seat need elsewhere: its language (`lang` bytes), then its stream header's declarations (writer.ts).
 * It lies in the record while it fits. next: of a seat the next one of its account, of an account its first,
 * of a free record the next free. account: of a seat its account, of an account the count of its seats.
 * shared: of a seat the flags of its account, so that a delivery to a full JID does not look at that.
 * group: place among the groups of this round, plus one (batch.ts). At 36, 40, 44: the handle, what is left of
 * the seat's last chunk (batch.ts), and the first of its relations (relations.ts), counted at 34.
 *
 * A handle is a slot (21 bits) and a generation (10 bits); a record whose generations are used up is
 * retired, so a stale handle never names another seat.
 */
import { allocate, copy, release } from '../memory';

const NodeBytes: u32 = 128;
const InlineOffset: u32 = 48;
/** Comparing and hashing load up to 15 bytes behind a text. */
const Slack: u32 = 16;
const InlineSize: u32 = NodeBytes - InlineOffset - Slack;
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
  generation: u16;
  kind: u8;
  flags: u8;
  hash: u32;
  text: u32;
  length: u16;
  bare: u16;
  next: u32;
  account: u32;
  priority: i8;
  shared: u8;
  extra: u16;
  group: u32;
  lang: u16;
  relationCount: u16;
  handle: u32;
  rest: u32;
  relations: u32;
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

/** A new node with `length + extra` bytes of text copied from `text`; null without memory. */
export function openNode(kind: NodeKind, text: usize, length: u32, extra: u32): Node | null {
  const total = length + extra;
  let place: usize = 0;
  if (total > InlineSize) {
    place = allocate(total + Slack);
    if (place == 0) return null;
  }
  const node = takeNode();
  if (!node) {
    if (place) release(place, total + Slack);
    return null;
  }
  if (place == 0) place = changetype<usize>(node) + InlineOffset;
  copy(place, text, total);
  node.kind = <u8>kind;
  node.text = <u32>place;
  node.length = <u16>length;
  node.bare = <u16>length;
  node.extra = <u16>extra;
  return node;
}

function takeNode(): Node | null {
  let node: Node;
  if (Nodes.free) {
    node = changetype<Node>(<usize>Nodes.free);
    Nodes.free = node.next;
    const generation = node.generation;
    const handle = node.handle;
    memory.fill(changetype<usize>(node), 0, InlineOffset);
    node.generation = generation;
    node.handle = handle;
    return node;
  }
  const slot = Nodes.slots;
  if (slot == PageNodes * PageCount) return null;
  if (slot % PageNodes == 0) {
    const page = allocate(PageNodes * NodeBytes);
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
  const total = <u32>node.length + <u32>node.extra;
  if (total > InlineSize) release(node.text, total + Slack);
  node.kind = <u8>NodeKind.Free;
  if (<u32>node.generation == GenerationMax) return;
  node.generation++;
  node.handle += 1 << SlotBits;
  node.next = Nodes.free;
  Nodes.free = <u32>changetype<usize>(node);
}

/** What a search has found; NodeKind.Free for nothing. */
export function kindOf(node: Node | null): u32 {
  return node ? node.kind : NodeKind.Free;
}

/** The seat that the handle names, or null when it is closed or never was. */
export function findSeat(handle: i32): Node | null {
  const slot = (<u32>handle) & ((1 << SlotBits) - 1);
  if (handle < 0 || slot >= Nodes.slots) return null;
  const node = nodeAt(slot);
  return node.kind == NodeKind.Seat && node.handle == <u32>handle ? node : null;
}
