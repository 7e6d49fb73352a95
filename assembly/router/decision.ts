/*
 * The decision on one stanza: the gates of RFC 6120, sections 8.1, 8.2 and 10, in their order, then the cell of
 * the table. docs/design/040-router.md names the gates G1 to G10; those before binding (G2, G3) are the
 * stream machine's.
 *
 *     G1   no stanza of the content namespace    Element: the host knows what was negotiated
 *     G4   `from` of a client                    stamped (writer.ts); with SeatFlag.Strict a foreign one ends the stream
 *     G5-7 `to` and `from` of a server           checked, else the stream ends
 *     form (8.2.3) and G8, `to` malformed        refused, unless it must not be answered
 *     no `to` (10.3)                             as to the own bare JID; presence is broadcast
 *     `to` of this host, of another domain       Host, Forward (10.4, 10.5.1)
 *     `to` of an account                         the table
 *
 * What the table leaves to what the account knows is asked of the host (AskExists, AskKnows), unless
 * the facts came along. A sender is known to its own account.
 */
import { Action, Column, Condition, Fact, Row, SeatFlag } from '../abi';
import { prepareUtf8, Prepared } from '../jid/prepare';
import { equal, find, findSeatOf, hashOf } from './directory';
import { Head, Value, keepPrepared, readValue } from './head';
import { Node, NodeKind } from './nodes';
import { Reader } from './reader';
import { isDirected, knownAnswer, noteKnown } from './relations';
import { cellOf, outspoken } from './table';

export class Decision {
  static action: Action = Action.Ignore;
  static column: u32 = 0;
  static condition: u32 = 0;
  /** The seat of a full JID, the account of `to`; null when there is none. */
  static seat: Node | null = null;
  static account: Node | null = null;
  /** The rest of the stream waits. */
  static holds: bool = false;
  /** Seats of the account with priority >= 0, and the highest priority among them. */
  static count: u32 = 0;
  static highest: i32 = 0;
}

/** Whether a row is answered with an error when something is wrong (RFC 6120, section 8.3.1). */
export function isAnswered(row: u32): bool {
  return !(
    row == Row.MessageError ||
    row == Row.PresenceError ||
    row == Row.IqError ||
    row == Row.Result
  );
}

/** Before each decision. */
export function startDecision(): void {
  Decision.action = Action.Ignore;
  Decision.column = 0;
  Decision.condition = 0;
  Decision.seat = null;
  Decision.account = null;
  Decision.holds = false;
}

export function decide(head: Head): void {
  startDecision();
  const sender = Reader.seat!;
  if (head.kind == 0) return end(Action.Element, true);
  if (sender.flags & SeatFlag.Server) {
    const fault = checkAddresses(head, sender);
    if (fault) return endStream(fault);
  } else if (sender.flags & SeatFlag.Strict && head.fromRecord && !isOwnFrom(head)) {
    return endStream(Condition.InvalidFrom);
  }
  if (head.condition) return refuse(head, head.condition);
  if (Reader.facts & Fact.Refused) return refuse(head, Condition.ServiceUnavailable);
  if (head.to == 0) return decideOwn(head);
  if (Reader.facts & Fact.Away) return end(Action.Forward, false);
  decideTo(head);
}

/** Behind the gates: by the address that the stanza is for. */
export function decideTo(head: Head): void {
  const found = find(head.to, head.toBare, head.hash);
  if (!found) return decideAbsent(head);
  if (found.kind == NodeKind.Domain) return end(Action.Host, head.row == Row.Set);
  Decision.account = found;
  if (head.toLength == head.toBare) return decideCell(head, columnOf(found));
  const resource = <u32>head.toBare + 1;
  const seat = findSeatOf(found, head.to + resource, head.toLength - resource);
  Decision.seat = seat;
  decideCell(head, seat ? Column.Match : Column.Miss);
}

function end(action: Action, holds: bool): void {
  Decision.action = action;
  Decision.holds = holds;
}

function endStream(condition: u32): void {
  Decision.condition = condition;
  end(Action.EndStream, true);
}

export function refuse(head: Head, condition: u32): void {
  if (!isAnswered(head.row)) return;
  Decision.condition = condition;
  Decision.action = Action.Refuse;
}

/** RFC 6120, section 10.3: a client's stanza without `to`. */
function decideOwn(head: Head): void {
  const row = <u32>head.row;
  if (row == Row.Available || row == Row.Unavailable) return end(Action.Broadcast, true);
  if (row >= <u32>Row.Subscribe && row <= <u32>Row.Probe) return refuse(head, Condition.BadRequest);
  const account = changetype<Node>(<usize>Reader.seat!.account);
  Decision.account = account;
  decideCell(head, columnOf(account));
}

/** Nobody of the account of `to` is here: the host may know of it, or it is a foreign address. */
function decideAbsent(head: Head): void {
  const local = head.toLocal ? <u32>head.toLocal + 1 : 0;
  const domain = head.to + local;
  const length = <u32>head.toBare - local;
  const served = local ? find(domain, length, hashOf(domain, length)) : null;
  if (!served) {
    if (Reader.seat!.flags & SeatFlag.Server) return endStream(Condition.HostUnknown);
    return end(Action.Forward, false);
  }
  const isFull = head.toLength != head.toBare;
  const none = isFull ? Column.MissNoAccount : Column.NoAccount;
  const some = isFull ? Column.Miss : Column.NoResource;
  if (Reader.facts & Fact.ExistsTold) {
    return decideCell(head, Reader.facts & Fact.Exists ? some : none);
  }
  // Where both are answered alike there is nothing to ask.
  if (cellFor(head.row, none) == cellFor(head.row, some)) return decideCell(head, none);
  Decision.column = some;
  end(Action.AskExists, false);
}

function cellFor(row: u32, column: Column): Action {
  const cell = cellOf(row, column);
  return Reader.facts & Fact.Outspoken ? outspoken(row, column, cell) : cell;
}

/** The column of a bare JID, and the counts that delivery needs. */
function columnOf(account: Node): Column {
  let available = false;
  let count: u32 = 0;
  let highest: i32 = -1;
  for (let place = <usize>account.next; place != 0; place = <usize>changetype<Node>(place).next) {
    const seat = changetype<Node>(place);
    if (!(seat.flags & SeatFlag.Available)) continue;
    available = true;
    if (seat.priority < 0) continue;
    count++;
    highest = max(highest, <i32>seat.priority);
  }
  Decision.count = count;
  Decision.highest = highest;
  if (count > 1) return Column.ManyNonNegative;
  if (count == 1) return Column.OneNonNegative;
  return available ? Column.OnlyNegative : Column.NoResource;
}

function decideCell(head: Head, column: Column): void {
  const row = <u32>head.row;
  Decision.column = column;
  let cell = cellOf(row, column);
  if (cell == Action.AsBare) {
    // B stands for the bare JID of an account that exists, bound or not.
    const account = Decision.account;
    cell = cellOf(row, account ? columnOf(account) : Column.NoResource);
  }
  if (Reader.facts & Fact.Outspoken) cell = outspoken(row, column, cell);
  if (cell == Action.RefuseKnown || cell == Action.DeliverKnown) cell = askKnown(head, cell);
  // D at a bare JID, or at one treated alike, is the only resource with priority >= 0.
  if (cell == Action.Deliver && column != Column.Match) cell = Action.AllNonNegative;
  if (cell == Action.Refuse) return refuse(head, Condition.ServiceUnavailable);
  const own = <usize>Reader.seat!.account;
  const isOwn = own != 0 && changetype<usize>(Decision.account) == own;
  Decision.action = cell;
  Decision.holds =
    cell == Action.Subscription || (cell == Action.Handle && isOwn && row == Row.Set);
}

function askKnown(head: Head, cell: Action): Action {
  const yes = cell == Action.RefuseKnown ? Action.Refuse : Action.Deliver;
  const no = cell == Action.RefuseKnown ? Action.Ignore : Action.Refuse;
  const sender = Reader.seat!;
  const account = Decision.account;
  const isServer = (sender.flags & SeatFlag.Server) != 0;
  const from = isServer ? <usize>head.from : Reader.from;
  const length = isServer ? head.fromLength : Reader.fromLength;
  const bare = isServer ? head.fromBare : Reader.fromBare;
  const seat = Decision.seat;
  if (seat && isDirected(seat, from, length, bare)) return yes;
  if (!account) {
    if (Reader.facts & Fact.KnowsTold) return Reader.facts & Fact.Knows ? yes : no;
    return Action.AskKnows;
  }
  if (!isServer && sender.account == <u32>changetype<usize>(account)) return yes;
  if (Reader.facts & Fact.KnowsTold) {
    const isKnown = (Reader.facts & Fact.Knows) != 0;
    if (Reader.facts & Fact.Remember) noteKnown(account, from, bare, isKnown);
    return isKnown ? yes : no;
  }
  const answer = knownAnswer(account, from, bare);
  return answer == 0 ? Action.AskKnows : answer == 2 ? yes : no;
}

/** G4 with SeatFlag.Strict: the own full or bare JID, nothing else (RFC 6120, section 4.9.3.9). */
function isOwnFrom(head: Head): bool {
  if (!readFrom(head)) return false;
  const length = Prepared.length;
  if (length != Reader.fromLength && length != Reader.fromBare) return false;
  return equal(Prepared.address, Reader.from, length);
}

function readFrom(head: Head): bool {
  readValue(head.fromRecord);
  From.result = prepareUtf8(Value.at, Value.length, 0);
  return From.result >= 0;
}

class From {
  static result: i32 = 0;
}

/** G5, G6: both addresses, and `from` of the domain that the stream is validated for. 0 when in order. */
function checkAddresses(head: Head, sender: Node): u32 {
  if (head.to == 0 || head.fromRecord == 0 || !readFrom(head)) return Condition.ImproperAddressing;
  head.from = <u32>keepPrepared(head.fromRecord);
  head.fromLength = Prepared.length;
  const at = ((<u32>From.result) >> 2) & 0xfff;
  const slash = (<u32>From.result) >> 14;
  const start = at ? at + 1 : 0;
  head.fromBare = slash ? slash : Prepared.length;
  const length = head.fromBare - start;
  if (length != <u32>sender.length) return Condition.InvalidFrom;
  if (!equal(<usize>head.from + start, sender.text, length)) {
    return Condition.InvalidFrom;
  }
  return 0;
}
