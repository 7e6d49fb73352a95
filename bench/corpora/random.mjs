/**
 * A seeded source of numbers: the same corpus on each machine and in each run.
 *
 * The generator is sfc32 (public domain, three words of state and a counter). `Math.random` has no seed, and its
 * sequence belongs to the engine. Nothing here is meant for secrets.
 */

export class Random {
  #a;
  #b;
  #c;
  #counter = 1;

  constructor(seed) {
    this.#a = seed >>> 0;
    this.#b = 0x9e3779b9;
    this.#c = 0x243f6a88;
    // The first words still show the seed; twelve rounds spread it over the whole state.
    for (let round = 0; round < 12; round++) this.word();
  }

  /** An unsigned 32-bit number. */
  word() {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** A number of [0, 1). */
  fraction() {
    return this.word() / 4294967296;
  }

  /** A whole number of [0, count). */
  below(count) {
    return Math.floor(this.fraction() * count);
  }

  /** A whole number of [low, high], both included. */
  between(low, high) {
    return low + this.below(high - low + 1);
  }

  chance(probability) {
    return this.fraction() < probability;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** Favours the front of the list, as people and words do: about one in n for the n-th. */
  pickZipf(list) {
    return list[Math.floor(list.length ** this.fraction()) - 1];
  }

  /** One of a list of [weight, value]. */
  weighted(list) {
    let total = 0;
    for (const [weight] of list) total += weight;
    let left = this.fraction() * total;
    for (const [weight, value] of list) {
      left -= weight;
      if (left < 0) return value;
    }
    return list[list.length - 1][1];
  }

  shuffled(list) {
    const copy = [...list];
    for (let index = copy.length - 1; index > 0; index--) {
      const other = this.below(index + 1);
      [copy[index], copy[other]] = [copy[other], copy[index]];
    }
    return copy;
  }

  /** `length` characters of an alphabet. */
  letters(length, alphabet) {
    let text = '';
    for (let index = 0; index < length; index++) text += alphabet[this.below(alphabet.length)];
    return text;
  }

  /** Around `median`, with a long tail upwards: lengths of what people write. */
  lengthAround(median, spread, highest) {
    const normal =
      Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
    return Math.max(1, Math.min(highest, Math.round(median * Math.exp(spread * normal))));
  }
}
