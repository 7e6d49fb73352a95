/*
 * What a stream keeps between two chunks, when something is incomplete: one block with the
 * registers of the scan (as offsets, since windows move) and the used parts of the five regions.
 *
 *     +-----------+--------+------+---------------+----------+------+
 *     | registers | window | tape | open elements | prefixes | text |
 *     +-----------+--------+------+---------------+----------+------+
 *
 * Copying all that out and in again at each chunk is quick while it is small, and quadratic when it
 * is not. So a region that has outgrown the chunk (and SmallMax) moves to a block of its own, and is
 * scanned there, in place, until it shrinks: each chunk then costs what the chunk is long.
 */
import { Abi } from '../abi';
import { allocate, blockSize, copy, release, reserve } from '../memory';
import { Region, Roomy, StackGrowth, TapeGrowth, setRoom } from './regions';

/** Regions up to this many bytes are always copied. */
export const SmallMax: u32 = 4096;
/** Bytes of `<` behind a window, so that loads of 16 bytes stop there. */
export const PadBytes: u32 = 64;

export const enum Part {
  Window = 0,
  Tape = 1,
  Stack = 2,
  Prefixes = 3,
  Text = 4,
  Count = 5,
}

/** A region as the spill block has it: its own block or 0 (then it is packed), bytes used, size asked for. */
@unmanaged
export class PartRecord {
  block: u32;
  used: u32;
  size: u32;
}
const PartRecordSize: u32 = 12;

/** The head of a spill block; every field but the parts mirrors one of Scan. */
@unmanaged
export class Spill {
  size: u32;
  /** Bytes of an incomplete UTF-8 sequence at the end of the window. */
  pending: u32;
  /** Bytes before them that are read again, the beginning of a tag. */
  unread: u32;
  hasUnit: u32;
  token: u32;
  name: u32;
  nameEnd: u32;
  value: u32;
  reference: u32;
  /** Tape bytes from the unit's first record to the tag's. */
  tag: u32;
  tagName: u32;
  tagColon: u32;
  quote: u32;
  flags: u32;
  attributes: u32;
  checks: u32;
  referenceForm: u32;
  referenceNumber: u32;
  hasHeader: u32;
  parts: u32;
}
/** Registers, then the part records, rounded up. */
export const SpillHead: u32 = 144;

export function partOf(spill: usize, part: u32): PartRecord {
  return changetype<PartRecord>(spill + offsetof<Spill>('parts') + part * PartRecordSize);
}

/** The shared regions, one after the other; sizes leave room for a chunk on top of what is copied in. */
class Shared {
  static tape: usize = 0;
  static stack: usize = 0;
  static prefixes: usize = 0;
  static text: usize = 0;
  static input: usize = 0;
}

const CopyMax: u32 = Abi.InputSize;
/** What the bytes of a short tag that is read again may bring beyond the account. */
const Slack: u32 = 4096;

export function sharedSize(part: u32): u32 {
  return CopyMax + <u32>Abi.InputSize * growthOf(part) + PadBytes + Slack;
}

export function buildShared(): void {
  // Head-room before the input for a carried window, so that it and the chunk are contiguous.
  Shared.input = reserve(CopyMax + <u32>Abi.InputSize + PadBytes) + CopyMax;
  Shared.tape = reserve(sharedSize(Part.Tape));
  Shared.stack = reserve(sharedSize(Part.Stack));
  Shared.prefixes = reserve(sharedSize(Part.Prefixes));
  Shared.text = reserve(sharedSize(Part.Text));
  useShared();
}

/** Where JavaScript writes a chunk. */
export function inputAddress(): usize {
  return Shared.input;
}

export function useShared(): void {
  Region.tape = Shared.tape;
  Region.stack = Shared.stack;
  Region.prefixes = Shared.prefixes;
  setRoom(Roomy.Prefixes, sharedSize(Part.Prefixes));
  Region.text = Shared.text;
  setRoom(Roomy.Text, sharedSize(Part.Text));
}

export function sharedRegion(part: u32): usize {
  switch (part) {
    case Part.Tape: return Shared.tape;
    case Part.Stack: return Shared.stack;
    case Part.Prefixes: return Shared.prefixes;
    case Part.Text: return Shared.text;
    default: return Shared.input;
  } // prettier-ignore
}

function growthOf(part: u32): u32 {
  switch (part) {
    case Part.Tape: return TapeGrowth;
    case Part.Stack: return StackGrowth;
    case Part.Window: return 1;
    default: return 0;
  } // prettier-ignore
}

export function setRegion(part: u32, address: usize, size: u32): void {
  switch (part) {
    case Part.Tape: Region.tape = address; break;
    case Part.Stack: Region.stack = address; break;
    case Part.Prefixes: Region.prefixes = address; setRoom(Roomy.Prefixes, size); break;
    case Part.Text: Region.text = address; setRoom(Roomy.Text, size); break;
    default: break;
  } // prettier-ignore
}

/** Whether a region with so many bytes in use is copied at each chunk of `length` bytes. */
export function isSmall(used: u32, length: u32): bool {
  return used <= max(SmallMax, length) && used <= CopyMax;
}

/**
 * Makes the part ready for `length` bytes of input, new ones and those that are read again, with what
 * it has at `packed` when it has no block of its own. Returns where it is, 0 when memory is out.
 */
export function readyPart(part: PartRecord, index: u32, length: u32, packed: usize): usize {
  const wanted = <u64>part.used + <u64>length * growthOf(index) + PadBytes + Slack;
  if (part.block == 0 && wanted <= sharedSize(index)) {
    const shared = sharedRegion(index);
    copy(shared, packed, part.used);
    return shared;
  }
  if (part.block != 0 && wanted <= part.size) return part.block;
  if (wanted > 0x7fff_ffff) return 0;
  const size = blockSize(<u32>wanted);
  const block = allocate(size);
  if (block == 0) return 0;
  memory.copy(block, part.block ? <usize>part.block : packed, part.used);
  if (part.block) release(part.block, part.size);
  part.block = <u32>block;
  part.size = size;
  return block;
}

/** A spill block is no longer needed; its parts' own blocks go with it. */
export function releaseSpill(spill: usize): void {
  if (spill == 0) return;
  for (let i: u32 = 0; i < <u32>Part.Count; i++) {
    const part = partOf(spill, i);
    if (part.block) release(part.block, part.size);
  }
  release(spill, changetype<Spill>(spill).size);
}

/** Blocks that hold what the caller is still to read; they go at the next call. */
class Lent {
  static window: usize = 0;
  static windowSize: u32 = 0;
  static tape: usize = 0;
  static tapeSize: u32 = 0;
}

/** Keeps a window or tape block alive until the next call. */
export function lend(part: u32, block: usize, size: u32): void {
  if (part == Part.Window) {
    Lent.window = block;
    Lent.windowSize = size;
  } else if (part == Part.Tape) {
    Lent.tape = block;
    Lent.tapeSize = size;
  } else release(block, size);
}

export function releaseLent(): void {
  if (Lent.window) release(Lent.window, Lent.windowSize);
  if (Lent.tape) release(Lent.tape, Lent.tapeSize);
  Lent.window = 0;
  Lent.tape = 0;
}
