/*
 * Guessing the next attribute: real traffic repeats its tags, so what stood after this name in
 * this element is likely to stand there again. A guess holds the bytes up to the opening quote; one
 * masked comparison then takes the place of finding the name's end, looking the name up and checking
 * what follows it. A wrong guess costs the comparison.
 *
 *      0                16       20       24
 *     +----------------+--------+--------+--------+
 *     | name=' (16)    | length | slot   | about  |     length: bytes of the key, at most 16
 *     +----------------+--------+--------+--------+
 *
 * The slot may have been given to another name since. It is still where this name would be, which is
 * all that its stamp needs; what the name is stands here once more (about: number and kind, as in the slot).
 */
import { reserve } from '../memory';
import { keyHigh, keyLow } from './elements';
import { NameSlot } from './names';

/** Names that fit into a guess together with the equals sign and the quote. */
export const GuessNameMax: usize = 14;

const GuessCount: u32 = 2048;
const GuessSize: u32 = 32;

@unmanaged
export class Guess {
  keyLow: u64;
  keyHigh: u64;
  length: u32;
  slot: NameSlot;
  about: u32;
}

class Guesses {
  static base: usize = 0;
}

export function buildGuesses(): void {
  Guesses.base = reserve(GuessCount * GuessSize);
  for (let i: u32 = 0; i < GuessCount; i++) {
    // No attribute begins with a zero byte.
    changetype<Guess>(Guesses.base + i * GuessSize).length = 1;
  }
}

/** The guess for what follows the name in `before` in an element of the name in `tag`. */
export function guessAfter(tag: NameSlot, before: NameSlot): Guess {
  const mixed = changetype<usize>(before) ^ (changetype<usize>(tag) * 5);
  return changetype<Guess>(Guesses.base + (mixed & ((GuessCount - 1) * GuessSize)));
}

/** Number (lower half) and kind of the name in the slot. */
export function aboutOf(slot: NameSlot): u32 {
  return load<u32>(changetype<usize>(slot), offsetof<NameSlot>('number'));
}

/** Notes that the `length` bytes at `p`, a name, `=` and a quote, came this time. */
export function remember(guess: Guess, p: usize, length: u32, slot: NameSlot): void {
  guess.keyLow = keyLow(p, length);
  guess.keyHigh = keyHigh(p, length);
  guess.length = length;
  guess.slot = slot;
  guess.about = aboutOf(slot);
}
