/*
 * Binding and leaving: the seats of an account hang on the account's node, which is there as long as one of
 * them is. An account's flags are those of its seats together.
 */
import { SeatFlag } from '../abi';
import { ErrorCode } from '../errors';
import { SeatMax, dropRest } from './batch';
import { find, hashOf, insert, remove } from './directory';
import { Node, NodeKind, closeNode, openNode } from './nodes';
import { dropRelations } from './relations';

/** A domain that is served, in canonical form, or no longer. */
export function setDomain(p: usize, length: u32, served: bool): i32 {
  const hash = hashOf(p, length);
  const known = find(p, length, hash);
  if (known && !served) {
    remove(known);
    closeNode(known);
  }
  if (known || !served) return 0;
  return register(openNode(NodeKind.Domain, p, length, 0), hash)
    ? 0
    : -(<i32>ErrorCode.LimitMemory);
}

/** Puts a new node into the directory; null without memory, and then there is none. */
function register(node: Node | null, hash: u32): Node | null {
  if (!node) return null;
  node.hash = hash;
  if (insert(node)) return node;
  closeNode(node);
  return null;
}

/**
 * Binds the full JID of `length` octets at `p`, of which `bare` are the bare JID; behind it stand `extra` bytes
 * (writer.ts), `lang` of them the language. Returns the seat's handle.
 */
export function bindSeat(p: usize, length: u32, bare: u32, extra: u32, lang: u32, flags: u32): i32 {
  if (flags & SeatFlag.Server) {
    const node = openNode(NodeKind.Seat, p, length, extra);
    if (!node) return -(<i32>ErrorCode.LimitMemory);
    node.lang = <u16>lang;
    node.flags = <u8>flags;
    return node.handle;
  }
  const hash = hashOf(p, length);
  if (find(p, length, hash)) return -(<i32>ErrorCode.SeatTaken);
  const bareHash = hashOf(p, bare);
  const known = find(p, bare, bareHash);
  if (known && (known.kind != NodeKind.Account || known.account >= SeatMax)) {
    return -(<i32>ErrorCode.SeatLimit);
  }
  const seat = register(openNode(NodeKind.Seat, p, length, extra), hash);
  if (!seat) return -(<i32>ErrorCode.LimitMemory);
  const account = accountOf(known, p, bare, bareHash);
  if (!account) {
    remove(seat);
    closeNode(seat);
    return -(<i32>ErrorCode.LimitMemory);
  }
  seat.bare = <u16>bare;
  seat.lang = <u16>lang;
  seat.account = <u32>changetype<usize>(account);
  seat.next = account.next;
  account.next = <u32>changetype<usize>(seat);
  account.account++;
  setSeat(seat, flags, 0);
  return seat.handle;
}

function accountOf(known: Node | null, p: usize, bare: u32, hash: u32): Node | null {
  if (known) return known;
  return register(openNode(NodeKind.Account, p, bare, 0), hash);
}

/** Presence, priority and flags of a seat. */
export function setSeat(seat: Node, flags: u32, priority: i32): void {
  seat.flags = <u8>flags;
  seat.priority = <i8>priority;
  if (seat.account) gatherFlags(changetype<Node>(<usize>seat.account));
}

function gatherFlags(account: Node): void {
  let flags: u32 = 0;
  for (let place = <usize>account.next; place != 0; place = <usize>changetype<Node>(place).next) {
    flags |= <u32>changetype<Node>(place).flags;
  }
  account.flags = <u8>flags;
  for (let place = <usize>account.next; place != 0; place = <usize>changetype<Node>(place).next) {
    changetype<Node>(place).shared = <u8>flags;
  }
}

export function unbindSeat(seat: Node): void {
  dropRest(seat);
  dropRelations(seat);
  const account = changetype<Node>(<usize>seat.account);
  if (seat.account) {
    const own = <u32>changetype<usize>(seat);
    if (account.next == own) account.next = seat.next;
    else {
      let before = changetype<Node>(<usize>account.next);
      while (before.next != own) before = changetype<Node>(<usize>before.next);
      before.next = seat.next;
    }
    account.account--;
    remove(seat);
    if (account.account == 0) {
      dropRelations(account);
      remove(account);
      closeNode(account);
    } else gatherFlags(account);
  }
  closeNode(seat);
}
