/*
 * From a decision to what is given out: deliveries to the seats that the cell of the table names, or a verdict.
 *
 * Order (G10): groups keep the order of the stream, and so do verdicts; the host delivers groups first.
 * So once a stanza to an account comes up as a verdict that may yet deliver, those to the same account that follow
 * in this round come up as well.
 */
import { Action, Fact, Name, Row, SeatFlag } from '../abi';
import { Decision } from './decision';
import { Head } from './head';
import { Node } from './nodes';
import { comeUp, deliver, hasRoom, lengthOf } from './outcome';
import { Form } from './output';
import { Reader } from './reader';
import { noteDirected } from './relations';
import { HeldCount, OutMax, Round } from './round';

/**
 * Presence that is sent directly is remembered until it is taken back (RFC 6121, section 4.6.2); false where it cannot
 * be, and then it must not be sent: nobody would be told that the resource has left.
 */
export function note(head: Head): bool {
  const seat = Reader.seat!;
  const row = <u32>head.row;
  if (seat.flags & SeatFlag.Server || (row != Row.Available && row != Row.Unavailable)) return true;
  return noteDirected(seat, head.to, head.toLength, row == Row.Available);
}

/** Turns a decision into deliveries or a verdict; false when this round has no room for it. */
export function settle(head: Head): bool {
  const action = Decision.action;
  // The sender's own roster comes first, whatever becomes of it at the other end (RFC 6121, section 3).
  const isOutbound = isSubscription(head) && !isServer();
  if (isOutbound) Decision.holds = true;
  if (action == Action.Ignore) {
    const isTold = isOutbound || (Reader.facts & Fact.Single) != 0 || isAttended(head);
    return !isTold || comeUp(head, formOf(head, action), 0);
  }
  if (action == Action.Refuse) return refuse(head);
  if (action > Action.AllAvailable) {
    if (action == Action.AskExists || action == Action.AskKnows) hold();
    // Who would get it, if the answer is that the account knows the sender.
    const asked = action == Action.AskKnows && Decision.seat ? collect(Action.Deliver) : 0;
    return comeUp(head, formOf(head, action), asked);
  }
  const count = collect(action);
  if (count == 0) return true;
  const length = lengthOf(head, 0);
  if (comesUp(head) || length > OutMax / count) {
    hold();
    return comeUp(head, formOf(head, action), count);
  }
  if (!hasRoom(length * count, count)) return false;
  for (let index: u32 = 0; index < count; index++) {
    const target = <usize>load<u32>(Round.targets + ((<usize>(Round.targetCount + index)) << 2));
    const seat = changetype<Node>(target);
    const form: u32 = seat.flags & SeatFlag.Framed ? Form.Declare : 0;
    const other = isServer() ? form | Form.Rename : form;
    deliver(head, seat, other, other ? lengthOf(head, other) : length);
  }
  return true;
}

function isServer(): bool {
  return (Reader.seat!.flags & SeatFlag.Server) != 0;
}

/** The error reply goes back to the sender, past the host. */
function refuse(head: Head): bool {
  head.condition = <u8>Decision.condition;
  const seat = Reader.seat!;
  if (Reader.facts & Fact.Single || seat.flags & SeatFlag.Server) {
    return comeUp(head, Form.Reply | Form.Declare, 0);
  }
  const form: u32 = seat.flags & SeatFlag.Framed ? Form.Reply | Form.Declare : Form.Reply;
  const length = lengthOf(head, form);
  if (!hasRoom(length, 1)) return false;
  deliver(head, seat, form, length);
  return true;
}

function isSubscription(head: Head): bool {
  return <u32>head.row - <u32>Row.Subscribe <= <u32>(Row.Unsubscribed - Row.Subscribe);
}

/**
 * Verdicts of a stream may have to wait, and then their stanzas are read again: what is written in another form than
 * a client could have sent is so only where the stanza is alone, and the host comes back with it.
 */
function formOf(head: Head, action: Action): u32 {
  const isAlone = (Reader.facts & Fact.Single) != 0;
  if (!isAlone && (isServer() || isSubscription(head))) return Form.Declare;
  const form: u32 = isSubscription(head) ? Form.Declare | Form.Bare : Form.Declare;
  // Whatever stays here is of clients, what goes elsewhere of servers.
  return (action == Action.Forward) != isServer() ? form | Form.Rename : form;
}

/** Puts the seats that `action` chooses among those of the account behind the targets so far. */
export function collect(action: Action): u32 {
  let next = Round.targets + ((<usize>Round.targetCount) << 2);
  const first = next;
  if (action == Action.Deliver) {
    store<u32>(next, <u32>changetype<usize>(Decision.seat));
    return 1;
  }
  const account = Decision.account!;
  for (let place = <usize>account.next; place != 0; place = <usize>changetype<Node>(place).next) {
    const seat = changetype<Node>(place);
    if (!(seat.flags & SeatFlag.Available)) continue;
    if (action != Action.AllAvailable && seat.priority < 0) continue;
    if (action == Action.MostAvailable && <i32>seat.priority != Decision.highest) continue;
    store<u32>(next, <u32>place);
    next += 4;
  }
  return (<u32>(next - first)) >> 2;
}

function isAttended(head: Head): bool {
  return (Reader.facts & Fact.Attended) != 0 && head.kind != Name.Message;
}

function isKept(head: Head): bool {
  if (!(Reader.facts & Fact.Kept)) return false;
  return head.storable != 0 && <u32>head.row <= <u32>Row.Chat;
}

/** Whether the host wants to see what the core could deliver by itself. */
function comesUp(head: Head): bool {
  if (Reader.facts & Fact.Single || isAttended(head) || isKept(head)) return true;
  const sender = Reader.seat!;
  const own = sender.account ? <u32>changetype<Node>(<usize>sender.account).flags : 0;
  const filtered = (<u32>sender.flags) & SeatFlag.Filtered;
  const flags = (<u32>Decision.account!.flags) | (own & ~SeatFlag.Inactive) | filtered;
  if (flags & (SeatFlag.Filtered | SeatFlag.Inactive)) return true;
  if (flags & SeatFlag.Carbons && <u32>head.row <= <u32>Row.MessageError) return true;
  return Round.heldCount != 0 && isHeld(Decision.account!.hash);
}

function isHeld(hash: u32): bool {
  for (let index: u32 = 0; index < Round.heldCount; index++) {
    if (load<u32>(Round.held + ((<usize>index) << 2)) == hash) return true;
  }
  return false;
}

/** What follows to the account of `to` comes up for the rest of the round; where that is too many, the round ends. */
function hold(): void {
  const account = Decision.account;
  // Of an account without a seat nothing is delivered past the host.
  if (!account || isHeld(account.hash)) return;
  if (Round.heldCount == HeldCount) {
    Decision.holds = true;
    return;
  }
  store<u32>(Round.held + ((<usize>Round.heldCount) << 2), account.hash);
  Round.heldCount++;
}
