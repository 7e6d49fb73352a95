/*
 * Input of the commands that read what is piped into them.
 *
 * What comes from a pipe is read into one buffer, again and again: with a buffer a piece, some hundred megabytes of
 * them wait for a collection that small heaps see little need for.
 */
import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';

/** Bytes that are read at once, as many as Node reads. */
const pieceBytes = 65_536;

/** Stdin, in pieces, each good until the next is asked for. Throws where it is a folder, which Node would read as nothing. */
export function standardInput(): AsyncIterable<Buffer> {
  const status = fstatSync(0);
  if (status.isDirectory()) throw new Error('stdin is a folder');
  // Bun's sockets take neither a descriptor nor a buffer: nothing would be read.
  const takesBuffer = process.versions.bun === undefined;
  return takesBuffer && (status.isFIFO() || status.isSocket()) ? pipedInput() : process.stdin;
}

async function* pipedInput(): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(pieceBytes);
  let length = 0;
  let end: { readonly fault: Error | undefined } | undefined;
  let wake = (): void => undefined;
  const callback = (count: number): boolean => {
    length = count;
    wake();
    return false; // no more for now
  };
  const socket = new Socket({ fd: 0, writable: false, onread: { buffer, callback } });
  const stop = (fault?: Error): void => {
    end = { fault };
    wake();
  };
  socket.on('end', () => stop()).on('error', stop);
  try {
    for (;;) {
      if (length === 0 && end === undefined) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
      if (length === 0) break;
      yield buffer.subarray(0, length);
      length = 0;
      socket.resume();
    }
    if (end?.fault !== undefined) throw end.fault;
  } finally {
    socket.destroy();
  }
}
