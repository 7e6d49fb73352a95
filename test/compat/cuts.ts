/*
 * A source in pieces: whole, and bytes cut at every so many.
 */

/** Sizes of pieces in bytes; 0 is the whole source, as text. */
export const cuts = [0, 1, 2, 3, 7, 64];

export function cutInto(source: string, size: number): (string | Buffer)[] {
  if (size === 0) return [source];
  const bytes = Buffer.from(source);
  const pieces: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    pieces.push(bytes.subarray(start, start + size));
  }
  return pieces;
}
