/*
 * What the router remembers between two addresses, as nodes of the directory under keys that no address has:
 *
 *     1, handle of a seat, address         the seat has sent presence there directly (RFC 6121, section 4.6.2)
 *     2, handle of an account, bare JID    whether the account knows the other one, as the host has said
 *
 * They hang on the seat, or on the account, and go with it. Each has at most RelationMax: presence of a seat to one
 * more address is refused (settle.ts), of an account all are forgotten, to be asked again.
 */
import { NodeKind, Node, closeNode, openNode } from './nodes';
import { copy } from '../memory';
import { find, hashOf, insert, remove } from './directory';
import { Reader } from './reader';

const RelationMax: u32 = 4096;
/** Bytes before the address in a key. */
const KeyHead: u32 = 5;

/** The key of what is between a node and an address, at Reader.text. Returns its length. */
function keyOf(owner: Node, p: usize, length: u32): u32 {
  const key = Reader.text;
  store<u8>(key, owner.kind == NodeKind.Seat ? 1 : 2);
  store<u32>(key, owner.handle, 1);
  copy(key + KeyHead, p, length);
  return KeyHead + length;
}

function relationOf(length: u32): Node | null {
  return find(Reader.text, length, hashOf(Reader.text, length));
}

/** Whether the seat has sent presence to the address, or to its bare part. */
export function isDirected(seat: Node, to: usize, length: u32, bare: u32): bool {
  if (seat.relations == 0) return false;
  if (relationOf(keyOf(seat, to, length))) return true;
  return length != bare && relationOf(keyOf(seat, to, bare)) != null;
}

/** Remembers presence that is sent directly, or forgets it; false when there are too many, or without memory. */
export function noteDirected(seat: Node, to: usize, length: u32, isAvailable: bool): bool {
  const size = keyOf(seat, to, length);
  const known = relationOf(size);
  if (known) {
    if (!isAvailable) forget(seat, known);
    return true;
  }
  if (!isAvailable) return true;
  return <u32>seat.relationCount < RelationMax && remember(seat, size) != null;
}

/** What the host has said: 0 nothing, 1 no, 2 yes. */
export function knownAnswer(account: Node, p: usize, length: u32): u32 {
  if (account.relations == 0) return 0;
  const relation = relationOf(keyOf(account, p, length));
  return relation ? relation.flags : 0;
}

export function noteKnown(account: Node, p: usize, length: u32, isKnown: bool): void {
  if (<u32>account.relationCount == RelationMax) dropRelations(account);
  const size = keyOf(account, p, length);
  const known = relationOf(size);
  if (known) forget(account, known);
  const relation = remember(account, size);
  if (relation) relation.flags = isKnown ? 2 : 1;
}

function remember(owner: Node, size: u32): Node | null {
  const relation = openNode(NodeKind.Relation, Reader.text, size, 0);
  if (!relation) return null;
  relation.hash = hashOf(Reader.text, size);
  if (!insert(relation)) {
    closeNode(relation);
    return null;
  }
  const first = owner.relations;
  relation.next = first;
  if (first) changetype<Node>(<usize>first).account = <u32>changetype<usize>(relation);
  owner.relations = <u32>changetype<usize>(relation);
  owner.relationCount++;
  return relation;
}

/** `account` of a relation is the one before it in its list. */
function forget(owner: Node, relation: Node): void {
  const before = relation.account;
  if (before) changetype<Node>(<usize>before).next = relation.next;
  else owner.relations = relation.next;
  if (relation.next) changetype<Node>(<usize>relation.next).account = before;
  owner.relationCount--;
  remove(relation);
  closeNode(relation);
}

export function dropRelations(owner: Node): void {
  while (owner.relations) forget(owner, changetype<Node>(<usize>owner.relations));
}

/** Takes one address that the seat has sent presence to: leaves it at Reader.text and returns its length, 0 for none. */
export function takeDirected(seat: Node): u32 {
  if (seat.relations == 0) return 0;
  const relation = changetype<Node>(<usize>seat.relations);
  const length = <u32>relation.length - KeyHead;
  copy(Reader.text, <usize>relation.text + KeyHead, length);
  forget(seat, relation);
  return length;
}
