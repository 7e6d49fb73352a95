/*
 * Copies of what the core has written: once a round, with where each group of it lies. Small ones share a block of
 * memory: making one costs more than a stanza, and its garbage more than that.
 */
import { Group } from '../../assembly/abi.js';
import type { Engine } from '../engine.js';
import { viewOf } from '../text.js';

/** Below what the allocator of most systems asks the kernel for each time. */
const blockSize = 126_976;
/** Longer ones have a block of their own. */
const sharedMax = 32_768;
/** Words in a span: start and end in the bytes, stanzas. */
export const SpanSize = 3;

const noBytes = /* @__PURE__ */ new Uint8Array(0);
const noSpans = /* @__PURE__ */ new Int32Array(0);

export class Output {
  readonly #engine: Engine;
  #block: ArrayBufferLike = noBytes.buffer;
  #text: Uint8Array = noBytes;
  #words: Int32Array = noSpans;
  #place = blockSize;
  /** The memory of the last copy, as something that text is read from. */
  text: Uint8Array = noBytes;
  /** Where the spans of the last copy are, and the index of the first. */
  spans: Int32Array = noSpans;
  firstSpan = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Copies `length` bytes of the core from `start` on, and what the `count` groups from the word `group` on say. */
  copy(start: number, length: number, group: number, count: number): Uint8Array {
    if (length === 0) return noBytes;
    const { bytes: memory, words } = this.#engine;
    // Spans first: they lie at multiples of four.
    const spansLength = count * SpanSize * 4;
    const size = spansLength + ((length + 3) & ~3);
    if (size > sharedMax) this.#own(size);
    else if (this.#place + size > blockSize) this.#renew();
    const place = size > sharedMax ? 0 : this.#place;
    if (size <= sharedMax) {
      this.text = this.#text;
      this.spans = this.#words;
      this.#place += size;
    }
    const { spans } = this;
    let span = place >>> 2;
    this.firstSpan = span;
    for (let index = group; index < group + count * Group.Size; index += Group.Size) {
      const offset = words[index + Group.Offset];
      spans[span] = offset;
      spans[span + 1] = offset + words[index + Group.Length];
      spans[span + 2] = words[index + Group.Count];
      span += SpanSize;
    }
    const copy = new Uint8Array(spans.buffer, place + spansLength, length);
    copy.set(memory.subarray(start, start + length));
    return copy;
  }

  #own(size: number): void {
    const block = newBlock(size);
    this.text = viewOf(block);
    this.spans = new Int32Array(block);
  }

  #renew(): void {
    this.#block = newBlock(blockSize);
    this.#text = viewOf(this.#block);
    this.#words = new Int32Array(this.#block);
    this.#place = 0;
  }
}

interface BufferClass {
  allocUnsafeSlow(size: number): Uint8Array;
}

const { Buffer: bufferClass } = globalThis as unknown as { Buffer?: BufferClass };

/** Memory that nobody has to zero, where the runtime can. */
function newBlock(size: number): ArrayBufferLike {
  return bufferClass?.allocUnsafeSlow(size).buffer ?? new ArrayBuffer(size);
}
