/*
 * Rounds: what has been read of a stream becomes groups of bytes, one a target, and verdicts, one a stanza that
 * the host has to look at. A chunk is one round as a rule; it takes more when a stanza holds back the rest
 * (RFC 6120, section 10.1) or a table of this file is full.
 *
 *     scan    heads of stanzas: form, address, hash
 *     touch   what the decisions will look at is asked for
 *     decide  what becomes of each; lengths are added up by target
 *     lay out groups one after the other, verdicts behind them
 *     write   each stanza once for each target, at its place
 *
 * Order (G10): groups keep the order of the stream, and so do verdicts; the host delivers groups first.
 * So once a stanza to an account comes up as a verdict that may yet deliver, those to the same account that follow
 * in this round come up as well.
 */
import {
  Action,
  Condition,
  Control,
  Fact,
  Group,
  Kind,
  Name,
  Namespace,
  Route,
  Row,
  SeatFlag,
  Tape,
  Verdict,
  VerdictFlag,
} from '../abi';
import { allocate, copy, release, reserve } from '../memory';
import { CONTROL } from '../xml/stream';
import { RecordSize, word } from '../xml/tape';
import { Decision, decide, refuse as refuseStanza } from './decision';
import { candidate, touch } from './directory';
import { Head, HeadSize, ValueMax, readHead } from './head';
import { Node, NodeBytes } from './nodes';
import { Reader, TextSize } from './reader';
import { noteDirected } from './relations';
import { Form, Out } from './output';
import { setStamp } from './stamp';
import { plainLength, putStanza } from './writer';

const HeadCount: u32 = 256;
const DeliveryCount: u32 = 4096;
const GroupCount: u32 = 4096;
const TargetCount: u32 = 4096;
const HeldCount: u32 = 64;
/** Seats of one account; a stanza to all of them fits into a round. */
export const SeatMax: u32 = 1024;
/** A round writes up to this many bytes, or one stanza. */
const OutMax: u32 = 1 << 20;
/** What follows the heads in a round has room for a `to` and a `from` with references, and their canonical forms. */
const TextMin: u32 = 2 * (ValueMax + 4096);

/** One stanza for one target. */
@unmanaged
class Delivery {
  head: u32;
  group: u32;
  form: u32;
}
const DeliverySize: u32 = 12;
const GroupSize: usize = (<usize>Group.Size) << 2;
const VerdictSize: usize = (<usize>Verdict.Size) << 2;

/** The block that JavaScript reads (abi.ts, Route). */
export const ROUTE: usize = memory.data((<i32>Route.Size) << 2, 16);

class Round {
  static heads: usize = 0;
  static text: usize = 0;
  static headCount: u32 = 0;
  static deliveries: usize = 0;
  static deliveryCount: u32 = 0;
  static groups: usize = 0;
  static groupCount: u32 = 0;
  static verdicts: usize = 0;
  static verdictCount: u32 = 0;
  static targets: usize = 0;
  static targetCount: u32 = 0;
  /** Hashes of accounts whose stanzas come up for the rest of the round. */
  static held: usize = 0;
  static heldCount: u32 = 0;
  /** Bytes of groups and of verdicts so far. */
  static length: u32 = 0;
  static verdictLength: u32 = 0;
  static out: usize = 0;
  static bytes: usize = 0;
  static outSize: u32 = 0;
  static touched: u32 = 0;
}

/** Makes the tables of a round; false without memory. */
export function buildRounds(): bool {
  Round.heads = reserve(HeadCount * HeadSize);
  Round.text = reserve(TextSize);
  Round.deliveries = reserve(DeliveryCount * DeliverySize);
  Round.groups = reserve(GroupCount * <u32>GroupSize);
  Round.verdicts = reserve(HeadCount * <u32>VerdictSize);
  Round.targets = reserve(TargetCount << 2);
  Round.held = reserve(HeldCount << 2);
  return Round.held != 0;
}

function word32(index: u32): usize {
  return ROUTE + ((<usize>index) << 2);
}

/** Takes up the tape that a feed has left in the control block. */
export function takeTape(): void {
  Reader.tape = load<u32>(CONTROL, (<usize>Control.TapePtr) << 2);
  Reader.end = Reader.tape + load<u32>(CONTROL, (<usize>Control.TapeLength) << 2);
  Reader.base = load<u32>(CONTROL, (<usize>Control.BasePtr) << 2);
}

/** The texts of the last round are no longer needed. */
export function startText(): void {
  Reader.text = Round.text;
  Reader.textEnd = Round.text + TextSize;
}

/** What comes next is of this sender; nothing is decided yet. */
export function startRound(seat: Node, facts: u32): void {
  Reader.seat = seat;
  Reader.facts = facts;
  startText();
  Round.headCount = 0;
  Round.deliveryCount = 0;
  Round.groupCount = 0;
  Round.verdictCount = 0;
  Round.targetCount = 0;
  Round.heldCount = 0;
  Round.length = 0;
  Round.verdictLength = 0;
  memory.fill(ROUTE, 0, (<usize>Route.Size) << 2);
}

/** One round over the tape that Reader has. Returns its groups and verdicts, or -1 without memory. */
export function runRound(seat: Node, facts: u32): i32 {
  startRound(seat, facts);
  Reader.content = seat.flags & SeatFlag.Server ? Namespace.Server : Namespace.Client;
  if (!(seat.flags & SeatFlag.Server)) setStamp(seat);
  scan();
  touchNodes();
  decideAll();
  if (!layOut()) return -1;
  writeAll();
  store<u32>(word32(Route.More), Reader.tape < Reader.end ? 1 : 0);
  store<u32>(word32(Route.OutPtr), <u32>Round.bytes);
  store<u32>(word32(Route.OutLength), Round.length + Round.verdictLength);
  store<u32>(word32(Route.GroupPtr), <u32>Round.out);
  store<u32>(word32(Route.GroupCount), Round.groupCount);
  return tellVerdicts();
}

/** Says where the verdicts are. Returns the groups and verdicts of the round. */
export function tellVerdicts(): i32 {
  store<u32>(word32(Route.VerdictPtr), <u32>Round.verdicts);
  store<u32>(word32(Route.VerdictCount), Round.verdictCount);
  store<u32>(word32(Route.TargetPtr), <u32>Round.targets);
  return <i32>(Round.groupCount + Round.verdictCount);
}

// ---- Scan -----------------------------------------------------------------------------------

function scan(): void {
  let record = Reader.tape;
  while (record < Reader.end && Round.headCount < HeadCount && Reader.textRoom() > TextMin) {
    const kind = word(record, Tape.Head) & 0xff;
    // The end of the stream, or its first fault.
    if (kind != Kind.Start) break;
    const extent = word(record, Tape.Extent);
    if (extent == 0) {
      record = skipHeader(record);
      Reader.tape = record;
      continue;
    }
    const head = headAt(Round.headCount++);
    readHead(head, record, Reader.content);
    record += extent;
    // What holds back the stream for certain ends the round: the rest is scanned after it.
    if (head.kind == 0 || head.to == 0) break;
  }
}

/**
 * Asks for what the decisions will look at: with many sessions it lies in no cache, and one after the other each would be
 * waited for. Loads overlap where they are close to each other in time, and so each loop does one step for all stanzas.
 */
function touchNodes(): void {
  let sum: u32 = 0;
  const end = Round.heads + Round.headCount * HeadSize;
  for (let place = Round.heads; place < end; place += HeadSize) {
    sum ^= touch(changetype<Head>(place).hash);
  }
  for (let place = Round.heads; place < end; place += HeadSize) {
    const head = changetype<Head>(place);
    const node = candidate(head.hash);
    head.node = <u32>node;
    // An account, and behind it, as a rule, its only seat (sessions.ts).
    if (node) sum ^= load<u32>(node) ^ load<u32>(node, NodeBytes);
  }
  for (let place = Round.heads; place < end; place += HeadSize) {
    const node = <usize>changetype<Head>(place).node;
    const next = node ? <usize>changetype<Node>(node).next : 0;
    if (next) sum ^= load<u32>(next);
  }
  Round.touched = sum;
}

/** The header of a stream is no stanza. */
function skipHeader(record: usize): usize {
  record += RecordSize;
  while (record < Reader.end) {
    const kind = word(record, Tape.Head) & 0xff;
    if (kind != Kind.Attribute && kind != Kind.Xmlns) break;
    record += RecordSize;
  }
  return record;
}

function headAt(index: u32): Head {
  return changetype<Head>(Round.heads + index * HeadSize);
}

// ---- Decide ---------------------------------------------------------------------------------

function decideAll(): void {
  for (let index: u32 = 0; index < Round.headCount; index++) {
    const head = headAt(index);
    decide(head);
    if (head.to && Decision.condition == 0 && !note(head)) {
      refuseStanza(head, Condition.ResourceConstraint);
    }
    if (!settle(head)) break;
    Reader.tape = head.end;
    const stanzas = word32(Route.Stanzas);
    store<u32>(stanzas, load<u32>(stanzas) + (head.kind ? 1 : 0));
    if (Decision.holds) break;
  }
  const record = Reader.tape;
  if (record >= Reader.end || (word(record, Tape.Head) & 0xff) == Kind.Start) return;
  // What came before the end of the stream has been dealt with, and nothing follows.
  store<u32>(word32(Route.EndPtr), <u32>record);
  Reader.tape = Reader.end;
}

/**
 * Presence that is sent directly is remembered until it is taken back (RFC 6121, section 4.6.2); false where it cannot
 * be, and then it must not be sent: nobody would be told that the resource has left.
 */
function note(head: Head): bool {
  const seat = Reader.seat!;
  const row = <u32>head.row;
  if (seat.flags & SeatFlag.Server || (row != Row.Available && row != Row.Unavailable)) return true;
  return noteDirected(seat, head.to, head.toLength, row == Row.Available);
}

/** Turns a decision into deliveries or a verdict; false when this round has no room for it. */
function settle(head: Head): bool {
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
  const seat = Decision.seat;
  // Of a seat all is in its own record: that of its account lies in no cache, as a rule.
  const theirs = seat ? <u32>seat.shared : <u32>Decision.account!.flags;
  const own = (<u32>sender.shared) | ((<u32>sender.flags) & SeatFlag.Filtered);
  const flags = theirs | (own & ~SeatFlag.Inactive);
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

function lengthOf(head: Head, form: u32): u32 {
  if (form == 0 && !isServer() && Reader.seat!.extra == 0 && !head.isIndirect) {
    return plainLength(head);
  }
  Out.measuring = true;
  Out.cursor = 0;
  putStanza(head, form);
  Out.measuring = false;
  return <u32>Out.cursor;
}

function hasRoom(length: u32, count: u32): bool {
  const total = Round.length + Round.verdictLength;
  if (total != 0 && total + length > OutMax) return false;
  if (Round.groupCount + count > GroupCount) return false;
  return Round.deliveryCount + count <= DeliveryCount;
}

function deliver(head: Head, seat: Node, form: u32, length: u32): void {
  let group: usize;
  if (seat.group == 0 || seat.flags & SeatFlag.Units) {
    group = Round.groups + Round.groupCount * GroupSize;
    seat.group = <u16>++Round.groupCount;
    store<u32>(group, <u32>changetype<usize>(seat), (<usize>Group.Seat) << 2);
    store<u32>(group, 0, (<usize>Group.Length) << 2);
    store<u32>(group, 0, (<usize>Group.Count) << 2);
  } else group = Round.groups + (<u32>seat.group - 1) * GroupSize;
  store<u32>(group, word(group, Group.Length) + length, (<usize>Group.Length) << 2);
  store<u32>(group, word(group, Group.Count) + 1, (<usize>Group.Count) << 2);
  const place = Round.deliveries + Round.deliveryCount++ * DeliverySize;
  const delivery = changetype<Delivery>(place);
  delivery.head = <u32>changetype<usize>(head);
  delivery.group = <u32>group;
  delivery.form = form;
  Round.length += length;
}

/** A verdict with its stanza. Head and form stand in it until it is written. */
function comeUp(head: Head, form: u32, count: u32): bool {
  const length = lengthOf(head, form);
  const total = Round.length + Round.verdictLength;
  if (total != 0 && total + length > OutMax) return false;
  if (Round.targetCount + count > TargetCount - SeatMax) {
    Decision.holds = true;
  }
  putVerdict(head, form, length, count);
  return true;
}

/** The record of a verdict; `count` targets stand behind those so far. */
export function putVerdict(head: Head, form: u32, length: u32, count: u32): void {
  const verdict = Round.verdicts + Round.verdictCount++ * VerdictSize;
  let cell = (<u32>head.row) | (Decision.column << 8);
  if (head.storable) cell |= VerdictFlag.Storable << 16;
  if (Decision.holds) cell |= VerdictFlag.Holds << 16;
  put(verdict, Verdict.Action, Decision.action);
  put(verdict, Verdict.Condition, Decision.condition);
  put(verdict, Verdict.Cell, cell);
  put(verdict, Verdict.Offset, <u32>changetype<usize>(head));
  put(verdict, Verdict.Length, length);
  put(verdict, Verdict.ToOffset, form);
  put(verdict, Verdict.ToLength, head.toLength);
  put(verdict, Verdict.ToBare, head.toBare);
  put(verdict, Verdict.Target, Round.targetCount);
  put(verdict, Verdict.TargetCount, count);
  put(verdict, Verdict.Stanzas, load<u32>(word32(Route.Stanzas)));
  put(verdict, Verdict.Priority, <u32>(<i32>head.priority));
  put(verdict, Verdict.FromLength, head.fromLength);
  let target = Round.targets + ((<usize>Round.targetCount) << 2);
  Round.targetCount += count;
  const end = Round.targets + ((<usize>Round.targetCount) << 2);
  for (; target < end; target += 4) {
    store<u32>(target, changetype<Node>(<usize>load<u32>(target)).handle);
  }
  Round.verdictLength += length + head.toLength + head.fromLength;
}

function put(record: usize, index: u32, value: u32): void {
  store<u32>(record + ((<usize>index) << 2), value);
}

// ---- Lay out and write ----------------------------------------------------------------------

/** What is copied out: the records of the groups, then the bytes. */
function layOut(): bool {
  const length = Round.groupCount * <u32>GroupSize;
  const total = length + Round.length + Round.verdictLength;
  if (total > Round.outSize) {
    if (Round.out) release(Round.out, Round.outSize);
    Round.outSize = 0;
    Round.out = allocate(max<u32>(total, 65536));
    if (Round.out == 0) return false;
    Round.outSize = max<u32>(total, 65536);
  }
  Round.bytes = Round.out + length;
  let offset: u32 = 0;
  let record = Round.out;
  for (let group = Round.groups; group < Round.groups + length; group += GroupSize) {
    const seat = changetype<Node>(<usize>word(group, Group.Seat));
    seat.group = 0;
    v128.store(record, v128.load(group));
    put(record, Group.Seat, seat.handle);
    put(record, Group.Offset, offset);
    put(group, Group.Offset, offset);
    offset += word(group, Group.Length);
    record += GroupSize;
  }
  return true;
}

/** Group.Offset of the round's own records is where the next stanza of the group goes. */
function writeAll(): void {
  const end = Round.deliveries + Round.deliveryCount * DeliverySize;
  for (let place = Round.deliveries; place < end; place += DeliverySize) {
    const delivery = changetype<Delivery>(place);
    const group = <usize>delivery.group;
    Out.cursor = Round.bytes + word(group, Group.Offset);
    putStanza(changetype<Head>(<usize>delivery.head), delivery.form);
    put(group, Group.Offset, <u32>(Out.cursor - Round.bytes));
  }
  Out.cursor = Round.bytes + Round.length;
  const stop = Round.verdicts + Round.verdictCount * VerdictSize;
  for (let verdict = Round.verdicts; verdict < stop; verdict += VerdictSize) {
    const head = changetype<Head>(<usize>word(verdict, Verdict.Offset));
    put(verdict, Verdict.Offset, <u32>(Out.cursor - Round.bytes));
    putStanza(head, word(verdict, Verdict.ToOffset));
    put(verdict, Verdict.ToOffset, <u32>(Out.cursor - Round.bytes));
    copy(Out.cursor, head.to, head.toLength);
    Out.cursor += head.toLength;
    copy(Out.cursor, head.from, head.fromLength);
    Out.cursor += head.fromLength;
  }
}

// ---- Later rounds ---------------------------------------------------------------------------

/** What is left of a chunk: a block with this in front, then tape, then source. */
@unmanaged
class Rest {
  size: u32;
  tape: u32;
  end: u32;
  base: u32;
}
const RestSize: u32 = 16;

/** Goes on with what is left of the seat's chunk; false when nothing is. */
export function takeRest(seat: Node): bool {
  if (seat.rest == 0) return changetype<usize>(Pending.seat) == changetype<usize>(seat);
  keepRest();
  const rest = changetype<Rest>(<usize>seat.rest);
  Reader.tape = rest.tape;
  Reader.end = rest.end;
  Reader.base = rest.base;
  return true;
}

/** After a round: notes what is left, or gives back what held it. */
export function leaveRest(seat: Node): void {
  if (Reader.tape < Reader.end) {
    if (seat.rest) changetype<Rest>(<usize>seat.rest).tape = <u32>Reader.tape;
    else Pending.seat = seat;
  } else dropRest(seat);
}

export function dropRest(seat: Node): void {
  if (seat.rest) release(seat.rest, changetype<Rest>(<usize>seat.rest).size);
  seat.rest = 0;
  if (changetype<usize>(Pending.seat) == changetype<usize>(seat)) Pending.seat = null;
}

/** The seat whose rest lies where the tokenizer left it. */
class Pending {
  static seat: Node | null = null;
}

/**
 * Moves what is left of a chunk out of the way of other streams, to a block of the seat's own, where it stays
 * until it is done. False without memory: then it is lost.
 */
export function keepRest(): bool {
  const seat = Pending.seat;
  if (!seat) return true;
  Pending.seat = null;
  const first = Reader.base + word(Reader.tape, Tape.Offset);
  let last = first;
  for (let record = Reader.tape; record < Reader.end; record += RecordSize) {
    if ((word(record, Tape.Head) & 0xff) != Kind.Start) break;
    record += <usize>word(record, Tape.Extent) - RecordSize;
    last = Reader.base + word(record, Tape.Extent);
  }
  const tapeLength = <u32>(Reader.end - Reader.tape);
  const length = <u32>(last - first);
  const size = RestSize + tapeLength + length + 64;
  const block = allocate(size);
  if (block == 0) return false;
  const tape = block + RestSize;
  memory.copy(tape, Reader.tape, tapeLength);
  memory.copy(tape + tapeLength, first, length);
  const rest = changetype<Rest>(block);
  rest.size = size;
  rest.tape = <u32>tape;
  rest.end = <u32>(tape + tapeLength);
  rest.base = <u32>(tape + tapeLength - (first - Reader.base));
  seat.rest = <u32>block;
  return true;
}
