/*
 * Rounds: what has been read of a stream becomes groups of bytes, one a target, and verdicts, one a stanza that
 * the host has to look at. A chunk is one round as a rule; it takes more when a stanza holds back the rest
 * (RFC 6120, section 10.1) or a table is full (round.ts).
 *
 *     scan    heads of stanzas: form, address, hash
 *     touch   what the decisions will look at is asked for
 *     decide  what becomes of each; lengths are added up by target
 *     lay out groups one after the other, verdicts behind them
 *     write   each stanza once for each target, at its place
 */
import { Condition, Control, Kind, Namespace, Route, SeatFlag, Tape } from '../abi';
import { CONTROL } from '../xml/stream';
import { RecordSize, word } from '../xml/tape';
import { Decision, decide, refuse } from './decision';
import { candidate, touch } from './directory';
import { Head, HeadSize, ValueMax, readHead } from './head';
import { Node, NodeBytes } from './nodes';
import { layOut, writeAll } from './outcome';
import { Reader } from './reader';
import { HeadCount, Round, headAt, startRound, tellVerdicts, word32 } from './round';
import { note, settle } from './settle';
import { setStamp } from './stamp';

/** What follows the heads in a round has room for a `to` and a `from` with references, and their canonical forms. */
const TextMin: u32 = 2 * (ValueMax + 4096);

/** Takes up the tape that a feed has left in the control block. */
export function takeTape(): void {
  Reader.tape = load<u32>(CONTROL, (<usize>Control.TapePtr) << 2);
  Reader.end = Reader.tape + load<u32>(CONTROL, (<usize>Control.TapeLength) << 2);
  Reader.base = load<u32>(CONTROL, (<usize>Control.BasePtr) << 2);
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
 * Asks for what the decisions will look at: with many sessions it lies in no cache, and one after the other each would
 * be waited for. Loads overlap where they are close to each other in time, so each loop does one step for all stanzas.
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

// ---- Decide ---------------------------------------------------------------------------------

function decideAll(): void {
  for (let index: u32 = 0; index < Round.headCount; index++) {
    const head = headAt(index);
    decide(head);
    if (head.to && Decision.condition == 0 && !note(head)) {
      refuse(head, Condition.ResourceConstraint);
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
