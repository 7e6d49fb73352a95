/*
 * A parser's place in the core, and how it comes back when the parser is forgotten instead of closed.
 */
import type { Engine } from './engine.js';
import type { LimitValues } from './limits.js';

/** What must be given back to the core, once. */
export interface Lease {
  readonly engine: Engine;
  readonly handle: number;
  readonly limits: LimitValues;
}

// Not every runtime has the registry.
const forgotten =
  typeof FinalizationRegistry === 'function'
    ? new FinalizationRegistry<Lease>(giveBack)
    : undefined;

function giveBack({ engine, handle, limits }: Lease): void {
  engine.close(handle, limits);
}

/** Gives `lease` back when `owner` is forgotten; the lease must not lead to the owner. */
export function watch(owner: object, lease: Lease): void {
  forgotten?.register(owner, lease, owner);
}

/** Gives `lease` back now. */
export function release(owner: object, lease: Lease): void {
  forgotten?.unregister(owner);
  giveBack(lease);
}
