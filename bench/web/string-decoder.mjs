/** `node:string_decoder` for pages: a decoder that remembers the beginning of a character. */
export class StringDecoder {
  #decoder = new TextDecoder();

  write(bytes) {
    return this.#decoder.decode(bytes, { stream: true });
  }
}
