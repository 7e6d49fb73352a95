/*
 * The open elements of a stanza that is corrected (correction.ts): what `xmlns` stands for around the content of each,
 * where it came from and where it goes to. Room for them is made when a stanza's head is read, so that writing needs none.
 */
import { allocate, blockSize, release } from '../memory';

/** What a default namespace is: one of these, or the address of the record that declares it. */
export const enum Default {
  /** That of the header of the stream. */
  Header = 0,
  /** The content namespace. */
  Content = 1,
}

@unmanaged
export class Open {
  source: u32;
  written: u32;
  /** Bytes of the prefix, with its colon, that the name loses. */
  skip: u32;
}
export const OpenSize: u32 = 12;

export class Scope {
  static stack: usize = 0;
  static size: u32 = 0;

  /** Room for `count` open elements; false without memory. */
  static ready(count: u32): bool {
    const wanted = (count + 2) * OpenSize;
    if (wanted <= Scope.size) return true;
    if (Scope.stack) release(Scope.stack, Scope.size);
    Scope.stack = allocate(wanted);
    Scope.size = Scope.stack ? blockSize(wanted) : 0;
    return Scope.stack != 0;
  }
}
