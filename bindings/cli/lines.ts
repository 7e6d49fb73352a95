/*
 * Lines of a stream of bytes, chunk by chunk. A line ends with LF or CR LF, which is all that is taken
 * off; the last one may have no end.
 *
 * Bytes that are not UTF-8 become halves of surrogate pairs, U+DC80 to U+DCFF, so that no rule takes
 * them for characters and each is where it was.
 *
 * A line of more than `lineMax` bytes is no address. Its start is kept, and the rest read and forgotten, so that
 * memory is bounded whatever comes.
 */
import { isUtf8 } from 'node:buffer';

const lineFeed = 0x0a;
const at = 0x40;
const slash = 0x2f;

/** Bytes of a line that are kept; four times what the longest address has before it is prepared. */
export const lineMax = 65_536;

/** The complete lines of each chunk in turn. A chunk is not read again once the next is asked for. */
export async function* lines(input: AsyncIterable<Buffer>): AsyncGenerator<string[]> {
  const open = new OpenLine();
  for await (const chunk of input) {
    const first = chunk.indexOf(lineFeed);
    if (first < 0) {
      open.add(chunk);
      continue;
    }
    open.add(chunk.subarray(0, first));
    const found = [open.take()];
    const last = chunk.lastIndexOf(lineFeed);
    if (last > first) addLines(found, chunk.subarray(first + 1, last));
    open.add(chunk.subarray(last + 1));
    yield found;
  }
  if (open.length > 0) yield [open.take()];
}

/** A line whose end has not come yet. */
class OpenLine {
  /** Bytes that it has, kept or not. */
  length = 0;
  // Joined when the end comes, so that a long line costs no more than its length.
  #pieces: Buffer[] = [];
  /** The first separator that was not kept. */
  #separator: number | undefined;

  add(bytes: Buffer): void {
    const room = Math.max(0, lineMax - this.length);
    this.length += bytes.length;
    if (room > 0) this.#pieces.push(Buffer.from(bytes.subarray(0, room)));
    if (bytes.length > room) this.#separator ??= firstSeparator(bytes.subarray(room));
  }

  take(): string {
    let bytes: Buffer = Buffer.concat(this.#pieces);
    let end = '';
    if (this.length > lineMax) {
      bytes = withoutBroken(bytes);
      // What is too long is the localpart if an '@' ends it, else the domainpart or resourcepart.
      if (this.#separator === at && !bytes.includes(at) && !bytes.includes(slash)) end = '@';
    }
    this.length = 0;
    this.#pieces = [];
    this.#separator = undefined;
    return withoutReturn(textOf(bytes)) + end;
  }
}

function addLines(found: string[], block: Buffer): void {
  if (block.length <= lineMax) {
    for (const line of textOf(block).split('\n')) found.push(withoutReturn(line));
    return;
  }
  // There is room for a line that is too long.
  const line = new OpenLine();
  let start = 0;
  while (start <= block.length) {
    const next = block.indexOf(lineFeed, start);
    const end = next < 0 ? block.length : next;
    line.add(block.subarray(start, end));
    found.push(line.take());
    start = end + 1;
  }
}

function firstSeparator(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(slash);
  if ((end < 0 ? bytes : bytes.subarray(0, end)).includes(at)) return at;
  return end < 0 ? undefined : slash;
}

const withoutReturn = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line);

/** Without the character at the end that was cut in two, if there is one. */
function withoutBroken(bytes: Buffer): Buffer {
  let lead = bytes.length - 1;
  while (lead > bytes.length - 4 && (bytes[lead] & 0xc0) === 0x80) lead--;
  return bytes[lead] >= 0xc0 && sequenceLength(bytes, lead) === 0 ? bytes.subarray(0, lead) : bytes;
}

/** Text of bytes, of which not all need be UTF-8. */
function textOf(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
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
