/*
 * Input of the parsers: strings and bytes, and the options that all of them take.
 */
import { defaultEngine, Engine } from './engine.js';
import { UsageError } from './errors.js';

/** What a parser reads: text, or bytes of UTF-8 (a Buffer is one such array). */
export type Chunk = string | Uint8Array;

/** `chunk` if it is input; throws UsageError for anything else. */
export function checkedBytes(chunk: unknown): Uint8Array {
  // Not instanceof: an array of another realm is one too.
  if (ArrayBuffer.isView(chunk) && (chunk as Uint8Array).BYTES_PER_ELEMENT === 1) {
    return chunk as Uint8Array;
  }
  throw new UsageError('input is a string or a Uint8Array');
}

export function checkedEngine(engine: unknown): Engine {
  if (engine === undefined) return defaultEngine();
  if (engine instanceof Engine) return engine;
  throw new UsageError('engine is not an Engine');
}

/** Whether a text ends with the first half of a pair. */
export function endsInHighSurrogate(text: string): boolean {
  return (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800;
}
