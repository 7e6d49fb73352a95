/*
 * First in, first out, with removal from anywhere. Each costs the same on average however long the queue is:
 * an array that is shifted moves all that it holds. What was removed is held no longer than the half of it.
 */
export class Queue<Item extends object> {
  #items: Item[] = [];
  /** Before it nothing counts any more. */
  #head = 0;
  readonly #removed = new Set<Item>();

  constructor(items: readonly Item[] = []) {
    this.#items = [...items];
  }

  get length(): number {
    return this.#items.length - this.#head - this.#removed.size;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes the first. */
  shift(): Item | undefined {
    while (this.#head < this.#items.length) {
      const item = this.#items[this.#head];
      this.#head += 1;
      this.#tidy();
      if (!this.#removed.delete(item)) return item;
    }
    return undefined;
  }

  /** Takes away one that is in it, once. */
  remove(item: Item): void {
    this.#removed.add(item);
    this.#tidy();
  }

  /** All that are in it, in order. */
  items(): Item[] {
    return this.#items.slice(this.#head).filter((item) => !this.#removed.has(item));
  }

  /** Takes all. */
  clear(): Item[] {
    const items = this.items();
    this.#items = [];
    this.#head = 0;
    this.#removed.clear();
    return items;
  }

  /** Costs as much as there is left, after as many have gone. */
  #tidy(): void {
    const goneCount = this.#head + this.#removed.size;
    if (goneCount < 32 || goneCount * 2 < this.#items.length) return;
    this.#items = this.items();
    this.#head = 0;
    this.#removed.clear();
  }
}
