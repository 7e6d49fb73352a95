/*
 * Functions of the program's that are told of something, all in the same order: what one of them brings about
 * is told after what it was told of. A fault in one is the program's (guarded.ts): the others are told all the
 * same.
 */
import { guarded } from './guarded.js';

export class Listeners<Value> {
  readonly #calls = new Set<(value: Value) => void>();
  #untold: Value[] = [];
  #isTelling = false;

  /** Returns what takes it away. The same function can be added more than once. */
  add(listener: (value: Value) => void): () => void {
    const call = guarded(listener);
    this.#calls.add(call);
    return () => void this.#calls.delete(call);
  }

  tell(value: Value): void {
    this.#untold.push(value);
    if (this.#isTelling) return;
    this.#isTelling = true;
    // Sees what is added meanwhile; ends when the listeners bring about nothing more.
    for (const each of this.#untold) for (const call of this.#calls) call(each);
    this.#untold = [];
    this.#isTelling = false;
  }

  clear(): void {
    this.#calls.clear();
  }
}
