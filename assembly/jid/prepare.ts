/*
 * Addresses, RFC 7622: split, prepare each part, put together. docs/ABI.md describes the results, design note
 * 021 the path an address takes.
 *
 * Invariants: the source is split before anything is mapped; the leftmost bad part is the one that is
 * reported; a part that is canonical is not written; nothing is allocated, and the host is asked nothing.
 *
 * Sources are UTF-16 units (JavaScript) or UTF-8 octets (bytes of a stream); Units.shift says which.
 */
import { JidControl, JidInput, JidOption, JidPart, JidResult, JidState } from '../abi';
import { ErrorCode } from '../errors';
import { copy } from '../memory';
import { decodeLabels } from './a-labels';
import { Absent, Look, prepareParts } from './parts';
import { RESULT, fail, finish, keep } from './result';
import { Mask, SCANNED, ScanMax, scan } from './scan';
import { Units } from './units';

export { Prepared } from './result';

/** Where JavaScript writes, with room for the last block that is read. */
export const INPUT: usize = memory.data((JidInput.Size << 1) + 64, 16);

/**
 * Prepares `length` octets at `address`; up to 15 bytes behind them are read. Returns what JidResult describes, or a
 * negated ErrorCode with the details in the control block.
 */
export function prepareUtf8(address: usize, length: u32, options: u32): i32 {
  Units.shift = 0;
  return prepare(address, length, options);
}

/** The same for UTF-16 units; up to 31 bytes behind them are read. */
export function prepareUtf16(address: usize, length: u32, options: u32): i32 {
  Units.shift = 1;
  return prepare(address, length, options);
}

function prepare(source: usize, length: u32, options: u32): i32 {
  if (length - 1 >= ScanMax) return prepareLong(source, length, options);
  scan(source, length);
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
  // The highest bit of `bare` is right for all 64 units too, where a shift by 64 would be one by 0.
  const lasts = (bare ^ (bare >> 1)) | (dot >> 1);
  const foreign = Mask.domainBad & domain;
  const edges = (starts | lasts) & (dot | hyphen);
  // Hyphens in the third and fourth place.
  const prefixed = (starts << 2) & hyphen & (hyphen >> 1);
  const isDomainBad = foreign | edges | prefixed ? true : domain == 0;
  const isLocalBad = Mask.localBad & local ? true : atBit == 1;
  const isResourceBad = Mask.resourceBad & ~bare ? true : slash + 1 == length;
  const at = ats ? <u32>ctz(ats) : 0;
  if (!(isLocalBad || isDomainBad || isResourceBad)) {
    const result = (at << JidResult.AtShift) | (slashes ? slash << JidResult.SlashShift : 0);
    if (!(Mask.upper & bare)) {
      keep(source, length);
      return result;
    }
    // JavaScript makes the string by itself.
    if (Units.shift) return result | JidState.Case;
    copy(RESULT, source, length);
    for (let p = RESULT; p < RESULT + slash; p++) {
      const c = <u32>load<u8>(p);
      if (c - 0x41 < 26) store<u8>(p, <u8>(c | 0x20));
    }
    finish(length);
    return result | JidState.Case;
  }
  if (atBit == 1) return fail(JidPart.Local, ErrorCode.JidEmptyLocal, 0, JidControl.None);
  if (options & JidOption.Verdict) {
    const bad = (Mask.localBad & local) | foreign | (Mask.resourceBad & ~bare);
    if (isHopeless(bad, domain, options)) return -(<i32>ErrorCode.JidDisallowed);
  }
  if (prefixed && !(isLocalBad || isResourceBad || foreign | edges | (Mask.upper & bare))) {
    const written = decodeLabels(source, length, slash, dot, hyphen, prefixed);
    if (written) {
      const result = JidState.Changed | (at << JidResult.AtShift);
      // All that is before the slash was made shorter by what the whole was.
      return slashes ? result | ((slash + written - length) << JidResult.SlashShift) : result;
    }
  }
  if (isLocalBad || !isDomainBad) {
    const fault = isLocalBad
      ? asciiFault(JidPart.Local, Mask.localBad & local)
      : asciiFault(JidPart.Resource, Mask.resourceBad & ~bare);
    if (fault < 0) return fault;
  }
  const looks =
    (isLocalBad || Mask.upper & local ? Look.Local : 0) |
    (isDomainBad || Mask.upper & domain ? Look.Domain : 0) |
    (isResourceBad ? Look.Resource : 0);
  return prepareParts(source, length, options, ats ? at : Absent, slashes ? slash : Absent, looks);
}

/**
 * Whether there is a character of ASCII among `bits` that no step makes good. Those that compose, `<`, `=` and `>` with
 * U+0338, become symbols, which are as bad.
 */
function isHopeless(bits: u64, domain: u64, options: u32): bool {
  for (; bits; bits &= bits - 1) {
    const index = <u32>ctz(bits);
    const unit = <u32>load<u8>(SCANNED + index);
    if (unit >= 0x80) continue;
    if (!((domain >> index) & 1)) return true;
    // What an IPv6 address has, and what an option lets pass.
    if (unit == 0x3a || unit == 0x5b || unit == 0x5d) continue;
    if (unit != 0x5f || !(options & JidOption.AllowUnderscore)) return true;
  }
  return false;
}

/**
 * What is wrong with a localpart or resourcepart, the leftmost that is bad, if it is all ASCII; 0 when it is not,
 * or nothing is wrong with it but its length. `bits` are its bad units.
 */
function asciiFault(part: u32, bits: u64): i32 {
  let code: u32 = 0;
  let place: u32 = 0;
  for (; bits; bits &= bits - 1) {
    const index = <u32>ctz(bits);
    const unit = <u32>load<u8>(SCANNED + index);
    if (unit >= 0x80) return 0;
    if (code == ErrorCode.JidDisallowed) continue;
    // The class comes before what is excluded.
    if (unit <= 0x20 || unit == 0x7f) code = ErrorCode.JidDisallowed;
    else if (code == 0) code = ErrorCode.JidExcluded;
    else continue;
    place = index;
  }
  if (code == 0) return 0;
  return fail(part, code, place, <u32>load<u8>(SCANNED + place));
}

/** The same for a source that is empty or longer than a scan; only its separators are looked for. */
function prepareLong(source: usize, length: u32, options: u32): i32 {
  const slash = find(source, length, 0x2f);
  const at = find(source, slash == Absent ? length : slash, 0x40);
  return prepareParts(source, length, options, at, slash, Look.All);
}

/** Units before the first `wanted`, or Absent; reads whole blocks of sixteen bytes. */
function find(source: usize, length: u32, wanted: u8): u32 {
  const shift = Units.shift;
  const step: u32 = 16 >> (<u32>shift);
  for (let offset: u32 = 0; offset < length; offset += step) {
    const block = v128.load(source + ((<usize>offset) << shift));
    const found = shift
      ? i16x8.bitmask(i16x8.eq(block, i16x8.splat(<i16>wanted)))
      : i8x16.bitmask(i8x16.eq(block, i8x16.splat(<i8>wanted)));
    if (found) {
      const index = offset + ctz<u32>(found);
      return index < length ? index : Absent;
    }
  }
  return Absent;
}
