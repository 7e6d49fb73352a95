/*
 * When connections write: once a turn of the event loop, after all that had input was read, so that twenty
 * stanzas for one client cost one system call. Those whose output waits for a commit (commits.ts) are held.
 */
import type { OwnedConnection } from './connection-owner.js';

export class Outputs {
  readonly #defer: (action: () => void) => void;
  readonly #flushed: () => void;
  #unflushed: OwnedConnection[] = [];
  #held: OwnedConnection[] = [];

  /** `flushed` is called when all has been handed over. */
  constructor(defer: ((action: () => void) => void) | undefined, flushed: () => void) {
    this.#defer = defer ?? deferred;
    this.#flushed = flushed;
  }

  later(connection: OwnedConnection): void {
    this.#unflushed.push(connection);
    if (this.#unflushed.length === 1) this.#defer(() => this.flush());
  }

  flush(): void {
    const connections = this.#unflushed;
    this.#unflushed = [];
    for (const connection of connections) this.#flush(connection);
    this.#flushed();
  }

  /** What they waited for lasts. */
  release(): void {
    for (const connection of this.#takeHeld()) this.#flush(connection);
  }

  /** What they were to hear is not true. */
  cut(): void {
    for (const connection of this.#takeHeld()) connection.cut();
  }

  #flush(connection: OwnedConnection): void {
    connection.flush();
    if (connection.isHeld) this.#held.push(connection);
  }

  #takeHeld(): readonly OwnedConnection[] {
    const connections = this.#held;
    this.#held = [];
    return connections;
  }
}

const deferred = (action: () => void): void => {
  if (typeof globalThis.setImmediate === 'function') globalThis.setImmediate(action);
  else queueMicrotask(action);
};
