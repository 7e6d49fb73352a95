/*
 * Writing the tape: records of four words (abi.ts), one after the other, at Scan.tape.
 * Regions guarantee the room (regions.ts).
 */
import { Flag, Kind, Tape } from '../abi';
import { Scan } from './scan';

export const RecordSize: usize = (<usize>Tape.Size) << 2;

export class Record {
  /** The first word. */
  @inline static head(kind: u32, flags: u32, number: u32): u32 {
    return kind | (flags << 8) | (number << 16);
  }

  /** Writes one record at `tape` and returns the place after it. */
  @inline static put(tape: usize, head: u32, detail: u32, offset: u32, extent: u32): usize {
    store<u32>(tape, head, (<usize>Tape.Head) << 2);
    store<u32>(tape, detail, (<usize>Tape.Detail) << 2);
    store<u32>(tape, offset, (<usize>Tape.Offset) << 2);
    store<u32>(tape, extent, (<usize>Tape.Extent) << 2);
    return tape + RecordSize;
  }
}

/** The same, for those who are in no hurry. */
export function put(tape: usize, head: u32, detail: u32, offset: u32, extent: u32): usize {
  return Record.put(tape, head, detail, offset, extent);
}

export function word(record: usize, index: u32): u32 {
  return load<u32>(record + ((<usize>index) << 2));
}

export function head(kind: u32, flags: u32, number: u32): u32 {
  return Record.head(kind, flags, number);
}

/** Offset on the tape of an address in the window. */
export function offsetOf(p: usize): u32 {
  return <u32>(p - Scan.base);
}

/** Whether [p, end) holds a byte above 0x7F. May look at up to 15 bytes behind `end`. */
function hasHigh(p: usize, end: usize): bool {
  while (p + 16 <= end) {
    if (i8x16.bitmask(v128.load(p)) != 0) return true;
    p += 16;
  }
  const rest = <u32>(end - p);
  return rest != 0 && (i8x16.bitmask(v128.load(p)) & ((1 << rest) - 1)) != 0;
}

function hasReturn(p: usize, end: usize): bool {
  for (; p < end; p += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(p), i8x16.splat(0x0d)));
    const rest: i32 = <i32>(end - p);
    if (rest < 16) found &= (1 << rest) - 1;
    if (found != 0) return true;
  }
  return false;
}

/** The flags of a CDATA section that its bytes decide. */
function cdataFlags(p: usize, end: usize): u32 {
  const high: u32 = hasHigh(p, end) ? Flag.High : 0;
  return hasReturn(p, end) ? high | Flag.Escaped : high;
}

/** Writes the TEXT record of [p, end). */
export function putText(p: usize, end: usize, flags: u32): void {
  if (flags & Flag.Cdata) flags |= cdataFlags(p, end);
  Scan.tape = put(Scan.tape, head(Kind.Text, flags, 0), 0, offsetOf(p), <u32>(end - p));
}

/** Bytes of the qualified name of an ATTRIBUTE or XMLNS record. */
export function attributeNameLength(record: usize): u32 {
  const name = word(record, Tape.Detail);
  if (!(word(record, Tape.Head) & ((<u32>Flag.Spaced) << 8)))
    return word(record, Tape.Offset) - 2 - name;
  let p = Scan.base + name;
  while (load<u8>(p) > 0x20 && load<u8>(p) != 0x3d) p++;
  return <u32>(p - Scan.base) - name;
}
