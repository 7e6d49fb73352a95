/*
 * Input of the parsers: strings and bytes, and the options that all of them take.
 */
import { defaultEngine, Engine } from './engine.js';
import { echo, UsageError } from './errors.js';
import { limitNames } from './limits.js';

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

/**
 * Throws UsageError unless `options` is an object whose names are all among `names`: a misspelt
 * limit would be none.
 */
export function checkOptions(options: unknown, names: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new UsageError('options is not an object');
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue;
    throw new UsageError(
      (limitNames as readonly string[]).includes(name)
        ? `${name} is no option but a limit: { limits: { ${name} } }`
        : `the option ${echo(name)} is not known; the options are ${names.join(', ')}`,
    );
  }
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
