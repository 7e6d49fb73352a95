/*
 * The events of the general drop-ins that are known and not delivered yet, in order.
 *
 * Invariant: an event is off the queue before its listener runs, so a listener that throws leaves the
 * events behind it, and no more. One that is put back is the next again: that is how an event of
 * several steps, such as a tag with its attributes, keeps its place between two of them.
 */

/** Room for so many events is kept from one piece of input to the next. */
const keptEvents = 2048;

export class EventQueue {
  /** The event in hand: what was given to `put`. */
  event = 0;
  value: unknown;
  offset = 0;
  start = 0;

  // Four arrays, and not one of records: an event costs no object.
  #events: number[] = [];
  #values: unknown[] = [];
  #offsets: number[] = [];
  #starts: number[] = [];
  /** Those from `#next` to `#count` wait. */
  #next = 0;
  #count = 0;

  get isEmpty(): boolean {
    return this.#next === this.#count;
  }

  /** Adds an event. `offset` is where in the input it is, `start` where its token is. */
  put(event: number, value: unknown, offset: number, start: number): void {
    const index = this.#count++;
    this.#events[index] = event;
    this.#values[index] = value;
    this.#offsets[index] = offset;
    this.#starts[index] = start;
  }

  /** Takes the next event in hand. False if there is none. */
  take(): boolean {
    if (this.#next === this.#count) {
      this.clear();
      return false;
    }
    const index = this.#next++;
    this.event = this.#events[index];
    this.value = this.#values[index];
    this.offset = this.#offsets[index];
    this.start = this.#starts[index];
    // What a listener has seen is not held here.
    this.#values[index] = undefined;
    return true;
  }

  /** The event in hand is not done: it is the next again. */
  putBack(): void {
    this.#values[--this.#next] = this.value;
  }

  /** Forgets the events that wait. */
  clear(): void {
    // The arrays are used again, but for those of a long piece.
    if (this.#count > keptEvents) {
      this.#events = [];
      this.#values = [];
      this.#offsets = [];
      this.#starts = [];
    } else this.#values.fill(undefined, this.#next, this.#count);
    this.value = undefined;
    this.#count = 0;
    this.#next = 0;
  }
}
