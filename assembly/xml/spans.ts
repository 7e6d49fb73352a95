/*
 * Where texts and values end: the searches that most bytes of a stream go through, shared by the fast
 * lane and the automaton. Sixteen bytes at a time: a swizzle turns each byte's lower nibble into the
 * one stop that has this nibble, so one comparison finds all stops, and they are looked at in order.
 *
 * Loads may reach behind the end of the window, into the `<` that stand there; a search ends at the
 * first of them at the latest.
 */
import { Flag } from '../abi';
import { isEntity } from './references';

/**
 * Stops of text, of a value. In memory and not in the code: a constant in the code is built anew, in
 * several steps, wherever it is used.
 */
// prettier-ignore
const STOPS: usize = memory.data<u8>([
  0xff, 0, 0, 0, 0, 0, 0x26, 0, 0, 0, 0, 0, 0x3c, 0x0d, 0x3e, 0,
  0xff, 0, 0x22, 0, 0, 0, 0x26, 0x27, 0, 0x09, 0x0a, 0, 0x3c, 0x0d, 0, 0,
  15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
], 16);

export class Span {
  /**
   * What the last search passed: Flag.Escaped for a reference, a CR or, in a value, other white space
   * to normalise; Flag.High for bytes above 0x7F.
   */
  static flags: u32 = 0;

  /** Ends a search at the lowest bit of `found`, with what the blocks before held in `passed`. */
  @inline static close(flags: u32, passed: v128, block: v128, found: i32): void {
    const before = (found & -found) - 1;
    const high = i8x16.bitmask(passed) | (i8x16.bitmask(block) & before);
    Span.flags = high ? flags | Flag.High : flags;
  }
}

/**
 * The end of the text that began at `from`, searched from `p` on: a `<`, the `>` of `]]>`, or an
 * `&` that does not begin one of the five entities.
 */
export function textEnd(p: usize, from: usize): usize {
  const stops = v128.load(STOPS);
  const nibble = v128.load(STOPS, 32);
  let flags: u32 = 0;
  let passed = i8x16.splat(0);
  while (true) {
    const block = v128.load(p);
    let found = i8x16.bitmask(i8x16.eq(i8x16.swizzle(stops, v128.and(block, nibble)), block));
    while (found) {
      const at = p + <usize>ctz<u32>(found);
      const c = load<u8>(at);
      if (c == 0x0d || (c == 0x26 && isEntity(at))) {
        flags = Flag.Escaped;
      } else if (c != 0x3e || (at - from >= 2 && load<u16>(at - 2) == 0x5d5d)) {
        Span.close(flags, passed, block, found);
        return at;
      }
      found &= found - 1;
    }
    passed = v128.or(passed, block);
    p += 16;
  }
}

/**
 * The end of a value, searched from `p` on: its closing `quote`, a `<`, or an `&` that does not
 * begin one of the five entities.
 */
export function valueEnd(p: usize, quote: u32): usize {
  const stops = v128.load(STOPS, 16);
  const nibble = v128.load(STOPS, 32);
  let flags: u32 = 0;
  let passed = i8x16.splat(0);
  while (true) {
    const block = v128.load(p);
    let found = i8x16.bitmask(i8x16.eq(i8x16.swizzle(stops, v128.and(block, nibble)), block));
    while (found) {
      const at = p + <usize>ctz<u32>(found);
      const c = <u32>load<u8>(at);
      const entity = c == 0x26 && isEntity(at);
      if (c == quote || c == 0x3c || (c == 0x26 && !entity)) {
        Span.close(flags, passed, block, found);
        return at;
      }
      // White space becomes spaces; the other kind of quote is a character like others.
      if (entity || c < 0x20) flags = Flag.Escaped;
      found &= found - 1;
    }
    passed = v128.or(passed, block);
    p += 16;
  }
}
