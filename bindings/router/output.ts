/*
 * Copies of what the core has written: once a round, the records of its groups and their bytes behind them. Small ones
 * share a block of memory: making one costs more than a stanza, and its garbage more than that. So blocks whose copies
 * the host has given back are written again.
 *
 * Invariant: a block is written again only when all of its copies have been given back.
 */
import type { Engine } from '../engine.js';
import { viewOf } from '../text.js';

/** Below what the allocator of most systems asks the kernel for each time. */
const blockSize = 126_976;
/** Longer copies have a block of their own. */
const sharedMax = 32_768;
/** Blocks that wait to be written again, at most. */
const spareMax = 8;

interface Block {
  /** The memory, as something that text is read from. */
  readonly text: Uint8Array;
  readonly words: Int32Array;
  /** Copies that have not been given back. */
  users: number;
}

/** What has been copied of a round. */
export interface Copy {
  readonly block: Block;
  /** The first word of its groups in the block. */
  readonly groups: number;
  readonly bytes: Uint8Array;
}

const noBytes = /* @__PURE__ */ new Uint8Array(0);
const noBlock: Block = { text: noBytes, words: /* @__PURE__ */ new Int32Array(0), users: 0 };
const nothing: Copy = { block: noBlock, groups: 0, bytes: noBytes };

export class Output {
  readonly #engine: Engine;
  readonly #spare: Block[] = [];
  #shared = noBlock;
  #place = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Copies [start, end) of the core: the records of groups, and from `bytes` on what they are of. */
  copy(start: number, bytes: number, end: number): Copy {
    const length = end - start;
    if (length === 0) return nothing;
    const block = length > sharedMax ? newBlock(length) : this.#sharedFor(length);
    const place = length > sharedMax ? 0 : this.#place;
    if (length <= sharedMax) this.#place += (length + 3) & ~3;
    block.users++;
    block.text.set(this.#engine.bytes.subarray(start, end), place);
    return {
      block,
      groups: place >>> 2,
      bytes: new Uint8Array(block.text.buffer, place + bytes - start, end - bytes),
    };
  }

  /** Nobody reads the copy any more. */
  giveBack({ block }: Copy): void {
    block.users--;
    const isSpare = block.users === 0 && block !== this.#shared && block.text.length === blockSize;
    if (isSpare && this.#spare.length < spareMax) this.#spare.push(block);
  }

  /** The block that has room for `length` bytes at #place. */
  #sharedFor(length: number): Block {
    if (this.#shared.users === 0) this.#place = 0;
    if (this.#place + length > this.#shared.text.length) {
      this.#shared = this.#spare.pop() ?? newBlock(blockSize);
      this.#place = 0;
    }
    return this.#shared;
  }
}

interface BufferClass {
  allocUnsafeSlow(size: number): Uint8Array;
}

const { Buffer: bufferClass } = globalThis as unknown as { Buffer?: BufferClass };

/** Memory that nobody has to zero, where the runtime can. */
function newBlock(length: number): Block {
  const size = (length + 3) & ~3;
  const buffer = bufferClass?.allocUnsafeSlow(size).buffer ?? new ArrayBuffer(size);
  return { text: viewOf(buffer), words: new Int32Array(buffer), users: 0 };
}
