/*
 * Stanzas for those who iterate over them: each iterator has a queue of its own and sees all stanzas from
 * its beginning on. What comes while there is none, and what the last one left, waits for the next, up to a
 * bound, the oldest going first: a program that only sends must not fill its memory with what it does not
 * read.
 *
 *     stanza ──► queue of iterator 1 ──► next()
 *           └──► queue of iterator 2 ──► next()
 *
 * A queue that is long asks for a pause. After the end iterators give what they have, then the end or the
 * error.
 */
import type { Element } from '../element.js';
import { Queue } from './queue.js';

/** Stanzas that wait for an iterator. */
const maxEarlyCount = 256;

/** From how many stanzas on a queue is long, and from how few on it no longer is. */
const highCount = 256;
const lowCount = 128;

interface End {
  readonly error: Error | undefined;
}

interface IteratorOwner {
  taken(): void;
  /** It ends, with these left unread. */
  closed(left: readonly Element[]): void;
}

type Settle = (result: Promise<IteratorResult<Element, undefined>>) => void;

export class StanzaQueue {
  readonly #changed: () => void;
  readonly #iterators = new Set<StanzaIterator>();
  /** Those that wait for an iterator, while there is none. */
  #early: Element[] = [];
  #end: End | undefined;
  #isLong = false;

  /** `changed` is called when `isLong` changes. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Whether somebody has more than enough to read. */
  get isLong(): boolean {
    return this.#isLong;
  }

  push(stanza: Element): void {
    for (const iterator of this.#iterators) iterator.push(stanza);
    if (this.#iterators.size === 0) {
      this.#early.push(stanza);
      if (this.#early.length > maxEarlyCount) this.#early.shift();
    }
    this.#check();
  }

  /** Ends all iterators, with an error or without. */
  end(error: Error | undefined): void {
    this.#end = { error };
    for (const iterator of this.#iterators) iterator.end(this.#end);
  }

  iterate(signal: AbortSignal | undefined): AsyncIterableIterator<Element, undefined> {
    const early = this.#early;
    const iterator = new StanzaIterator(early, {
      taken: () => this.#check(),
      closed: (left) => {
        const wasLast = this.#iterators.delete(iterator) && this.#iterators.size === 0;
        if (wasLast) this.#early = left.slice(-maxEarlyCount);
        this.#check();
      },
    });
    this.#early = [];
    this.#iterators.add(iterator);
    if (signal) iterator.stopBy(signal);
    if (this.#end) iterator.end(this.#end);
    return iterator;
  }

  #check(): void {
    const most = Math.max(0, ...[...this.#iterators].map(({ length }) => length));
    const isLong = most >= (this.#isLong ? lowCount : highCount);
    if (isLong === this.#isLong) return;
    this.#isLong = isLong;
    this.#changed();
  }
}

class StanzaIterator implements AsyncIterableIterator<Element, undefined> {
  readonly #stanzas: Queue<Element>;
  readonly #owner: IteratorOwner;
  readonly #waiting: Settle[] = [];
  #signal: AbortSignal | undefined;
  #end: End | undefined;

  constructor(stanzas: readonly Element[], owner: IteratorOwner) {
    this.#stanzas = new Queue(stanzas);
    this.#owner = owner;
  }

  stopBy(signal: AbortSignal): void {
    this.#signal = signal;
    if (signal.aborted) this.#abort();
    else signal.addEventListener('abort', this.#abort);
  }

  get length(): number {
    return this.#stanzas.length;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(stanza: Element): void {
    const settle = this.#waiting.shift();
    if (settle) settle(Promise.resolve({ done: false, value: stanza }));
    else this.#stanzas.push(stanza);
  }

  end(end: End): void {
    this.#end ??= end;
    for (const settle of this.#waiting.splice(0)) settle(this.#last());
  }

  next(): Promise<IteratorResult<Element, undefined>> {
    const stanza = this.#stanzas.shift();
    if (stanza) {
      this.#owner.taken();
      return Promise.resolve({ done: false, value: stanza });
    }
    if (this.#end) return this.#last();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<Element, undefined>> {
    this.#close({ error: undefined });
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The error once, then the end. */
  #last(): Promise<IteratorResult<Element, undefined>> {
    const error = this.#end?.error;
    this.#end = { error: undefined };
    return error ? Promise.reject(error) : Promise.resolve({ done: true, value: undefined });
  }

  readonly #abort = (): void => {
    this.#close({ error: this.#signal?.reason as Error });
  };

  #close(end: End): void {
    this.#signal?.removeEventListener('abort', this.#abort);
    const left = this.#stanzas.clear();
    this.end(end);
    this.#owner.closed(left);
  }
}
