/*
 * The tables of a round: heads, deliveries, groups, verdicts and targets, each of a fixed size, and how much of them is
 * in use. What does not fit is the next round's (batch.ts).
 */
import { Group, Route, Verdict } from '../abi';
import { reserve } from '../memory';
import { Head, HeadSize } from './head';
import { Node } from './nodes';
import { Reader, TextSize } from './reader';

export const HeadCount: u32 = 256;
export const DeliveryCount: u32 = 4096;
export const GroupCount: u32 = 4096;
export const TargetCount: u32 = 4096;
export const HeldCount: u32 = 64;
/** Seats of one account; a stanza to all of them fits into a round. */
export const SeatMax: u32 = 1024;
/** A round writes up to this many bytes, or one stanza. */
export const OutMax: u32 = 1 << 20;

/** One stanza for one target. */
@unmanaged
export class Delivery {
  head: u32;
  group: u32;
  form: u32;
}
export const DeliverySize: u32 = 12;
export const GroupSize: usize = (<usize>Group.Size) << 2;
export const VerdictSize: usize = (<usize>Verdict.Size) << 2;

/** The block that JavaScript reads (abi.ts, Route). */
export const ROUTE: usize = memory.data((<i32>Route.Size) << 2, 16);

export class Round {
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
  /** What is copied out (outcome.ts), the bytes in it, and its room. */
  static out: usize = 0;
  static bytes: usize = 0;
  static outSize: u32 = 0;
  /** Of loads that are there to bring something closer: without a use they would be left out. */
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

/** The address of a word of the block. */
export function word32(index: u32): usize {
  return ROUTE + ((<usize>index) << 2);
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

/** Says where the verdicts are. Returns the groups and verdicts of the round. */
export function tellVerdicts(): i32 {
  store<u32>(word32(Route.VerdictPtr), <u32>Round.verdicts);
  store<u32>(word32(Route.VerdictCount), Round.verdictCount);
  store<u32>(word32(Route.TargetPtr), <u32>Round.targets);
  return <i32>(Round.groupCount + Round.verdictCount);
}

export function headAt(index: u32): Head {
  return changetype<Head>(Round.heads + index * HeadSize);
}
