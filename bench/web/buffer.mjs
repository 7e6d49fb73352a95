/** As much of Node's Buffer as drivers and peers use, for bundles of pages. tercet does not see it: it has its own way. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

class PageBuffer extends Uint8Array {
  static from(value) {
    return typeof value === 'string' ? encoder.encode(value) : new PageBuffer(value);
  }

  static byteLength(text) {
    return encoder.encode(text).length;
  }

  toString() {
    return decoder.decode(this);
  }
}

export { PageBuffer as Buffer };
