/*
 * The exports of the build for addresses alone; docs/ABI.md explains them and abi.ts has their numbers.
 * A result below zero is a negated ErrorCode.
 */
import { Abi, JidInput, JidOption, JidPart } from './abi';
import { ErrorCode } from './errors';
import { prepareAscii, prepareNormal, preparePartAlone } from './jid/part';
import { INPUT, prepareUtf16, prepareUtf8 } from './jid/prepare';
import { CONTROL } from './jid/result';
import { unicodeVersion } from './text/unicode-data';

/** The first call, once; addresses have nothing to make. Returns the version of the ABI. */
export function core_open(_seed: i32): i32 {
  return Abi.Version;
}

/** Address of the control block of addresses (abi.ts, JidControl). */
export function jid_control_ptr(): i32 {
  return <i32>CONTROL;
}

/** Address of JidInput.Size UTF-16 code units that JavaScript writes sources to. */
export function jid_input_ptr(): i32 {
  return <i32>INPUT;
}

/** The version of Unicode that the tables are of, a byte a part: 0x110000 is 17.0.0. */
export function jid_unicode(): i32 {
  return <i32>unicodeVersion;
}

/** Prepares the address of `length` code units at the input. Returns what JidResult describes. */
export function jid_parse(length: i32, options: i32): i32 {
  if (<u32>length > <u32>JidInput.Max || !areOptions(options)) return invalid();
  return prepareUtf16(INPUT, length, options);
}

/** The same for `length` octets of UTF-8 at the input. */
export function jid_parse_utf8(length: i32, options: i32): i32 {
  if (<u32>length > <u32>JidInput.OctetsMax || !areOptions(options)) return invalid();
  return prepareUtf8(INPUT, length, options);
}

/** Prepares one part of `length` code units at the input; they are not read when they are too many. */
export function jid_part(part: i32, length: i32, options: i32): i32 {
  if (<u32>part > <u32>JidPart.Resource || length < 0 || !areOptions(options)) return invalid();
  return preparePartAlone(part, INPUT, length, options);
}

/** Makes the ASCII form of a canonical domainpart of `length` code units at the input. */
export function jid_ascii(length: i32): i32 {
  if (length < 0) return invalid();
  return prepareAscii(INPUT, length);
}

/** Makes Normalisation Form C of up to 1,023 code units at the input, of whatever kind. */
export function jid_nfc(length: i32): i32 {
  if (length < 0) return invalid();
  return prepareNormal(INPUT, length);
}

function areOptions(options: i32): bool {
  return <u32>options <= <u32>(JidOption.AllowUnderscore | JidOption.Strict | JidOption.Verdict);
}

function invalid(): i32 {
  return -(<i32>ErrorCode.ArgumentInvalid);
}
