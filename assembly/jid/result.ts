/*
 * What a call leaves behind: the canonical form where it differs from the source, the details of an error.
 */
import { JidControl } from '../abi';

/** A canonical address in UTF-16: three parts, two separators, and the rest of the last block that is copied. */
export const RESULT: usize = memory.data(6208, 16);
export const CONTROL: usize = memory.data(JidControl.Size << 2, 16);

/** Where the canonical form is. Valid until the next call. */
export class Prepared {
  static address: usize = 0;
  /** Octets, or UTF-16 units. */
  static length: u32 = 0;
}

/** The source is canonical. */
export function keep(source: usize, length: u32): void {
  Prepared.address = source;
  Prepared.length = length;
}

/** The canonical form stands at RESULT. */
export function finish(length: u32): void {
  keep(RESULT, length);
  store<u32>(CONTROL, <u32>RESULT, JidControl.ResultPtr << 2);
  store<u32>(CONTROL, length, JidControl.ResultLength << 2);
}

/** A part breaks a rule at a place; returns what the call returns. */
export function fail(part: u32, code: u32, index: u32, codePoint: u32): i32 {
  store<u32>(CONTROL, part, JidControl.Part << 2);
  store<u32>(CONTROL, codePoint, JidControl.CodePoint << 2);
  store<u32>(CONTROL, index, JidControl.Index << 2);
  return -(<i32>code);
}

/** The place was counted from a part that begins `start` units later. */
export function moveFault(start: u32): void {
  const index = CONTROL + (JidControl.Index << 2);
  store<u32>(index, load<u32>(index) + start);
}
