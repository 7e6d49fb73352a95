/*
 * The suite on every runtime that is there: all checks pass, and say the same as on the pinned Node, to
 * the byte.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from './check.js';
import { runtimes } from './runtimes.js';

const [pinned, ...others] = runtimes;

const states = (outcomes: readonly Outcome[]) =>
  Object.fromEntries(outcomes.map(({ name, state, value }) => [name, `${state} ${value}`]));

let expected: Outcome[] = [];
beforeAll(async () => {
  expected = await pinned.run();
}, 120_000);

test(`${pinned.name} passes every check`, () => {
  expect(expected.length).toBeGreaterThan(15);
  expect(expected.filter(({ state }) => state !== 'yes')).toEqual([]);
});

describe.each(others)('$name', (runtime) => {
  const { absence } = runtime;
  const skipped = absence === undefined ? '' : ` (skipped: ${absence})`;
  test.skipIf(absence !== undefined)(
    `says the same as the pinned Node${skipped}`,
    async () => {
      const outcomes = await runtime.run();
      expect(outcomes.filter(({ state }) => state === 'fail')).toEqual([]);
      const known = new Set(outcomes.map(({ name }) => name));
      const wanted = expected.filter(({ name }) => known.has(name));
      expect(states(outcomes.filter(({ state }) => state === 'yes'))).toEqual(states(wanted));
      expect(outcomes.length).toBeGreaterThan(15);
    },
    180_000,
  );
});
