/*
 * The fuzz target `route` for a moment: cut streams, single stanzas and the rules written down once more agree
 * (test/fuzz/route.ts). `npm run fuzz -- route` goes on for longer. Seeds that found something once are always run.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RouteTarget, toRouteCase } from '../fuzz/route.js';

const table = readFileSync(new URL('table.md', import.meta.url), 'utf8');

function run(target: RouteTarget, seed: number): void {
  const finding = target.run(seed);
  expect(finding && toRouteCase(finding)).toBeUndefined();
}

test('random streams of random senders', { timeout: 60_000 }, () => {
  const target = new RouteTarget(table);
  for (let seed = 100_000; seed < 100_700; seed++) run(target, seed);
});

test.each([
  [15, 'what another server sent waits for an answer in its own namespace'],
  [1266, 'a stream that ends does not wait'],
])('seed %i: %s', (seed) => {
  run(new RouteTarget(table), seed);
});
