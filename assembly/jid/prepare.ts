/*
 * Addresses, RFC 7622: split, prepare each part, put together. docs/ABI.md describes the results, design note
 * 021 the path an address takes.
 *
 * Invariants: the source is split before anything is mapped; the leftmost bad part is the one that is
 * reported; a part that is canonical is not written; nothing is allocated, and the host is asked nothing.
 *
 * `prepare` exists for UTF-16 units (JavaScript) and UTF-8 octets (bytes of a stream); T says which.
 */
import { JidControl, JidInput, JidPart, JidResult, JidState } from '../abi';
import { ErrorCode } from '../errors';
import { copy } from '../memory';
import { writeAscii } from './ascii';
import { mapDomain, placeOfFault, prepareDomain } from './domain';
import { Fault, NoLabel, NoRecord } from './fault';
import { LocalWork, prepareLocal } from './local';
import { ResourceWork, prepareResource } from './resource';
import { Mask, ScanMax, scan } from './scan';
import {
  PartOctetsMax,
  Text,
  codePointAt,
  compose,
  isNormalized,
  isTooLong,
  read,
  unitsBefore,
  unnormalized,
  write,
} from './text';

/** Octets that can become a localpart or resourcepart of 1,023: a third of them are left at worst. */
const PartSourceOctetsMax: u32 = 3580;
const DomainSourceOctetsMax: u32 = 8192;

/** A canonical address: three parts and two separators. */
const RESULT: usize = memory.data(6208, 16);
/** Where JavaScript writes, with room for the last block that is read. */
export const INPUT: usize = memory.data((JidInput.Size << 1) + 64, 16);
export const CONTROL: usize = memory.data(JidControl.Size << 2, 16);

/** Where the canonical form is. Valid until the next call. */
export class Prepared {
  static address: usize = 0;
  /** Octets, or UTF-16 units. */
  static length: u32 = 0;
}

/** Prepares `length` octets at `address`; up to 15 bytes behind them are read. */
export function prepareUtf8(address: usize, length: u32, options: u32): i32 {
  return prepare<u8>(address, length, options);
}

/** There is no such separator. */
const Absent: u32 = 0xffff_ffff;

/**
 * Prepares an address of `length` units. Returns what JidResult describes, or a negated ErrorCode with the
 * details in the control block.
 */
export function prepare<T>(source: usize, length: u32, options: u32): i32 {
  if (length - 1 >= ScanMax) return prepareLong<T>(source, length, options);
  scan<T>(source, length);
  const slashes = Mask.slash;
  const slash = slashes ? <u32>ctz(slashes) : length;
  // All bits below the slash, for 0 to 64.
  const bare = slash == 0 ? 0 : ~(<u64>0) >> (64 - slash);
  const ats = Mask.at & bare;
  // The lowest bit of `ats`, and all below it.
  const atBit = ats & (0 - ats);
  const local = ats ? atBit - 1 : 0;
  const domain = bare & ~(local | atBit);
  const dot = Mask.dot & domain;
  const hyphen = Mask.hyphen & domain;
  const starts = (domain & (0 - domain)) | (dot << 1);
  const lasts = (((<u64>1) << slash) >> 1) | (dot >> 1);
  const isDomainBad =
    (Mask.domainBad & domain) |
    ((starts | lasts) & (dot | hyphen)) |
    // Hyphens in the third and fourth place.
    ((starts << 2) & hyphen & (hyphen >> 1))
      ? true
      : domain == 0;
  const isLocalBad = Mask.localBad & local ? true : atBit == 1;
  const isResourceBad = Mask.resourceBad & ~bare ? true : slash + 1 == length;
  const at = ats ? <u32>ctz(ats) : 0;
  if (!(isLocalBad || isDomainBad || isResourceBad)) {
    const result = (at << JidResult.AtShift) | (slashes ? slash << JidResult.SlashShift : 0);
    if (!(Mask.upper & bare)) {
      Prepared.address = source;
      Prepared.length = length;
      return result;
    }
    // JavaScript makes the string by itself.
    if (sizeof<T>() == 2) return result | JidState.Case;
    copy(RESULT, source, length);
    for (let p = RESULT; p < RESULT + slash; p++) {
      const c = <u32>load<u8>(p);
      if (c - 0x41 < 26) store<u8>(p, <u8>(c | 0x20));
    }
    finish(length);
    return result | JidState.Case;
  }
  return prepareParts<T>(
    source,
    length,
    options,
    ats ? at : Absent,
    slashes ? slash : Absent,
    isLocalBad || (Mask.upper & local) != 0,
    isDomainBad || (Mask.upper & domain) != 0,
    isResourceBad,
  );
}

/** The same for a source that is empty or longer than a scan; only its separators are looked for. */
function prepareLong<T>(source: usize, length: u32, options: u32): i32 {
  const slash = find<T>(source, length, 0x2f);
  const at = find<T>(source, slash == Absent ? length : slash, 0x40);
  return prepareParts<T>(source, length, options, at, slash, true, true, true);
}

/** Units before the first `wanted`, or Absent; reads whole blocks of sixteen bytes. */
function find<T>(source: usize, length: u32, wanted: u8): u32 {
  const step: u32 = 16 / sizeof<T>();
  for (let offset: u32 = 0; offset < length; offset += step) {
    const block = v128.load(source + offset * sizeof<T>());
    const found =
      sizeof<T>() == 2
        ? i16x8.bitmask(i16x8.eq(block, i16x8.splat(<i16>wanted)))
        : i8x16.bitmask(i8x16.eq(block, i8x16.splat(<i8>wanted)));
    if (found) {
      const index = offset + ctz<u32>(found);
      return index < length ? index : Absent;
    }
  }
  return Absent;
}

/** The address that is being prepared, or the part. */
class Job {
  /** Where the next part of the canonical form goes; 0 as long as it is the source. */
  static out: usize = 0;
}

/** Prepares the parts that need it, from the left, and puts them together when one has changed. */
function prepareParts<T>(
  source: usize,
  length: u32,
  options: u32,
  at: u32,
  slash: u32,
  lookAtLocal: bool,
  lookAtDomain: bool,
  lookAtResource: bool,
): i32 {
  const bare = slash == Absent ? length : slash;
  Job.out = 0;
  let start: u32 = 0;
  let result: i32 = 0;
  if (at != Absent) {
    const fault = partAt<T>(JidPart.Local, source, 0, at, options, lookAtLocal);
    if (fault < 0) return fault;
    result = offsetIn<T>(at) << JidResult.AtShift;
    addSeparator<T>(0x40);
    start = at + 1;
  }
  const fault = partAt<T>(JidPart.Domain, source, start, bare, options, lookAtDomain);
  if (fault < 0) return fault;
  if (slash != Absent) {
    result |= offsetIn<T>(slash) << JidResult.SlashShift;
    addSeparator<T>(0x2f);
    const fault = partAt<T>(JidPart.Resource, source, slash + 1, length, options, lookAtResource);
    if (fault < 0) return fault;
  }
  if (Job.out == 0) {
    Prepared.address = source;
    Prepared.length = length;
    // A separator in front of a part that is not there would have been an error.
    return result;
  }
  finish(offsetIn<T>(0));
  return result | JidState.Changed;
}

/** Units of the canonical form so far; as many as of the source while nothing has changed. */
function offsetIn<T>(sourceOffset: u32): u32 {
  return Job.out ? <u32>((Job.out - RESULT) / sizeof<T>()) : sourceOffset;
}

function addSeparator<T>(separator: u32): void {
  if (Job.out == 0) return;
  store<T>(Job.out, <T>separator);
  Job.out += sizeof<T>();
}

/** Prepares the units [start, end) of the source as a part; 0 or a negated ErrorCode. */
function partAt<T>(
  part: u32,
  source: usize,
  start: u32,
  end: u32,
  options: u32,
  isLookedAt: bool,
): i32 {
  const address = source + start * sizeof<T>();
  const length = end - start;
  if (isLookedAt) {
    // Where the part goes if it turns out to have changed.
    const target = Job.out ? Job.out : RESULT + start * sizeof<T>();
    const written = preparePart<T>(part, address, length, options, target);
    if (written < 0) {
      const index = CONTROL + (JidControl.Index << 2);
      store<u32>(index, load<u32>(index) + start);
      return written;
    }
    if (written > 0) {
      if (Job.out == 0) copyBlocks(RESULT, source, target);
      Job.out = target + <u32>written * sizeof<T>();
      return 0;
    }
  }
  if (Job.out) {
    const out = Job.out + length * sizeof<T>();
    copyBlocks(Job.out, address, out);
    Job.out = out;
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

/** The canonical form stands at RESULT. */
function finish(length: u32): void {
  Prepared.address = RESULT;
  Prepared.length = length;
  store<u32>(CONTROL, <u32>RESULT, JidControl.ResultPtr << 2);
  store<u32>(CONTROL, length, JidControl.ResultLength << 2);
}

/** One part, on its own: a state, and the result where it says Changed. */
export function prepareAlone<T>(part: u32, source: usize, length: u32, options: u32): i32 {
  const written = preparePart<T>(part, source, length, options, RESULT);
  if (written <= 0) return written;
  finish(written);
  return JidState.Changed;
}

/** The ASCII form of a canonical domainpart in UTF-16: a state, and the result where it says Changed. */
export function prepareAscii(source: usize, length: u32): i32 {
  if (length == 0) return fail(JidPart.Domain, ErrorCode.JidEmptyDomain, 0);
  if (length > PartOctetsMax) return fail(JidPart.Domain, ErrorCode.JidTooLong, 0);
  const sound = read<u16>(source, length);
  if (sound < length) return failUtf<u16>(JidPart.Domain, source, sound);
  const end = writeAscii(RESULT);
  if (end == 0) return failAt<u16>(JidPart.Domain, source, length);
  const written = (<u32>(end - RESULT)) >> 1;
  if (written == length && memory.compare(RESULT, source, length << 1) == 0) return JidState.Same;
  finish(written);
  return JidState.Changed;
}

/** Normalisation Form C of UTF-16 of any kind, up to a part's length: a state, and the result. */
export function prepareNormal(source: usize, length: u32): i32 {
  if (length > PartOctetsMax) return -(<i32>ErrorCode.ArgumentInvalid);
  const sound = read<u16>(source, length);
  if (sound < length) return failUtf<u16>(JidPart.Resource, source, sound);
  compose();
  finish(write<u16>(RESULT));
  return Text.isMapped ? JidState.Changed : JidState.Same;
}

/**
 * Prepares one part, which is present. Returns 0 when it is canonical, the units of its canonical form at
 * `target` when that is another, or a negated ErrorCode.
 */
function preparePart<T>(part: u32, source: usize, length: u32, options: u32, target: usize): i32 {
  if (length == 0) return fail(part, ErrorCode.JidEmptyLocal + part, 0);
  if (length > sourceMax<T>(part)) return fail(part, ErrorCode.JidTooLong, 0);
  const sound = read<T>(source, length);
  if (sound < length) return failUtf<T>(part, source, sound);
  let isGood: bool = true;
  if (part == JidPart.Domain) isGood = prepareDomain(options);
  else if (part == JidPart.Local) {
    if (Text.seen & LocalWork) isGood = prepareLocal(options);
  } else if (Text.seen & ResourceWork) isGood = prepareResource(options);
  if (!isGood) return failAt<T>(part, source, length);
  if (isTooLong()) return fail(part, ErrorCode.JidTooLong, 0);
  if (!Text.isMapped) return 0;
  const written = write<T>(target);
  if (written == length && memory.compare(target, source, length * sizeof<T>()) == 0) return 0;
  return written;
}

/** Units that may become a part of 1,023 octets; more are refused unread. */
function sourceMax<T>(part: u32): u32 {
  if (part == JidPart.Domain) {
    return sizeof<T>() == 2 ? <u32>JidInput.DomainMax : DomainSourceOctetsMax;
  }
  return sizeof<T>() == 2 ? <u32>JidInput.PartMax : PartSourceOctetsMax;
}

function fail(part: u32, code: u32, index: u32): i32 {
  store<u32>(CONTROL, part, JidControl.Part << 2);
  store<u32>(CONTROL, JidControl.None, JidControl.CodePoint << 2);
  store<u32>(CONTROL, index, JidControl.Index << 2);
  return -(<i32>code);
}

/** A lone surrogate is named, octets that are no UTF-8 are no code point. */
function failUtf<T>(part: u32, source: usize, index: u32): i32 {
  const result = fail(part, ErrorCode.JidUtf, index);
  if (sizeof<T>() == 2) {
    store<u32>(CONTROL, load<u16>(source + (index << 1)), JidControl.CodePoint << 2);
  }
  return result;
}

/** Finds where in the source of the part the fault is, and which of its code points is to blame. */
function failAt<T>(part: u32, source: usize, length: u32): i32 {
  let record = Fault.record;
  if (record == NoRecord) return fail(part, Fault.code, 0);
  if (Fault.label != NoLabel) {
    read<T>(source, length);
    mapDomain();
    record = placeOfFault();
  }
  if (isNormalized()) record = unnormalized(record);
  const index = unitsBefore<T>(source, length, record);
  const result = fail(part, Fault.code, index);
  if (Fault.codePoint == JidControl.None) return result;
  // What was mapped is named as the caller wrote it.
  const code = Fault.isDecoded ? Fault.codePoint : codePointAt<T>(source + index * sizeof<T>());
  store<u32>(CONTROL, code, JidControl.CodePoint << 2);
  return result;
}
