/*
 * Functions of the program's that are told of something. A fault in one is the program's (guarded.ts): the
 * others are told all the same.
 */
import { guarded } from './guarded.js';

export class Listeners<Value> {
  readonly #calls = new Set<(value: Value) => void>();

  /** Returns what takes it away. The same function can be added more than once. */
  add(listener: (value: Value) => void): () => void {
    const call = guarded(listener);
    this.#calls.add(call);
    return () => void this.#calls.delete(call);
  }

  tell(value: Value): void {
    for (const call of this.#calls) call(value);
  }

  clear(): void {
    this.#calls.clear();
  }
}
