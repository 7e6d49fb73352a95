/*
 * Addresses made to cost: what is as long as can be, what is far longer, and what presses on one step, such
 * as marks in the worst order, Punycode with many insertions, or context rules that look far.
 *
 * Times are minima of several runs, compared with each other and never with a clock: the worst address may
 * cost a bounded number of times what plain ASCII of the same length costs, and twice the input three times
 * the time at the most, which leaves room for a busy machine and none for a quadratic.
 */

import { Jid } from 'tercet/jid';
import { expect, test } from 'vitest';
import { encodePunycode } from '../reference/jid/punycode.js';

const times = (count: number, of: (index: number) => number): string =>
  String.fromCodePoint(...Array.from({ length: count }, (_, index) => of(index)));

// Combining classes 240, 234, 230, 232, 220, 202, 216 and 1, and in an order that has to be undone.
const marks = [0x345, 0x35c, 0x301, 0x315, 0x323, 0x327, 0x31b, 0x334];
const falling = (count: number): string =>
  times(count, (index) => marks[Math.floor((index * marks.length) / count)] ?? 0x301);
const cycling = (count: number): string =>
  times(count, (index) => marks[index % marks.length] ?? 0);
const ideographs = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => 0x4e00 + ((index * 7919) % 20_000));
const aLabel = (codePoints: readonly number[]): string => `xn--${encodePunycode(codePoints)}`;

/** Each as long as `size` allows, which is 1 for the longest. */
const attacks: Readonly<Record<string, (size: number) => string>> = {
  'marks in falling order': (size) => `a${falling(511 * size)}@b`,
  'marks in a cycle': (size) => `a${cycling(511 * size)}@b`,
  'marks in a resourcepart': (size) => `b/a${cycling(511 * size)}`,
  'marks in a domain': (size) => `a${cycling(511 * size)}`,
  'letters with two marks': (size) => `b/${'u\u0308\u0304'.repeat(511 * size)}`,
  'Hangul in pieces': (size) => `b/${'\u1100\u1161\u11a8'.repeat(341 * size)}`,
  'four code points each': (size) => `${'\u1f82'.repeat(341 * size)}@b`,
  'compatibility ideographs': (size) => `${'\uf900\uf901'.repeat(170 * size)}@b`,
  'fullwidth letters': (size) => `${'Ａ'.repeat(1023 * size)}@b`,
  'spaces of another kind': (size) => `b/${'\u3000'.repeat(1023 * size)}`,
  'an A-label of scattered insertions': (size) => aLabel(ideographs(341 * size)),
  'an A-label with insertions at the front': (size) =>
    aLabel(ideographs(341 * size).sort((left, right) => right - left)),
  'many A-labels': (size) => 'xn--zca.'.repeat(340 * size),
  'an A-label that is none': (size) => `xn--${'a9'.repeat(2046 * size)}`,
  'one long digit': (size) => `xn--${'z'.repeat(4090 * size)}`,
  'a joiner between many marks': (size) =>
    `b/\u0628${'\u064e'.repeat(250 * size)}\u200c${'\u064e'.repeat(250 * size)}\u0628`,
  'many joiners': (size) => `b/${'\u0628\u200c'.repeat(204 * size)}\u0628`,
  'joiners that do not join': (size) => `b/\u0628${'\u200c\u064e'.repeat(200 * size)}`,
  'dots that ask for Katakana': (size) => `b/${'\u30fb'.repeat(340 * size)}`,
  'two kinds of digits': (size) => `b/${'\u0660'.repeat(510 * size)}\u06f0`,
  'labels of both directions': (size) => `${'\u05d0.'.repeat(340 * size)}a`,
};

const plain = `${'a'.repeat(1023)}@b`;
const calls = 20;
const rounds = 15;

/** The least time of a round for each source, in turns, so that a busy machine is busy for all. */
function leastTimes(...sources: string[]): number[] {
  const least = sources.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    for (const [index, source] of sources.entries()) {
      const start = performance.now();
      for (let call = 0; call < calls; call++) Jid.check(source);
      least[index] = Math.min(least[index] ?? Infinity, performance.now() - start);
    }
  }
  return least;
}

/** Whether it holds in one of several attempts. */
function holdsOnce(attempt: () => number, limit: number): number {
  let ratio = Infinity;
  for (let left = 4; left > 0 && ratio > limit; left--) ratio = Math.min(ratio, attempt());
  return ratio;
}

// Warm: tables are made on the first use, and what runs often is compiled.
for (let call = 0; call < 2000; call++) {
  for (const attack of Object.values(attacks)) Jid.check(attack(0.05));
  Jid.check(plain);
}

test.each(Object.entries(attacks))('%s: bounded, and linear', (_, attack) => {
  const toPlain = holdsOnce(() => {
    const [worst = 0, usual = 1] = leastTimes(attack(1), plain);
    return worst / usual;
  }, 30);
  expect(toPlain).toBeLessThan(30);
  const growth = holdsOnce(() => {
    const [half = 1, whole = 0] = leastTimes(attack(0.5), attack(1));
    return whole / half;
  }, 3);
  expect(growth).toBeLessThan(3);
});

const tooLong: Readonly<Record<string, (count: number) => string>> = {
  'a localpart': (count) => `${'a'.repeat(count)}@b`,
  'a domainpart': (count) => 'a'.repeat(count),
  'a resourcepart': (count) => `a@b/${'a'.repeat(count)}`,
  'a localpart of marks': (count) => `${'\u0301'.repeat(count)}@b`,
  'a resourcepart of marks': (count) => `b/${'\u0301\u0323'.repeat(count / 2)}`,
  labels: (count) => 'a.'.repeat(count / 2),
  'all three parts': (count) => ['@', '/', 'a'].map((end) => 'é'.repeat(count / 3) + end).join(''),
  'at signs': (count) => `a${'@'.repeat(count)}`,
  slashes: (count) => `a@b${'/'.repeat(count)}`,
};

// In octets at least 10 MB; in UTF-16 units the count.
test.each(Object.entries(tooLong))('10 MB: %s is refused in linear time', (_, make) => {
  const [whole, half] = [make(10_000_000), make(5_000_000)];
  const result = Jid.check(whole);
  expect(result.ok).toBe(false);
  if (!result.ok) expect(['too-long', 'disallowed']).toContain(result.error.rule);
  expect(Jid.parseWire(half).toString()).toBe(half);
  const time = (source: string): number => {
    let least = Infinity;
    for (let round = 0; round < 7; round++) {
      const start = performance.now();
      Jid.check(source);
      least = Math.min(least, performance.now() - start);
    }
    return least;
  };
  // Finding separators is all that looks at such a string, so what is below a millisecond is noise.
  const growth = holdsOnce(() => time(whole) / Math.max(time(half), 1), 3.5);
  expect(growth).toBeLessThan(3.5);
});

test('addresses of all kinds leave no memory behind', () => {
  const before = process.memoryUsage().arrayBuffers;
  for (const attack of Object.values(attacks)) {
    for (let call = 0; call < 200; call++) Jid.check(attack(1));
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
});
