/*
 * Lines of a stream of bytes, chunk by chunk. A line ends with LF or CR LF, which is all that is taken
 * off; the last one may have no end.
 *
 * Bytes that are not UTF-8 become halves of surrogate pairs, U+DC80 to U+DCFF, so that no rule takes
 * them for characters and each is where it was.
 */
import { isUtf8 } from 'node:buffer';

const lineFeed = 0x0a;

/** The complete lines of each chunk in turn. */
export async function* lines(input: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  // What has no end yet: joined when its end comes, so that a long line costs no more than its length.
  let pieces: Buffer[] = [];
  for await (const chunk of input) {
    const end = chunk.lastIndexOf(lineFeed);
    if (end < 0) {
      pieces.push(chunk);
      continue;
    }
    const block = Buffer.concat([...pieces, chunk.subarray(0, end)]);
    pieces = [chunk.subarray(end + 1)];
    yield linesOf(block);
  }
  const rest = Buffer.concat(pieces);
  if (rest.length > 0) yield linesOf(rest);
}

function linesOf(block: Buffer): string[] {
  const text = isUtf8(block) ? block.toString('utf8') : textOf(block);
  return text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/** Text of bytes that are not all UTF-8. */
function textOf(bytes: Buffer): string {
  let text = '';
  let start = 0;
  // Each turn goes on by a byte at least.
  while (start < bytes.length) {
    const length = sequenceLength(bytes, start);
    text +=
      length === 0
        ? String.fromCharCode(0xdc00 + bytes[start])
        : bytes.toString('utf8', start, start + length);
    start += length || 1;
  }
  return text;
}

/** Bytes of the character at `start`, 0 if there is none. */
function sequenceLength(bytes: Buffer, start: number): number {
  const lead = bytes[start];
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const sequence = bytes.subarray(start, start + length);
  return sequence.length === length && isUtf8(sequence) ? length : 0;
}
