/*
 * What a round gives out: stanzas for targets and verdicts, first counted, then laid out, then written.
 *
 *     | records of groups | bytes of the first group | of the second | ... | verdicts: stanza, `to`, `from` | ... |
 *
 * Each stanza is written once for each target, at its place.
 */
import { Group, Route, SeatFlag, Verdict, VerdictFlag } from '../abi';
import { allocate, copy, release } from '../memory';
import { word } from '../xml/tape';
import { Decision } from './decision';
import { Head } from './head';
import { Node } from './nodes';
import { Out } from './output';
import { Reader } from './reader';
import {
  Delivery,
  DeliveryCount,
  DeliverySize,
  GroupCount,
  GroupSize,
  OutMax,
  Round,
  SeatMax,
  TargetCount,
  VerdictSize,
  word32,
} from './round';
import { plainLength, putStanza } from './writer';

export function lengthOf(head: Head, form: u32): u32 {
  if (
    form == 0 &&
    !(Reader.seat!.flags & SeatFlag.Server) &&
    Reader.seat!.extra == 0 &&
    !head.isIndirect
  ) {
    return plainLength(head);
  }
  Out.measuring = true;
  Out.cursor = 0;
  putStanza(head, form);
  Out.measuring = false;
  return <u32>Out.cursor;
}

export function hasRoom(length: u32, count: u32): bool {
  const total = Round.length + Round.verdictLength;
  if (total != 0 && total + length > OutMax) return false;
  if (Round.groupCount + count > GroupCount) return false;
  return Round.deliveryCount + count <= DeliveryCount;
}

export function deliver(head: Head, seat: Node, form: u32, length: u32): void {
  let group: usize;
  if (seat.group == 0 || seat.flags & SeatFlag.Units) {
    group = Round.groups + <usize>Round.groupCount * GroupSize;
    seat.group = <u16>++Round.groupCount;
    store<u32>(group, <u32>changetype<usize>(seat), (<usize>Group.Seat) << 2);
    store<u32>(group, 0, (<usize>Group.Length) << 2);
    store<u32>(group, 0, (<usize>Group.Count) << 2);
  } else group = Round.groups + (<usize>seat.group - 1) * GroupSize;
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
export function comeUp(head: Head, form: u32, count: u32): bool {
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
  const verdict = Round.verdicts + <usize>Round.verdictCount * VerdictSize;
  Round.verdictCount++;
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

/** What is copied out: the records of the groups, then the bytes. */
export function layOut(): bool {
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
export function writeAll(): void {
  const end = Round.deliveries + Round.deliveryCount * DeliverySize;
  for (let place = Round.deliveries; place < end; place += DeliverySize) {
    const delivery = changetype<Delivery>(place);
    const group = <usize>delivery.group;
    Out.cursor = Round.bytes + word(group, Group.Offset);
    putStanza(changetype<Head>(<usize>delivery.head), delivery.form);
    put(group, Group.Offset, <u32>(Out.cursor - Round.bytes));
  }
  Out.cursor = Round.bytes + Round.length;
  const stop = Round.verdicts + <usize>Round.verdictCount * VerdictSize;
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
