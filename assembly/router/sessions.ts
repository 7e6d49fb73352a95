/*
 * Binding and leaving: the seats of an account hang on the account's node, which is there as long as one of
 * them is. An account's flags are those of its seats together.
 */
import { SeatFlag } from '../abi';
import { ErrorCode } from '../errors';
import { dropRest } from './rest';
import { SeatMax } from './round';
import { find, findAccount, findSeatOf, hashOf, insert, remove } from './directory';
import { Node, NodeKind, closeNode, openNode } from './nodes';
import { dropRelations } from './relations';

/** A domain that is served, in canonical form, or no longer. */
export function setDomain(p: usize, length: u32, served: bool): i32 {
  const known = find(p, length, hashOf(p, length));
  if (known && !served) drop(known);
  if (known || !served) return 0;
  return register(NodeKind.Domain, p, length) ? 0 : -(<i32>ErrorCode.LimitMemory);
}

/** A new node in the directory; null without memory, and then there is none. */
function register(kind: NodeKind, p: usize, length: u32): Node | null {
  const node = openNode(kind, p, length, 0);
  if (!node) return null;
  node.hash = hashOf(p, length);
  if (insert(node)) return node;
  closeNode(node);
  return null;
}

/** Takes a node out of the directory. */
function drop(node: Node): void {
  remove(node);
  closeNode(node);
}

/**
 * Binds the full JID of `length` octets at `p`, of which `bare` are the bare JID; behind it stand `extra` bytes
 * (writer.ts), `lang` of them the language. Returns the seat's handle.
 */
export function bindSeat(p: usize, length: u32, bare: u32, extra: u32, lang: u32, flags: u32): i32 {
  if (flags & SeatFlag.Server) {
    const node = openNode(NodeKind.Seat, p, length, extra);
    if (!node) return -(<i32>ErrorCode.LimitMemory);
    node.lang = lang;
    node.flags = <u8>flags;
    return node.handle;
  }
  const resource = bare + 1;
  let account = findAccount(p, bare);
  if (account) {
    if (findSeatOf(account, p + resource, length - resource)) return -(<i32>ErrorCode.SeatTaken);
    if (account.account >= SeatMax) return -(<i32>ErrorCode.SeatLimit);
  } else {
    // It and its first seat lie side by side: who looks at one needs the other next (batch.ts, touchNodes).
    account = register(NodeKind.Account, p, bare);
  }
  if (!account) return -(<i32>ErrorCode.LimitMemory);
  const seat = openNode(NodeKind.Seat, p + resource, length - resource, extra);
  if (!seat) {
    if (account.account == 0) drop(account);
    return -(<i32>ErrorCode.LimitMemory);
  }
  seat.lang = lang;
  seat.account = <u32>changetype<usize>(account);
  seat.next = account.next;
  account.next = <u32>changetype<usize>(seat);
  account.account++;
  setSeat(seat, flags, 0);
  return seat.handle;
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
    if (account.account == 0) {
      dropRelations(account);
      drop(account);
    } else gatherFlags(account);
  }
  closeNode(seat);
}
