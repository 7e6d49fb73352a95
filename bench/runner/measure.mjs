/**
 * Measures one case: all subjects side by side, in turn, on the same corpus.
 *
 * 1. One process a subject is started, since inline caches and heaps are shared inside a process. All stay alive.
 * 2. Three rounds warm up; the third also says how much work fits into a round.
 * 3. Seven to eleven rounds follow, as many as the time allows, in turn: A B C, A B C. One subject works at a time.
 *
 * The figure is CPU time, user and system, of all threads of the process: what a server pays. No garbage collection is
 * forced; a collection falls into the round that caused it. Each segment of a corpus is a stream of its own, and the
 * rounds walk through the segments, so that every subject sees the whole corpus.
 */

import { parallel, pool } from './child.mjs';

const warmUpRounds = 3;
const leastRounds = 7;
const mostRounds = 11;

/**
 * `subjects`: `[{ name, start }]`, where `start()` is the subject's process; what they count was compared before (check.mjs).
 * Returns `{ rounds: Map of name to [{ cpu, wall, bytes, stanzas }], errors: [{ subject, reason }] }`.
 */
export async function measureCase({ subjects, corpus, until, say }) {
  const errors = [];
  const { segments } = corpus;
  const failed = (name, error) => errors.push({ subject: name, reason: error.message });

  let living = subjects;
  const children = new Map(living.map(({ name, start }) => [name, start()]));
  const position = new Map(living.map(({ name }) => [name, 0]));
  const cost = new Map();
  const work = async (name, amount) => {
    const ranges = [];
    let stanzas = 0;
    for (let taken = 0; taken < amount; taken++) {
      const index = position.get(name);
      const { start, end, stanzaCount } = segments[index];
      ranges.push(`${start} ${end}`);
      stanzas += stanzaCount;
      position.set(name, (index + 1) % segments.length);
    }
    const answer = await children.get(name).order(ranges.join(' '));
    if (answer.stanzas !== undefined && answer.stanzas !== stanzas) {
      throw new Error(`delivered ${answer.stanzas} stanzas of ${stanzas}`);
    }
    // For planning only: on a busy machine a round takes longer than the CPU time it uses.
    cost.set(name, Math.max(answer.cpu, answer.wall) / amount);
    return { cpu: answer.cpu, wall: answer.wall, bytes: answer.bytes, stanzas };
  };

  // Subjects may warm up at once: nothing is measured yet, and the inline caches are their own. A quarter of the time
  // goes into it, since optimising compilers need some hundred milliseconds to settle.
  const left = () => Math.max(0, until - performance.now()) * 1000;
  const warmUpShare = (left() * 0.25 * parallel) / living.length / (warmUpRounds - 1);
  say('warm-up');
  await pool(
    parallel,
    living.map(({ name }) => async () => {
      try {
        await children.get(name).answer();
        await work(name, Math.min(4, segments.length));
        for (let round = 1; round < warmUpRounds; round++) {
          await work(name, amountFor(warmUpShare, cost.get(name), segments.length));
        }
      } catch (error) {
        failed(name, error);
      }
    }),
  );
  living = living.filter(({ name }) => !errors.some(({ subject }) => subject === name));

  const rounds = new Map(living.map(({ name }) => [name, []]));
  const share = left() / living.length / 9.5;
  for (let round = 0; round < mostRounds; round++) {
    if (round >= leastRounds && left() < share * living.length) break;
    say(`round ${round + 1}`);
    for (const { name } of living) {
      if (!rounds.has(name)) continue;
      try {
        rounds.get(name).push(await work(name, amountFor(share, cost.get(name), segments.length)));
      } catch (error) {
        failed(name, error);
        rounds.delete(name);
      }
    }
  }
  for (const child of children.values()) child.stop();
  return { rounds, errors };
}

/** Whole segments for about `microseconds`: at least one, at most three times the corpus. */
function amountFor(microseconds, segmentCost, segmentCount) {
  return Math.max(1, Math.min(segmentCount * 3, Math.round(microseconds / segmentCost)));
}
