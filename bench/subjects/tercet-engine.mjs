/**
 * The core of tercet below its classes: bytes to the input, one call a chunk, records on the tape.
 *
 * This is the level that libexpat is compared at: there an event is a call with pointers into the input, here a record
 * of 16 bytes with offsets into it. The numbers are those of assembly/abi.ts, which a bench script cannot import.
 */

import { entryUrl } from './package.mjs';

const { Engine } = await import(entryUrl());

const framingStream = 0;
const feedOpen = 0;
const control = { tapePtr: 0, basePtr: 2 };
const kinds = { start: 1, end: 2, text: 3, attribute: 4, error: 7 };
const flags = { escaped: 1, cdata: 4 };
export const inputSize = 65536;

const engine = new Engine();
const { core, inputOffset } = engine;
const controlWord = core.control_ptr() >>> 2;
let bytes;
let words;
renew();

function renew() {
  bytes = new Uint8Array(core.memory.buffer);
  words = new Int32Array(core.memory.buffer);
}

export const memorySize = () => core.memory.buffer.byteLength;

export function openStream() {
  const handle = core.stream_open(framingStream, 0, 0);
  if (handle < 0) throw new Error(`stream_open: ${handle}`);
  return handle;
}

export function closeStream(handle) {
  core.stream_close(handle);
}

/** Feeds a chunk of at most `inputSize` bytes. Returns the bytes of tape; throws when the stream is refused. */
export function feedStream(handle, chunk) {
  // Memory may have grown in an earlier call: the old views have no length then.
  if (bytes.length === 0) renew();
  bytes.set(chunk, inputOffset);
  const length = core.stream_feed(handle, chunk.length, feedOpen);
  if (length > 0) {
    if (words.length === 0) renew();
    const last = ((words[controlWord + control.tapePtr] + length) >>> 2) - 4;
    if ((words[last] & 0xff) === kinds.error)
      throw new Error(`refused with code ${words[last + 1]}`);
  } else if (length < 0) throw new Error(`stream_feed: ${length}`);
  return length;
}

/** How many stanzas are on a tape of this length: one skip link each. The header has none. */
export function countStanzas(length) {
  const first = words[controlWord + control.tapePtr] >>> 2;
  const end = first + (length >>> 2);
  let count = 0;
  for (let index = first; index < end;) {
    const extent = (words[index] & 0xff) === kinds.start ? words[index + 3] >>> 2 : 0;
    if (extent === 0) index += 4;
    else {
      index += extent;
      count++;
    }
  }
  return count;
}

/** Tells a census what is on a tape of this length. Slow: for the check only. */
export function readTape(length, census) {
  const first = words[controlWord + control.tapePtr] >>> 2;
  const base = words[controlWord + control.basePtr] >>> 0;
  const end = first + (length >>> 2);
  let attributes;
  const finishTag = () => {
    if (attributes !== undefined) census.start('', attributes);
    attributes = undefined;
  };
  for (let index = first; index < end; index += 4) {
    const kind = words[index] & 0xff;
    const flag = (words[index] >>> 8) & 0xff;
    const span = () => {
      const start = base + (words[index + 2] >>> 0);
      return Buffer.from(bytes.buffer, start, words[index + 3] >>> 0).toString();
    };
    switch (kind) {
      case kinds.start:
        finishTag();
        attributes = [];
        break;
      case kinds.attribute:
        attributes.push([
          '',
          flag & flags.escaped ? resolve(span().replaceAll(/[\t\n]/g, ' ')) : span(),
        ]);
        break;
      case kinds.text:
        finishTag();
        census.text(flag & flags.escaped && !(flag & flags.cdata) ? resolve(span()) : span());
        break;
      case kinds.end:
        finishTag();
        census.end('');
        break;
    }
  }
  finishTag();
}

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function resolve(source) {
  return source.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (_, hex, decimal, name) =>
    name === undefined
      ? String.fromCodePoint(hex === undefined ? Number(decimal) : parseInt(hex, 16))
      : entities[name],
  );
}
