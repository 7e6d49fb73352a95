/*
 * The exports of the router; docs/ABI.md explains them, abi.ts has their numbers. Addresses are given in canonical form,
 * at the input of the core. A result below zero is a negated ErrorCode.
 */
import { Abi, Fact, Feed, Framing, Route, Row, SeatFlag } from '../abi';
import { ErrorCode } from '../errors';
import { findRecord } from '../xml/records';
import { inputAddress } from '../xml/spill';
import { feed, feedable } from '../xml/stream';
import { runRound, takeTape } from './batch';
import { buildDirectory, findAccount, findSeatOf } from './directory';
import { Node, findSeat } from './nodes';
import { runQuery } from './query';
import { Reader } from './reader';
import { dropRelations, noteKnown, takeDirected } from './relations';
import { keepRest, leaveRest, takeRest } from './rest';
import { ROUTE, buildRounds, startText } from './round';
import { bindSeat, setDomain, setSeat, unbindSeat } from './sessions';
import { buildStamp } from './stamp';
import { buildTable } from './table';

class Started {
  static is: bool = false;
}

/** Makes the router's tables; more calls do nothing. */
export function router_open(): i32 {
  if (Started.is) return 0;
  if (!buildRounds() || !buildStamp() || !buildDirectory()) return -(<i32>ErrorCode.LimitMemory);
  buildTable();
  Started.is = true;
  return 0;
}

/** Address of the block that describes a round (abi.ts, Route). */
export function route_ptr(): i32 {
  return <i32>ROUTE;
}

/**
 * What becomes of a stanza of `row` for the address of `toLength` bytes at the input, from the one of `fromLength` bytes behind
 * it: one verdict without bytes (query.ts). Of the facts those count that the host has told.
 */
export function route_decide(row: i32, toLength: i32, fromLength: i32, facts: i32): i32 {
  const isRight =
    <u32>row < <u32>Row.None &&
    <u32>toLength - 1 < <u32>Abi.InputSize &&
    <u32>fromLength - 1 < <u32>Abi.InputSize - <u32>toLength;
  if (!isRight || runQuery(inputAddress(), row, toLength, fromLength, facts) == 0) {
    return -(<i32>ErrorCode.ArgumentInvalid);
  }
  return 0;
}

/** A domain is served here from now on (`served` 1), or no longer (0). */
export function router_domain(length: i32, served: i32): i32 {
  if (<u32>length - 1 >= 1023) return -(<i32>ErrorCode.ArgumentInvalid);
  return setDomain(inputAddress(), length, served != 0);
}

/**
 * Binds a seat: its full JID, of which `bare` octets are the bare JID, then `extra` bytes, `lang` of them the
 * language and the others the declarations of its stream header. Returns its handle.
 */
export function seat_bind(length: i32, bare: i32, extra: i32, lang: i32, flags: i32): i32 {
  if (
    <u32>length - 1 >= 3071 ||
    <u32>bare - 1 >= <u32>length ||
    <u32>extra > 0xffff ||
    <u32>lang > <u32>extra ||
    <u32>flags > 0xff ||
    (!(flags & SeatFlag.Server) && <u32>bare + 1 >= <u32>length) ||
    <u32>length + <u32>extra > <u32>Abi.InputSize
  ) {
    return -(<i32>ErrorCode.ArgumentInvalid);
  }
  return bindSeat(inputAddress(), length, bare, extra, lang, flags);
}

/** Sets all flags of a seat (abi.ts, SeatFlag), and its priority. */
export function seat_set(handle: i32, flags: i32, priority: i32): i32 {
  const seat = findSeat(handle);
  if (!seat) return -(<i32>ErrorCode.HandleStale);
  if (<u32>flags > 0xff || priority < -128 || priority > 127) {
    return -(<i32>ErrorCode.ArgumentInvalid);
  }
  setSeat(seat, flags, priority);
  return 0;
}

/** The seat leaves; its handle is stale from here on. */
export function seat_unbind(handle: i32): i32 {
  const seat = findSeat(handle);
  if (!seat) return -(<i32>ErrorCode.HandleStale);
  unbindSeat(seat);
  return 0;
}

/** Handle of the seat of the full JID at the input, of an account's newest one for a bare JID; -900 when there is none. */
export function seat_find(length: i32): i32 {
  if (<u32>length - 1 >= 3071) return -(<i32>ErrorCode.ArgumentInvalid);
  const p = inputAddress();
  let bare: u32 = 0;
  while (bare < <u32>length && load<u8>(p + bare) != 0x2f) bare++;
  const account = findAccount(p, bare);
  if (!account) return -(<i32>ErrorCode.HandleStale);
  const resource = bare + 1;
  if (resource > <u32>length) return changetype<Node>(<usize>account.next).handle;
  const seat = findSeatOf(account, p + resource, length - resource);
  return seat ? seat.handle : -(<i32>ErrorCode.HandleStale);
}

/** The next older seat of the same account, or -900. */
export function seat_next(handle: i32): i32 {
  const seat = findSeat(handle);
  if (!seat || seat.next == 0) return -(<i32>ErrorCode.HandleStale);
  return changetype<Node>(<usize>seat.next).handle;
}

/** Forgets what the host has said of whom the account of this seat knows. */
export function seat_forget(handle: i32): i32 {
  const seat = findSeat(handle);
  if (!seat) return -(<i32>ErrorCode.HandleStale);
  if (seat.account) dropRelations(changetype<Node>(<usize>seat.account));
  return 0;
}

/** Keeps what the host has said: whether the account of the seat `handle` knows that of the seat `sender`. */
export function seat_known(handle: i32, sender: i32, isKnown: i32): i32 {
  const seat = findSeat(handle);
  const from = findSeat(sender);
  if (!seat || !from) return -(<i32>ErrorCode.HandleStale);
  if (!seat.account || !from.account) return -(<i32>ErrorCode.ArgumentInvalid);
  startText();
  const other = changetype<Node>(<usize>from.account);
  noteKnown(changetype<Node>(<usize>seat.account), other.text, other.length, isKnown != 0);
  return 0;
}

/**
 * Takes one of the addresses that the seat has sent presence to directly: it is forgotten and stands at
 * Route.OutPtr. Returns its length, 0 when there are no more.
 */
export function seat_directed(handle: i32): i32 {
  const seat = findSeat(handle);
  if (!seat) return -(<i32>ErrorCode.HandleStale);
  startText();
  const length = takeDirected(seat);
  store<u32>(ROUTE, <u32>Reader.text, (<usize>Route.OutPtr) << 2);
  return length;
}

/**
 * Takes `length` bytes at the input for a stream and routes what is complete as coming from the seat. Returns groups and
 * verdicts of the first round (route_ptr).
 */
export function route_feed(stream: i32, handle: i32, length: i32, flag: i32, facts: i32): i32 {
  const record = findRecord(stream);
  const seat = findSeat(handle);
  if (!record || !seat) return -(<i32>ErrorCode.HandleStale);
  if (!feedable(length, flag)) return -(<i32>ErrorCode.ArgumentInvalid);
  const single = (facts & Fact.Single) != 0;
  if (!single && takeRest(seat)) return -(<i32>ErrorCode.SeatBusy);
  if (!keepRest()) return -(<i32>ErrorCode.LimitMemory);
  feed(record, length, flag == Feed.Last && record.framing == Framing.WebSocket);
  takeTape();
  return finishRound(seat, facts, single);
}

/** The next round of the seat's chunk. */
export function route_next(handle: i32, facts: i32): i32 {
  const seat = findSeat(handle);
  if (!seat) return -(<i32>ErrorCode.HandleStale);
  if (!takeRest(seat)) {
    memory.fill(ROUTE, 0, (<usize>Route.Size) << 2);
    return 0;
  }
  return finishRound(seat, facts, false);
}

/** Puts away what is left of a chunk: to be called before anything else that takes a stream. */
export function route_keep(): i32 {
  return keepRest() ? 0 : -(<i32>ErrorCode.LimitMemory);
}

function finishRound(seat: Node, facts: i32, single: bool): i32 {
  const result = runRound(seat, facts);
  if (!single) leaveRest(seat);
  return result < 0 ? -(<i32>ErrorCode.LimitMemory) : result;
}
