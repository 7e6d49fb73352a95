/*
 * The namespaces in scope where a document is read or written: one table for all levels, and for each open
 * element what its declarations have replaced (Namespaces in XML 1.0, section 6).
 *
 * Invariant: a declaration costs the same however many are around it, and a prefix is found at once; prefixes
 * of elements that are closed are forgotten.
 */
export class PrefixTable {
  readonly #uris: Map<string, string>;
  /** Of each open element: prefixes, each with the URI that it had before. */
  readonly #replaced: ((string | undefined)[] | undefined)[] = [];

  /** `outermost`: what is in scope around the root. */
  constructor(outermost: Iterable<readonly [string, string]> = []) {
    this.#uris = new Map(outermost);
  }

  /** The namespace of a prefix, '' being that of the default one; undefined if nobody has declared it. */
  get(prefix: string): string | undefined {
    return this.#uris.get(prefix);
  }

  /** An element begins; its declarations follow. */
  open(): void {
    this.#replaced.push(undefined);
  }

  declare(prefix: string, uri: string): void {
    const last = this.#replaced.length - 1;
    (this.#replaced[last] ??= []).push(prefix, this.#uris.get(prefix));
    this.#uris.set(prefix, uri);
  }

  /** The innermost element ends. */
  close(): void {
    const replaced = this.#replaced.pop();
    if (replaced === undefined) return;
    // Backwards: what was declared twice gets what it had first.
    for (let index = replaced.length - 2; index >= 0; index -= 2) {
      const prefix = replaced[index] ?? '';
      const uri = replaced[index + 1];
      if (uri === undefined) this.#uris.delete(prefix);
      else this.#uris.set(prefix, uri);
    }
  }
}
