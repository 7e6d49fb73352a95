/*
 * Text taken apart: one record a code point, with the word of its properties (unicode-tables.ts).
 *
 *      0        4        8
 *     +--------+--------+
 *     | code   | word   |
 *     +--------+--------+
 *
 * A record is read and written as one u64, so that a pass over a text costs one load each.
 */
import { Property } from './unicode-data';
import { wordOf } from './unicode-tables';

/** Bytes of a record, as a shift. */
export const PointShift: usize = 3;
export const PointSize: usize = 8;

export class Point {
  @inline static code(at: usize): u32 {
    return load<u32>(at);
  }

  @inline static word(at: usize): u32 {
    return load<u32>(at, 4);
  }

  /** The combining class, in place: good for comparisons. */
  @inline static ccc(at: usize): u32 {
    return load<u32>(at, 4) & Property.Ccc;
  }

  @inline static put(at: usize, code: u32, word: u32): void {
    store<u64>(at, (<u64>code) | ((<u64>word) << 32));
  }

  @inline static copy(to: usize, from: usize): void {
    store<u64>(to, load<u64>(from));
  }

  /** A record whose word is looked up. */
  static make(at: usize, code: u32): void {
    Point.put(at, code, wordOf(code));
  }
}
