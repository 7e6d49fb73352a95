/*
 * The five regions that a scan writes to: window, tape, open elements, prefixes, text. While
 * a stream is scanned they are found here; stream.ts says whose memory they are (the shared one, or
 * a block of the stream's own when it holds much) and sees to it, before the scan, that each has
 * room for whatever the new bytes can produce. So nothing in the scan checks for room.
 *
 * What one byte of input can produce at most, in bytes: "<a/>x" gives three records of tape (9.6),
 * "<a>" one open element (16), " xmlns:a='b'" one prefix (2.7) and a name or value its own bytes.
 */
export const TapeGrowth: u32 = 10;
export const StackGrowth: u32 = 16;
export const PrefixGrowth: u32 = 3;
export const TextGrowth: u32 = 1;

export class Region {
  static tape: usize = 0;
  static stack: usize = 0;
  static prefixes: usize = 0;
  static text: usize = 0;
}
