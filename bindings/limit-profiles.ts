/*
 * Sets of limits in one instance of the core: parsers with the same limits share a profile.
 *
 * Invariant: a profile is taken once a parser and released once a parser; profile 0 holds the
 * defaults and is never released.
 */
import { Limit } from '../assembly/abi.js';
import { ErrorCode } from '../assembly/errors.js';
import type { CoreExports } from './core.js';
import { UsageError } from './errors.js';
import { defaultLimits, type LimitValues } from './limits.js';

interface Profile {
  readonly id: number;
  count: number;
}

export class LimitProfiles {
  readonly #core: CoreExports;
  readonly #profiles = new Map<string, Profile>();
  readonly #free: number[] = [];
  #count = 1;

  constructor(core: CoreExports) {
    this.#core = core;
  }

  /** The number of the profile with these limits. */
  take(limits: LimitValues): number {
    if (limits === defaultLimits) return 0;
    const key = limits.join();
    const known = this.#profiles.get(key);
    if (known !== undefined) {
      known.count++;
      return known.id;
    }
    const id = this.#free.pop() ?? (this.#count < Limit.Profiles ? this.#count++ : undefined);
    if (id === undefined) {
      throw new UsageError(
        `an engine holds at most ${Limit.Profiles} different sets of limits at a time`,
      );
    }
    const result = this.#core.limits_set(id, ...limits);
    if (result < 0) {
      this.#free.push(id);
      throw refusal(-result);
    }
    this.#profiles.set(key, { id, count: 1 });
    return id;
  }

  release(limits: LimitValues): void {
    if (limits === defaultLimits) return;
    const key = limits.join();
    const profile = this.#profiles.get(key);
    if (profile === undefined || --profile.count > 0) return;
    this.#profiles.delete(key);
    this.#free.push(profile.id);
  }
}

/** What the core's refusal of a call means for the caller. */
export function refusal(code: number): Error {
  if (code === (ErrorCode.HandleStale as number)) {
    return new UsageError('the stream is closed or belongs to another engine', 'handle-stale');
  }
  if (code === (ErrorCode.LimitMemory as number)) {
    return new UsageError('the engine cannot get more memory', 'limit-memory');
  }
  return new UsageError(`the core refused an argument (${code})`);
}
