/*
 * Attacks as streams of bytes, and how they are measured: CPU time of this process and bytes of linear
 * memory, on the release core, without reading the tapes.
 *
 * "Linear" is judged by doubling: twice the input may cost three times the time at the most, which
 * leaves room for a noisy machine and none for a quadratic. Times are minima of several runs.
 */

import { Abi } from '../../assembly/abi.js';
import { defaultLimits, defaultSettings, type Settings } from '../reference/settings.js';
import { Core, type CoreStream } from '../xml/core-driver.js';

export const releasePath = new URL('../../build/release.wasm', import.meta.url);

const encoder = new TextEncoder();
export const bytesOf = (text: string): Uint8Array => encoder.encode(text);

const huge = 2 ** 31 - 1;
export const raisedLimits = {
  stanzaBytes: huge,
  depth: 2 ** 24,
  attributes: huge,
  children: huge,
  nameBytes: huge,
  namespaces: 4096,
};

export const raised: Settings = { ...defaultSettings, limits: raisedLimits };
export const usual: Settings = { ...defaultSettings, limits: defaultLimits };

export interface Attack {
  readonly name: string;
  /** What is opened before the attack begins. */
  readonly before: string;
  /** Bytes that are repeated as they stand, or what the item of an index looks like. */
  readonly repeated: string | ((index: number) => string);
  /** The code that stops the attack under the usual limits. */
  readonly stoppedBy: string;
  readonly settings?: Partial<Settings>;
}

/** Pieces of an attack's input: what comes before, then at least `size` bytes of the repeated part. */
export function* attackInput(
  attack: Attack,
  size: number,
  piece = Abi.InputSize as number,
): Generator<Uint8Array> {
  yield* cut(bytesOf(attack.before), piece);
  const { repeated } = attack;
  if (typeof repeated === 'string') {
    // A multiple of the repeated part, so that pieces join without a seam.
    const chunk = bytesOf(repeated.repeat(Math.ceil(piece / repeated.length)));
    let left = size;
    while (left > 0) {
      yield* cut(chunk.subarray(0, left), piece);
      left -= chunk.length;
    }
    return;
  }
  let text = '';
  let written = 0;
  for (let index = 0; written + text.length < size; index++) {
    text += repeated(index);
    if (text.length < piece) continue;
    const bytes = bytesOf(text);
    written += bytes.length;
    text = '';
    yield* cut(bytes, piece);
  }
  if (text !== '') yield* cut(bytesOf(text), piece);
}

function* cut(bytes: Uint8Array, piece: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += piece) yield bytes.subarray(from, from + piece);
}

/** Bytes in, until the input ends; false when the stream failed, which gives tape it need not give. */
export function feedAll(stream: CoreStream, input: Iterable<Uint8Array>): void {
  for (const piece of input) {
    const result = stream.feedOnly(piece);
    if (result < 0) throw new Error(`stream_feed: ${result}`);
  }
}

/** CPU milliseconds of an action, of this process and all its threads. */
export function cpuTime(action: () => void): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The least of several runs, each on an instance of its own. */
export function leastTime(rounds: number, run: (core: Core) => void): number {
  let least = Infinity;
  for (let round = 0; round < rounds; round++) {
    const core = Core.load(releasePath);
    least = Math.min(
      least,
      cpuTime(() => run(core)),
    );
  }
  return least;
}

/**
 * How much longer twice the size takes. A ratio beyond the bound is measured again, with more rounds,
 * before it counts: other work on the machine comes and goes.
 */
export function growth(
  size: number,
  run: (core: Core, size: number) => void,
  bound = 3,
): string | undefined {
  let message: string | undefined;
  for (const rounds of [2, 4, 8]) {
    const once = leastTime(rounds, (core) => run(core, size));
    const twice = leastTime(rounds, (core) => run(core, size * 2));
    // Below a few milliseconds the clock and the compiler are what is measured.
    if (twice <= bound * Math.max(once, 4)) return undefined;
    message = `${size}: ${once.toFixed(1)} ms, twice as much: ${twice.toFixed(1)} ms`;
  }
  return message;
}
