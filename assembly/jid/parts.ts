/*
 * An address whose parts are not all plain ASCII, or long: part by part from the left, then put together if one
 * of them has changed. A part that is canonical is copied only then.
 */
import { JidPart, JidResult, JidState } from '../abi';
import { preparePart } from './part';
import { RESULT, finish, keep, moveFault } from './result';
import { Units } from './units';

/** There is no such separator. */
export const Absent: u32 = 0xffff_ffff;

/** Bits of the parts that have to be looked at; what is known to be canonical does not. */
export const enum Look {
  Local = 1,
  Domain = 2,
  Resource = 4,
  All = 7,
}

class Job {
  static source: usize = 0;
  static options: u32 = 0;
  static looks: u32 = 0;
  /** Where the next part of the canonical form goes; 0 as long as it is the source. */
  static out: usize = 0;
}

/** Prepares what `looks` says of an address of `length` units with separators at `at` and `slash`. */
export function prepareParts(
  source: usize,
  length: u32,
  options: u32,
  at: u32,
  slash: u32,
  looks: u32,
): i32 {
  Job.source = source;
  Job.options = options;
  Job.looks = looks;
  Job.out = 0;
  let start: u32 = 0;
  let result: i32 = 0;
  if (at != Absent) {
    const fault = partAt(JidPart.Local, 0, at);
    if (fault < 0) return fault;
    result = addSeparator(at, 0x40) << JidResult.AtShift;
    start = at + 1;
  }
  const fault = partAt(JidPart.Domain, start, slash == Absent ? length : slash);
  if (fault < 0) return fault;
  if (slash != Absent) {
    result |= addSeparator(slash, 0x2f) << JidResult.SlashShift;
    const fault = partAt(JidPart.Resource, slash + 1, length);
    if (fault < 0) return fault;
  }
  if (Job.out == 0) {
    keep(source, length);
    return result;
  }
  finish(<u32>((Job.out - RESULT) >> Units.shift));
  return result | JidState.Changed;
}

/** Returns the place of the separator in the canonical form; in the source it is at `offset`. */
function addSeparator(offset: u32, separator: u32): u32 {
  if (Job.out == 0) return offset;
  const place = <u32>((Job.out - RESULT) >> Units.shift);
  if (Units.shift) store<u16>(Job.out, <u16>separator);
  else store<u8>(Job.out, <u8>separator);
  Job.out += (<usize>1) << Units.shift;
  return place;
}

/** Prepares the units [start, end) of the source as a part; 0 or a negated ErrorCode. */
function partAt(part: u32, start: u32, end: u32): i32 {
  const address = Job.source + ((<usize>start) << Units.shift);
  const length = end - start;
  if (Job.looks & (1 << part)) {
    // Where the part goes if it turns out to have changed: everything before it is as it was.
    const target = Job.out ? Job.out : RESULT + ((<usize>start) << Units.shift);
    const written = preparePart(part, address, length, Job.options, target);
    if (written < 0) {
      moveFault(start);
      return written;
    }
    if (written > 0) {
      if (Job.out == 0) copyBlocks(RESULT, Job.source, target);
      Job.out = target + ((<usize>written) << Units.shift);
      return 0;
    }
  }
  if (Job.out) {
    const stop = Job.out + ((<usize>length) << Units.shift);
    copyBlocks(Job.out, address, stop);
    Job.out = stop;
  }
  return 0;
}

/**
 * Copies to [to, end) in blocks of sixteen bytes, and keeps what stood behind the end up to the next block:
 * a part that was just written may stand there.
 */
function copyBlocks(to: usize, from: usize, end: usize): void {
  if (to == end) return;
  const behind = v128.load(end);
  for (; to < end; to += 16, from += 16) v128.store(to, v128.load(from));
  v128.store(end, behind);
}
