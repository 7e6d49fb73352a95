/*
 * What a chunk of a seat's stream has become: bytes grouped by target, copied out of the core once, and the
 * verdicts on what the host has to look at. No object is made for a stanza that the core delivers by itself.
 */
import { Group } from '../../assembly/abi.js';
import type { XmlError } from '../xml-error.js';
import type { Verdict } from './verdict.js';

/** One round of a chunk. Valid until the seat is asked for the next one; `bytes` may be kept. */
export class Batch<Target> {
  /** The output of all targets, one after the other. */
  readonly bytes: Uint8Array;
  /** On what the core could not decide or deliver alone, in the order of the stream. They come after the output. */
  readonly verdicts: readonly Verdict<Target>[];
  /** Stanzas of the stream in this round. */
  readonly stanzas: number;
  /** The stream has been closed by its end tag. */
  readonly isClosed: boolean;
  /** The fault that ended the stream (RFC 6120, section 4.9). */
  readonly error: XmlError | undefined;
  readonly #groups: Int32Array;
  readonly #targets: readonly Target[];

  /** @internal */
  constructor(
    bytes: Uint8Array,
    groups: Int32Array,
    targets: readonly Target[],
    verdicts: readonly Verdict<Target>[],
    stanzas: number,
    isClosed: boolean,
    error: XmlError | undefined,
  ) {
    this.bytes = bytes;
    this.#groups = groups;
    this.#targets = targets;
    this.verdicts = verdicts;
    this.stanzas = stanzas;
    this.isClosed = isClosed;
    this.error = error;
  }

  /** Targets that get bytes. */
  get count(): number {
    return this.#targets.length;
  }

  target(index: number): Target {
    return this.#targets[index];
  }

  /** The bytes for a target: a view of `bytes`. */
  output(index: number): Uint8Array {
    const start = this.#groups[index * Group.Size + Group.Offset];
    return this.bytes.subarray(start, start + this.#groups[index * Group.Size + Group.Length]);
  }

  /** Stanzas among them. */
  stanzaCount(index: number): number {
    return this.#groups[index * Group.Size + Group.Count];
  }
}
