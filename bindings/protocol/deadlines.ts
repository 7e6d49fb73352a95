/*
 * The moments at which a stream machine has something to do, of which the host is told the next one
 * (`timerSet`). Times are milliseconds of the host's steady clock.
 *
 *     negotiation   from the first byte to a bound resource       (server: fail, client: fail)
 *     liveness      the peer has been silent for a while           (ask, then fail)
 *     request       stanzas were sent that nobody acknowledged     (stream management: ask)
 *     closing       our closing tag is out                         (close without the peer's)
 */
export type Deadline = 'negotiation' | 'liveness' | 'request' | 'closing';

const kinds: readonly Deadline[] = ['negotiation', 'liveness', 'request', 'closing'];

export class Deadlines {
  readonly #at: Record<Deadline, number> = {
    negotiation: Infinity,
    liveness: Infinity,
    request: Infinity,
    closing: Infinity,
  };

  /** The next moment, or undefined when there is none. */
  get next(): number | undefined {
    const { negotiation, liveness, request, closing } = this.#at;
    const next = Math.min(negotiation, liveness, request, closing);
    return next === Infinity ? undefined : next;
  }

  isSet(kind: Deadline): boolean {
    return this.#at[kind] !== Infinity;
  }

  set(kind: Deadline, at: number | undefined): void {
    this.#at[kind] = at ?? Infinity;
  }

  clear(): void {
    for (const kind of kinds) this.#at[kind] = Infinity;
  }

  /** Takes one that has come off the list. */
  take(now: number): Deadline | undefined {
    const due = kinds.find((kind) => this.#at[kind] <= now);
    if (due) this.#at[due] = Infinity;
    return due;
  }
}
