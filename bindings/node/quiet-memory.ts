/*
 * Memory that V8 keeps for itself after many clients have come at once: logging in makes its heap grow, and it
 * never gives that back by itself. A connection that is idle needs some 8 KB of heap; kept with it are 20 KB and
 * more of free room (docs/design/013). So once clients have come and all is quiet, a full collection that also
 * gives pages back is asked for: `gc` with the flavor `last-resort`, which V8 has behind a flag.
 *
 *     200 clients more than at the last time, two seconds with less than a tenth of the event loop in use,
 *     ten seconds since the last time: collect
 *
 * It stops the process for as long as a collection takes, about a tenth of a second for some thousand clients.
 */
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface QuietMemoryOptions {
  readonly connectionCount: () => number;
  /** How much of the event loop was in use since the last call: 0 to 1. */
  readonly utilization: () => number;
  readonly collect: () => void;
}

const leastGrowth = 200;
const quietMs = 2000;
const pauseMs = 10_000;
const quiet = 0.1;

export class QuietMemory {
  readonly #options: QuietMemoryOptions;
  #knownCount = 0;
  #quietSince: number | undefined;
  #collectedAt = -Infinity;

  constructor(options: QuietMemoryOptions) {
    this.#options = options;
  }

  /** Call it about every half second, with the milliseconds of a steady clock. */
  tick(now: number): void {
    const { connectionCount, utilization, collect } = this.#options;
    const isQuiet = utilization() < quiet;
    this.#quietSince = isQuiet ? (this.#quietSince ?? now) : undefined;
    const count = connectionCount();
    this.#knownCount = Math.min(this.#knownCount, count);
    if (count - this.#knownCount < leastGrowth || now - this.#collectedAt < pauseMs) return;
    if (this.#quietSince === undefined || now - this.#quietSince < quietMs) return;
    this.#knownCount = count;
    this.#collectedAt = now;
    collect();
  }
}

const tickMs = 500;

/** Watches a server until the function that it returns is called; does nothing where V8 has no such call. */
export function keepMemorySmall(server: { readonly connectionCount: number }): () => void {
  const collect = collector();
  if (!collect) return () => undefined;
  let last = performance.eventLoopUtilization();
  const memory = new QuietMemory({
    connectionCount: () => server.connectionCount,
    utilization: () => {
      const before = last;
      last = performance.eventLoopUtilization();
      return performance.eventLoopUtilization(last, before).utilization;
    },
    collect,
  });
  const ticking = setInterval(() => memory.tick(performance.now()), tickMs);
  ticking.unref();
  return () => clearInterval(ticking);
}

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

function collector(): (() => void) | undefined {
  setFlagsFromString('--expose-gc');
  const found: unknown = runInNewContext('globalThis.gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof found !== 'function') return undefined;
  const gc = found as Collect;
  return () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
