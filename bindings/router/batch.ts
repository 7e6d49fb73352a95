/*
 * What a chunk of a seat's stream has become: bytes grouped by target, copied out of the core once, and the
 * verdicts on what the host has to look at. No object is made for a stanza that the core delivers by itself.
 */
import { Group } from '../../assembly/abi.js';
import type { XmlError } from '../xml-error.js';
import type { Copy, Output } from './output.js';
import type { Verdict } from './verdict.js';

/** What a batch says beside its output. @internal */
export interface BatchParts<Target> {
  readonly targets: readonly Target[];
  readonly verdicts: readonly Verdict<Target>[];
  readonly stanzas: number;
  readonly isMore: boolean;
  readonly isClosed: boolean;
  readonly error: XmlError | undefined;
}

const noBytes = /* @__PURE__ */ new Uint8Array(0);

/**
 * One round of a chunk. Valid until the seat is asked for the next one; `bytes` may be kept, unless `release` is called.
 */
export class Batch<Target> {
  /** On what the core could not decide or deliver alone, in the order of the stream. They come after the output. */
  readonly verdicts: readonly Verdict<Target>[];
  /** Stanzas of the stream in this round. */
  readonly stanzas: number;
  /** There is more of the chunk: it comes after this batch has been dealt with. */
  readonly isMore: boolean;
  /** The stream has been closed by its end tag. */
  readonly isClosed: boolean;
  /** The fault that ended the stream (RFC 6120, section 4.9). */
  readonly error: XmlError | undefined;
  readonly #output: Output;
  readonly #copy: Copy;
  readonly #targets: readonly Target[];
  #bytes: Uint8Array;

  /** @internal */
  constructor(output: Output, copy: Copy, parts: BatchParts<Target>) {
    this.#output = output;
    this.#copy = copy;
    this.#bytes = copy.bytes;
    this.#targets = parts.targets;
    this.verdicts = parts.verdicts;
    this.stanzas = parts.stanzas;
    this.isMore = parts.isMore;
    this.isClosed = parts.isClosed;
    this.error = parts.error;
  }

  /** The output of all targets, one after the other; empty after `release`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Targets that get bytes. */
  get count(): number {
    return this.#targets.length;
  }

  target(index: number): Target {
    return this.#targets[index];
  }

  /** Where the bytes for a target begin in `bytes`. */
  start(index: number): number {
    return this.#word(index, Group.Offset);
  }

  /** Where they end. */
  end(index: number): number {
    return this.#word(index, Group.Offset) + this.#word(index, Group.Length);
  }

  /** The bytes for a target, as a view of `bytes`. */
  output(index: number): Uint8Array {
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + this.start(index), this.#word(index, Group.Length));
  }

  /** Stanzas among them. */
  stanzaCount(index: number): number {
    return this.#word(index, Group.Count);
  }

  /**
   * Gives the memory of `bytes` back: the host has written them, or copied them, and no view of them is read any more.
   * It holds the output of later batches then, which makes less garbage. Whoever keeps views does not call it. Bytes
   * of verdicts stay what they are.
   *
   *     for (let index = 0; index < batch.count; index++) copyTo(batch.target(index), batch.output(index));
   *     batch.release();
   */
  release(): void {
    if (this.#bytes.length === 0) return;
    this.#bytes = noBytes;
    // Verdicts may be kept, and theirs are in the same memory.
    if (this.verdicts.length === 0) this.#output.giveBack(this.#copy);
  }

  #word(index: number, field: Group): number {
    const { block, groups } = this.#copy;
    return block.words[groups + index * Group.Size + field];
  }
}
