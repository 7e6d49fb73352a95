/*
 * What is written to a general drop-in and not read yet, piece by piece.
 *
 * Invariants: a piece fits the engine's input; half of a surrogate pair waits for its other half; what
 * the caller may change waits as a copy.
 */
import { Abi } from '../../assembly/abi.js';
import type { Engine } from '../engine.js';
import { checkedBytes, endsInHighSurrogate, type Chunk } from '../input.js';
import { copyBytes } from '../text.js';

/** In the place of a piece: the end of all input. */
export const inputEnd = Symbol('end');

type Input = Chunk | typeof inputEnd;

export class InputQueue {
  #inputs: Input[] = [];
  /** Half a surrogate pair. */
  #pending = '';

  get isEmpty(): boolean {
    return this.#inputs.length === 0;
  }

  /** Throws UsageError for what is no input. */
  add(chunk: unknown): void {
    this.#inputs.push(typeof chunk === 'string' ? chunk : checkedBytes(chunk));
  }

  /** The same for input that is not read before the caller goes on. */
  addCopy(chunk: unknown): void {
    const input = typeof chunk === 'string' ? chunk : checkedBytes(chunk);
    this.#inputs.push(typeof input === 'string' ? input : copyBytes(input, 0, input.length));
  }

  addEnd(): void {
    this.#inputs.push(inputEnd);
  }

  clear(): void {
    this.#inputs = [];
    this.#pending = '';
  }

  /** The caller goes on: what waits is copied. */
  settle(): void {
    if (this.#inputs.length === 0) return;
    this.#inputs = this.#inputs.map((input) =>
      typeof input === 'object' ? copyBytes(input, 0, input.length) : input,
    );
  }

  /**
   * Writes the next piece to the engine's input and returns it, without its end if that is cut off.
   * Returns '' when there is nothing to read yet, undefined when nothing waits.
   */
  write(engine: Engine): Input | undefined {
    const input = this.#inputs.shift();
    if (input === undefined) return undefined;
    if (input === inputEnd) return this.#writeEnd(engine);
    if (typeof input === 'string') return this.#writeText(engine, this.#pending + input);
    if (this.#pending !== '') {
      // Bytes behind half a pair: the half is read by itself, as the fault that it is.
      this.#inputs.unshift(input);
      return this.#writeHalf(engine);
    }
    if (input.length === 0) return '';
    const end = Math.min(Abi.InputSize, input.length);
    engine.writeBytes(input, 0, end);
    if (end === input.length) return input;
    this.#inputs.unshift(input.subarray(end));
    return input.subarray(0, end);
  }

  #writeText(engine: Engine, source: string): Chunk {
    let text = source;
    this.#pending = '';
    if (endsInHighSurrogate(text)) {
      this.#pending = text.charAt(text.length - 1);
      text = text.substring(0, text.length - 1);
    }
    if (text === '') return '';
    const read = engine.write(text);
    if (read === text.length) return text;
    this.#inputs.unshift(text.substring(read) + this.#pending);
    this.#pending = '';
    return text.substring(0, read);
  }

  #writeEnd(engine: Engine): Input {
    if (this.#pending === '') return inputEnd;
    this.#inputs.unshift(inputEnd);
    return this.#writeHalf(engine);
  }

  #writeHalf(engine: Engine): string {
    const half = this.#pending;
    this.#pending = '';
    engine.write(half);
    return half;
  }
}
