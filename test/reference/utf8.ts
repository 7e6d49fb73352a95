/*
 * UTF-8 one byte at a time, after table 3-7 of the Unicode standard (RFC 3629, section 4).
 *
 * Only the second byte has a range of its own: it rules out overlong forms, surrogates and what lies
 * beyond U+10FFFF. A sequence is ill-formed at the first byte that does not fit.
 */

export class Utf8Decoder {
  #value = 0;
  #missing = 0;
  #low = 0x80;
  #high = 0xbf;

  /** Whether a sequence has begun and is not complete. */
  get pending(): boolean {
    return this.#missing > 0;
  }

  /** The code point that this byte completes, -1 when more bytes are needed, -2 when it is ill-formed. */
  take(byte: number): number {
    if (this.#missing === 0) {
      if (byte < 0x80) return byte;
      this.#low = 0x80;
      this.#high = 0xbf;
      if (byte >= 0xc2 && byte <= 0xdf) return this.#begin(byte & 0x1f, 1);
      if (byte >= 0xe0 && byte <= 0xef) {
        if (byte === 0xe0) this.#low = 0xa0;
        if (byte === 0xed) this.#high = 0x9f;
        return this.#begin(byte & 0x0f, 2);
      }
      if (byte >= 0xf0 && byte <= 0xf4) {
        if (byte === 0xf0) this.#low = 0x90;
        if (byte === 0xf4) this.#high = 0x8f;
        return this.#begin(byte & 0x07, 3);
      }
      return -2;
    }
    if (byte < this.#low || byte > this.#high) return -2;
    this.#low = 0x80;
    this.#high = 0xbf;
    this.#value = this.#value * 64 + (byte & 0x3f);
    this.#missing -= 1;
    return this.#missing === 0 ? this.#value : -1;
  }

  #begin(bits: number, missing: number): number {
    this.#value = bits;
    this.#missing = missing;
    return -1;
  }
}
