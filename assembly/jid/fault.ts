/*
 * What is wrong with an address: the rule, the code point to blame, and where it stands. The steps
 * (local.ts, domain.ts, resource.ts) say which record of the text it is; prepare.ts finds the place in
 * the source, which only an error needs.
 */
import { JidControl } from '../abi';
import { ErrorCode } from '../errors';
import { Point, PointShift } from '../text/points';
import { Text } from './text';

export class Fault {
  static code: u32 = 0;
  static codePoint: u32 = 0;
  /** Index of the record in the text, or NoRecord: the part as a whole. */
  static record: u32 = 0;
  /** The code point stands in an A-label, not in the source. */
  static isDecoded: bool = false;
  /** The label of the domain, counted from 0, that `record` counts from; NoLabel when from the start. */
  static label: u32 = 0;
}

export const NoRecord: u32 = 0xffff_ffff;
export const NoLabel: u32 = 0xffff_ffff;

/** The part as a whole breaks a rule. */
export function blamePart(code: ErrorCode): bool {
  Fault.code = code;
  Fault.codePoint = JidControl.None;
  Fault.record = NoRecord;
  Fault.label = NoLabel;
  Fault.isDecoded = false;
  return false;
}

/** The record at `at` in the text breaks a rule. */
export function blame(code: ErrorCode, at: usize): bool {
  blamePart(code);
  Fault.codePoint = Point.code(at);
  Fault.record = <u32>((at - Text.start) >> PointShift);
  return false;
}

/** A place in the text without a code point, such as an empty label. */
export function blamePlace(code: ErrorCode, at: usize): bool {
  blame(code, at);
  Fault.codePoint = JidControl.None;
  return false;
}
