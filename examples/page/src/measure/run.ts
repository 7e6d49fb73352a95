/*
 * The measurement: rounds in turn, so that a machine that slows down slows all of them, and the median of
 * each. Pauses between rounds keep the page alive.
 */
import type { Subject } from './subjects.ts';

export interface Figure {
  readonly name: string;
  readonly note: string;
  /** MB of UTF-8 a second; 0 while there is none. */
  readonly rate: number;
}

export interface Progress {
  readonly figures: readonly Figure[];
  readonly round: number;
  readonly rounds: number;
  /** Subjects that read something else than the first one did. */
  readonly differing: readonly string[];
}

/** What a round of one subject takes at least, in milliseconds: more than a clock's step by far. */
const roundMs = 60;

export async function* measure(
  subjects: readonly Subject[],
  stanzas: readonly string[],
  rounds: number,
  signal: AbortSignal,
): AsyncGenerator<Progress, void> {
  const bytes = new TextEncoder().encode(stanzas.join('')).length;
  const rates = subjects.map((): number[] => []);
  // A first pass shows that all read the same; it and a first round, which are not counted, have them compiled.
  const sums = subjects.map((subject) => subject.read(stanzas));
  const differing = subjects.filter((_, index) => sums[index] !== sums[0]).map(({ name }) => name);
  for (const subject of subjects) {
    await pause();
    rateOf(subject, stanzas, bytes);
  }
  for (let round = 1; round <= rounds; round++) {
    // There and back: what one leaves to be collected does not always fall to the same one.
    const turn = [...subjects.entries()];
    if (round % 2 === 0) turn.reverse();
    for (const [index, subject] of turn) {
      await pause();
      if (signal.aborted) return;
      rates[index]?.push(rateOf(subject, stanzas, bytes));
    }
    const figures = subjects.map(({ name, note }, index) => ({
      name,
      note,
      rate: median(rates[index] ?? []),
    }));
    yield { figures, round, rounds, differing };
  }
}

function rateOf(subject: Subject, stanzas: readonly string[], bytes: number): number {
  const start = performance.now();
  let passes = 0;
  let elapsed = 0;
  while (elapsed < roundMs) {
    subject.read(stanzas);
    passes++;
    elapsed = performance.now() - start;
  }
  return (passes * bytes) / 1e6 / (elapsed / 1e3);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? 0;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
