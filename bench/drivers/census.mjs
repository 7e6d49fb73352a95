/**
 * Counts that two parsers of the same bytes must agree on, whatever their events look like.
 *
 * Lengths are bytes of UTF-8. Namespace declarations are left out, because parsers that process namespaces may hide
 * them; so is white space between stanzas, which some do not report.
 */

export class Census {
  counts = { elements: 0, attributes: 0, valueBytes: 0, textBytes: 0 };
  #depth = 0;
  #attributesOf;

  constructor(attributesOf) {
    this.#attributesOf = attributesOf;
    // Parsers are given these as bare functions.
    this.start = this.start.bind(this);
    this.end = this.end.bind(this);
    this.text = this.text.bind(this);
  }

  /** A new stream begins (its header is counted like any element), or a stanza at depth 1. */
  reset(depth = 0) {
    this.#depth = depth;
  }

  start(name, found) {
    this.counts.elements++;
    this.#depth++;
    for (const [key, value] of this.#attributesOf(found)) {
      if (key === 'xmlns' || key.startsWith('xmlns:')) continue;
      this.counts.attributes++;
      this.counts.valueBytes += Buffer.byteLength(value);
    }
  }

  end() {
    this.#depth--;
  }

  text(value) {
    if (this.#depth >= 2) this.counts.textBytes += Buffer.byteLength(value);
  }
}
