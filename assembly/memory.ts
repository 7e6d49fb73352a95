/*
 * Linear memory: one bump pointer, and free lists of blocks of 256 << k bytes.
 *
 * Invariants: no address is known at compile time, everything starts at __heap_base; a block is
 * aligned to 16; a released block goes back to the list of its class and may be split, never
 * merged, so memory is bounded by the peak of what was in use at once, rounded up to powers of two.
 * Not done here: zeroing (allocate returns whatever was there).
 */

/** Bytes of the smallest block. */
export const BlockMin: u32 = 256;
const ClassCount: u32 = 24;

/** Heads of the free lists, one u32 a class. */
const FREE: usize = memory.data(ClassCount << 2, 16);

class Heap {
  static top: usize = 0;
}

function classOf(size: u32): u32 {
  if (size <= BlockMin) return 0;
  return 24 - clz<u32>(size - 1);
}

/** The bytes that a block asked for with `size` really has. */
export function blockSize(size: u32): u32 {
  return BlockMin << classOf(size);
}

function bump(size: u32): usize {
  if (Heap.top == 0) Heap.top = (__heap_base + 63) & ~63;
  const start = Heap.top;
  const top = start + size;
  if (top < start) return 0;
  const missing = <i64>top - ((<i64>memory.size()) << 16);
  if (missing > 0) {
    const pages = <i32>((missing + 0xffff) >> 16);
    // A MiB at a time, so that growth (and the renewal of the views in JavaScript) is rare.
    if (memory.grow(max(pages, 16)) < 0 && memory.grow(pages) < 0) return 0;
  }
  Heap.top = top;
  return start;
}

/** Memory that is never released, aligned to 64; 0 when there is none. */
export function reserve(size: u32): usize {
  return bump((size + 63) & ~63);
}

/** A block of at least `size` bytes, or 0 when memory cannot grow. */
export function allocate(size: u32): usize {
  const wanted = classOf(size);
  if (wanted >= ClassCount) return 0;
  let found = wanted;
  while (found < ClassCount && load<u32>(FREE + ((<usize>found) << 2)) == 0) found++;
  if (found == ClassCount) return bump(BlockMin << wanted);
  const block = <usize>load<u32>(FREE + ((<usize>found) << 2));
  store<u32>(FREE + ((<usize>found) << 2), load<u32>(block));
  // The upper halves of a larger block go to the lists below it.
  while (found > wanted) {
    found--;
    const half = block + ((<usize>BlockMin) << found);
    store<u32>(half, load<u32>(FREE + ((<usize>found) << 2)));
    store<u32>(FREE + ((<usize>found) << 2), <u32>half);
  }
  return block;
}

/**
 * Copies `length` bytes between places that do not overlap. memory.copy calls out of wasm, which
 * short copies notice; these are most of a suspended stanza.
 */
export function copy(to: usize, from: usize, length: u32): void {
  if (length > 1024) {
    memory.copy(to, from, length);
    return;
  }
  if (length >= 16) {
    const last = length - 16;
    for (let i: u32 = 0; i < last; i += 16) v128.store(to + i, v128.load(from + i));
    v128.store(to + last, v128.load(from + last));
    return;
  }
  for (let i: u32 = 0; i < length; i++) store<u8>(to + i, load<u8>(from + i));
}

/** Gives back a block that was asked for with `size`. */
export function release(block: usize, size: u32): void {
  const head = FREE + ((<usize>classOf(size)) << 2);
  store<u32>(block, load<u32>(head));
  store<u32>(head, <u32>block);
}
