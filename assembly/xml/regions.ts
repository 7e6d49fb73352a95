/*
 * The five regions that a scan writes to: window, tape, open elements, prefixes, text. While
 * a stream is scanned they are found here; stream.ts says whose memory they are: the shared one, or
 * a block of the stream's own when it holds much.
 *
 * Tape and open elements have room, before the scan, for whatever the new bytes can produce, so
 * nothing in the scan checks for it. One byte of input produces at most, in bytes: "<a/>x" three records of
 * tape (9.6), "<a>" one open element (16). Prefixes and text are written at the `>` of a tag whose
 * bytes may have come long before; they are few, so each asks for its room.
 */
import { allocate, blockSize, release } from '../memory';

export const TapeGrowth: u32 = 10;
export const StackGrowth: u32 = 16;

export class Region {
  static tape: usize = 0;
  static stack: usize = 0;
  static prefixes: usize = 0;
  static text: usize = 0;
}

/** The regions that ask for room. */
export const enum Roomy {
  Prefixes = 0,
  Text = 1,
}

/** For each: its size, and the block that took its place in the middle of a scan, or 0. */
const ROOM: usize = memory.data(16, 16);

/** Says how large a region is when a scan begins. */
export function setRoom(region: u32, size: u32): void {
  store<u32>(ROOM + (region << 3), size);
}

/** Makes room for `more` bytes in a region of which `used` are taken; false without memory. */
export function makeRoom(region: u32, used: u32, more: u32): bool {
  const room = ROOM + (region << 3);
  const size = load<u32>(room);
  const wanted = <u64>used + more + 16;
  if (wanted <= size) return true;
  // Twice what is wanted, so that the copies of many growths add up to no more than the last.
  const block = wanted < 0x3fff_ffff ? allocate((<u32>wanted) << 1) : 0;
  if (block == 0) return false;
  memory.copy(block, region == Roomy.Text ? Region.text : Region.prefixes, used);
  const grown = <usize>load<u32>(room, 4);
  if (grown) release(grown, size);
  store<u32>(room, blockSize((<u32>wanted) << 1));
  store<u32>(room, <u32>block, 4);
  if (region == Roomy.Text) Region.text = block;
  else Region.prefixes = block;
  return true;
}

/** What the scan left in grown regions has been put away. */
export function releaseGrown(): void {
  for (let room = ROOM; room < ROOM + 16; room += 8) {
    const grown = <usize>load<u32>(room, 4);
    if (grown) release(grown, load<u32>(room));
    store<u32>(room, 0, 4);
  }
}
