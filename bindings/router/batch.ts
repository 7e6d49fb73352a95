/*
 * What a chunk of a seat's stream has become: bytes grouped by target, copied out of the core once, and the
 * verdicts on what the host has to look at. No object is made for a stanza that the core delivers by itself.
 */
import type { XmlError } from '../xml-error.js';
import { SpanSize } from './output.js';
import type { Round } from './round.js';
import type { Verdict } from './verdict.js';

/** One round of a chunk. Valid until the seat is asked for the next one; `bytes` may be kept. */
export class Batch<Target> {
  /** The output of all targets, one after the other. */
  readonly bytes: Uint8Array;
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
  readonly #spans: Int32Array;
  readonly #firstSpan: number;
  readonly #targets: readonly Target[];

  /** @internal */
  constructor(
    round: Round<Target>,
    targets: readonly Target[],
    verdicts: readonly Verdict<Target>[],
    stanzas: number,
    isMore: boolean,
    isClosed: boolean,
    error: XmlError | undefined,
  ) {
    this.bytes = round.bytes;
    this.#spans = round.spans;
    this.#firstSpan = round.firstSpan;
    this.#targets = targets;
    this.verdicts = verdicts;
    this.stanzas = stanzas;
    this.isMore = isMore;
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

  /** Where the bytes for a target begin in `bytes`. */
  start(index: number): number {
    return this.#spans[this.#firstSpan + index * SpanSize];
  }

  /** Where they end. */
  end(index: number): number {
    return this.#spans[this.#firstSpan + index * SpanSize + 1];
  }

  /** The bytes for a target, as a view of `bytes`. */
  output(index: number): Uint8Array {
    const { buffer, byteOffset } = this.bytes;
    const start = this.start(index);
    return new Uint8Array(buffer, byteOffset + start, this.end(index) - start);
  }

  /** Stanzas among them. */
  stanzaCount(index: number): number {
    return this.#spans[this.#firstSpan + index * SpanSize + 2];
  }
}
