/*
 * One part of an address, from its units to its canonical form or the rule that it breaks.
 */
import { JidControl, JidInput, JidOption, JidPart, JidState } from '../abi';
import { ErrorCode } from '../errors';
import { writeAscii } from './ascii';
import { placeOfFault, prepareDomain } from './domain';
import { Fault, NoLabel, NoRecord } from './fault';
import { LocalWork, prepareLocal } from './local';
import { ResourceWork, prepareResource } from './resource';
import { RESULT, fail, finish } from './result';
import { PartOctetsMax, Text, compose, isNormalized, isTooLong, unnormalized } from './text';
import { Units, codePointAt, read, unitsBefore, write } from './units';

/** Octets that can become a localpart or resourcepart of 1,023; JidInput has the same for UTF-16. */
const SourceOctetsMax: u32 = 3580;
const DomainSourceOctetsMax: u32 = 8192;

/**
 * Prepares one part, which is present. Returns 0 when it is canonical, the units of its canonical form at
 * `target` when that is another, or a negated ErrorCode.
 */
export function preparePart(
  part: u32,
  source: usize,
  length: u32,
  options: u32,
  target: usize,
): i32 {
  if (length == 0) return failPart(part, ErrorCode.JidEmptyLocal + part);
  if (length > sourceMax(part)) return failPart(part, ErrorCode.JidTooLong);
  const sound = read(source, length);
  if (sound < length) return failUtf(part, source, sound);
  let isGood: bool = true;
  if (part == JidPart.Domain) isGood = prepareDomain(options);
  else if (part == JidPart.Local) {
    if (Text.seen & LocalWork) isGood = prepareLocal(options);
  } else if (Text.seen & ResourceWork) isGood = prepareResource(options);
  if (!isGood) return options & JidOption.Verdict ? -Fault.code : failAt(part, source, length);
  if (isTooLong()) return failPart(part, ErrorCode.JidTooLong);
  return Text.isMapped ? writeOther(source, length, target) : 0;
}

/** Writes the text; returns its units, 0 when it is the source after all. */
function writeOther(source: usize, length: u32, target: usize): i32 {
  const written = write(Text.start, Text.end, target);
  if (written == length && memory.compare(target, source, (<usize>length) << Units.shift) == 0) {
    return 0;
  }
  return written;
}

/** One part in UTF-16, on its own: a state, and the result where it says Changed. */
export function preparePartAlone(part: u32, source: usize, length: u32, options: u32): i32 {
  Units.shift = 1;
  return stateOf(preparePart(part, source, length, options, RESULT));
}

/** The ASCII form of a canonical domainpart in UTF-16: a state, and the result where it says Changed. */
export function prepareAscii(source: usize, length: u32): i32 {
  Units.shift = 1;
  if (length == 0) return failPart(JidPart.Domain, ErrorCode.JidEmptyDomain);
  if (length > PartOctetsMax) return failPart(JidPart.Domain, ErrorCode.JidTooLong);
  const sound = read(source, length);
  if (sound < length) return failUtf(JidPart.Domain, source, sound);
  const end = writeAscii(RESULT);
  if (end == 0) return failAt(JidPart.Domain, source, length);
  const written = (<u32>(end - RESULT)) >> 1;
  const isSame = written == length && memory.compare(RESULT, source, length << 1) == 0;
  return stateOf(isSame ? 0 : written);
}

/** Normalisation Form C of up to 1,023 units of any kind: a state, and the result in either. */
export function prepareNormal(source: usize, length: u32): i32 {
  Units.shift = 1;
  if (length > PartOctetsMax) return -(<i32>ErrorCode.ArgumentInvalid);
  const sound = read(source, length);
  if (sound < length) return failUtf(JidPart.Resource, source, sound);
  compose();
  finish(write(Text.start, Text.end, RESULT));
  return Text.isMapped ? JidState.Changed : JidState.Same;
}

function stateOf(written: i32): i32 {
  if (written <= 0) return written;
  finish(written);
  return JidState.Changed;
}

/** Units that may become a part of 1,023 octets; more are refused unread. */
function sourceMax(part: u32): u32 {
  if (part == JidPart.Domain) {
    return Units.shift ? <u32>JidInput.DomainMax : DomainSourceOctetsMax;
  }
  return Units.shift ? <u32>JidInput.PartMax : SourceOctetsMax;
}

/** The part as a whole is at fault. */
function failPart(part: u32, code: u32): i32 {
  return fail(part, code, 0, JidControl.None);
}

/** A lone surrogate is named, octets that are no UTF-8 are no code point. */
function failUtf(part: u32, source: usize, index: u32): i32 {
  const code = Units.shift ? <u32>load<u16>(source + (index << 1)) : JidControl.None;
  return fail(part, ErrorCode.JidUtf, index, code);
}

/** Finds where in the source of the part the fault is, and which of its code points is to blame. */
function failAt(part: u32, source: usize, length: u32): i32 {
  let record = Fault.record;
  if (record == NoRecord) return failPart(part, Fault.code);
  if (Fault.label != NoLabel) record = placeOfFault();
  if (isNormalized()) record = unnormalized(record);
  const index = unitsBefore(source, length, record);
  let code = Fault.codePoint;
  // What was mapped is named as the caller wrote it.
  if (code != JidControl.None && !Fault.isDecoded) {
    code = codePointAt(source + ((<usize>index) << Units.shift));
  }
  return fail(part, Fault.code, index, code);
}
