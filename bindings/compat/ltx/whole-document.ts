/*
 * A document that comes in one piece, as one stanza a string does: read on a stream of the core that
 * all of them share, so that a parser of one document opens none. Whatever is not one element from
 * the first to the last byte is left to a reader, which says what it is instead.
 */
import { Abi, Feed, Framing, Kind, Tape } from '../../../assembly/abi.js';
import { defaultEngine, type Engine } from '../../engine.js';
import type { Chunk } from '../../input.js';
import type { LimitValues } from '../../limits.js';
import { latin1Text } from '../../text.js';
import { TapeStrings, textBlockMax } from '../tape-strings.js';
import type { Element } from './element.js';
import type { NodeMaker } from './tree-node.js';
import { wholeElement } from './whole-element.js';

interface SharedStream {
  readonly engine: Engine;
  readonly handle: number;
  readonly strings: TapeStrings;
}

let shared: SharedStream | undefined;

/** The element of a document; undefined if it is not complete, or anything more or else. */
export function wholeDocument(
  data: Chunk,
  make: NodeMaker,
  limits: LimitValues,
): Element | undefined {
  if (data.length > Abi.InputSize || !isChunk(data)) return undefined;
  shared ??= openStream(limits);
  const { engine, handle, strings } = shared;
  engine.reset(handle);
  let source = '';
  if (typeof data === 'string') {
    if (engine.write(data) < data.length) return undefined;
    if (data.length <= textBlockMax) source = data;
  } else {
    engine.writeBytes(data, 0, data.length);
  }
  const count = engine.feed(handle, Feed.Open);
  const { words, tape, bytes, base, inputOffset, written } = engine;
  const start = inputOffset - base;
  const stop = tape + count;
  if (count === 0 || (words[stop - Tape.Size] & 0xff) !== Kind.End) return undefined;
  // What follows may be white space, or the beginning of something else.
  if (words[stop - Tape.Size + Tape.Extent] !== start + written) return undefined;
  strings.words = words;
  strings.stop = stop;
  strings.bytes = bytes;
  strings.base = base;
  strings.open(source, start, start + written, written);
  const element = wholeElement(strings, tape, make);
  return strings.next === stop ? element : undefined;
}

/** The original takes whatever has a text; a reader sees to that. */
function isChunk(data: unknown): boolean {
  if (typeof data === 'string') return true;
  return ArrayBuffer.isView(data) && (data as Uint8Array).BYTES_PER_ELEMENT === 1;
}

/** The bytes of the document that was taken last, as a string of latin1Text. */
export function takenBytes(): string {
  if (shared === undefined) return '';
  const { engine } = shared;
  return latin1Text(engine.bytes, engine.inputOffset, engine.inputOffset + engine.written);
}

function openStream(limits: LimitValues): SharedStream {
  const engine = defaultEngine();
  const handle = engine.open(Framing.Document, 0, limits);
  return { engine, handle, strings: new TapeStrings(engine.words, engine.bytes) };
}
