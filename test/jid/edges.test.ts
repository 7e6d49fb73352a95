/*
 * Where the core changes its pace: blocks of units that are looked at together, runs of marks that are sorted
 * one way or another. Every length around them, with something that matters at every place near an edge, from
 * UTF-16 and from UTF-8, compared with the reference.
 */

import { readFileSync } from 'node:fs';
import { Jid } from 'tercet/jid';
import { describe, expect, test } from 'vitest';
import { JidTarget } from '../fuzz/jid.js';
import { charactersOf, normalizeC, textOf } from '../reference/jid/normalization.js';
import { JidCore } from './wasm.js';

const wasm = new Uint8Array(readFileSync(new URL('../../build/release.wasm', import.meta.url)));
const target = new JidTarget(wasm);

function check(source: string): void {
  const wrong = target.check(source, {});
  if (wrong !== undefined) expect([source, wrong]).toEqual([source, undefined]);
}

/** What decides something in ASCII, what ends ASCII, and what is nothing. */
const telling = ['-', '.', '@', '/', 'A', '_', ' ', '\u0000', 'é', 'Σ', '。', '\u0301', '\ud800'];
const lengths = [
  ...range(1, 18),
  ...range(30, 34),
  ...range(46, 50),
  ...range(61, 68),
  ...range(126, 131),
];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** A string of that length with `character` at the place, whatever stands there. */
const withAt = (base: string, place: number, character: string): string =>
  base.slice(0, place) + character + base.slice(place + 1);

const placesNear = (length: number): number[] =>
  [...new Set([0, 1, 15, 16, 31, 32, 62, 63, 64, 65, length - 3, length - 2, length - 1])].filter(
    (place) => place >= 0 && place < length,
  );

test.each([
  ['a domainpart', (length: number) => 'a'.repeat(length)],
  ['a domainpart of labels', (length: number) => 'ab.c-d.'.repeat(20).slice(0, length)],
  ['a localpart', (length: number) => `${'a'.repeat(Math.max(1, length - 4))}@b.c`],
  [
    'a domainpart behind a localpart',
    (length: number) => `a@${'b'.repeat(Math.max(1, length - 2))}`,
  ],
  ['a resourcepart', (length: number) => `b/${'c'.repeat(Math.max(1, length - 2))}`],
  ['all three', (length: number) => `ab@cd/${'e'.repeat(Math.max(1, length - 6))}`],
])('%s of every length around a block', (_, make) => {
  for (const length of lengths) {
    const base = make(length);
    check(base);
    for (const place of placesNear(base.length)) {
      for (const character of telling) check(withAt(base, place, character));
    }
  }
});

test('two of them at the end of a block', () => {
  for (const length of [15, 16, 17, 31, 32, 33, 63, 64, 65, 66, 127, 128, 129]) {
    for (const first of telling) {
      for (const second of telling) {
        check('a'.repeat(length - 2) + first + second);
        check(`A@${'b'.repeat(Math.max(0, length - 4))}${first}${second}`);
      }
    }
  }
});

test('runs of marks of every length, in every order', () => {
  const core = new JidCore(wasm);
  const orders: readonly (readonly string[])[] = [
    ['\u0315', '\u0300'],
    ['\u0300', '\u0315'],
    ['\u0345', '\u0315', '\u0301', '\u0323', '\u0327', '\u0334'],
    ['\u0323', '\u0301', '\u0307', '\u031b'],
    ['\u05b0', '\u05c1', '\u0300', '\u3099', '\u094d'],
    ['\u0308', '\u0304'],
  ];
  const counts = [
    ...range(1, 20),
    ...range(30, 34),
    ...range(62, 68),
    ...range(126, 130),
    200,
    255,
    256,
    257,
    500,
  ];
  for (const order of orders) {
    for (const count of counts) {
      const cycle = order.join('').repeat(count).slice(0, count);
      const sorted = order.map((mark) => mark.repeat(Math.ceil(count / order.length))).join('');
      for (const text of [`a${cycle}`, `u${sorted}`, `${cycle}a${sorted}`.slice(0, 1000), cycle]) {
        const expected = textOf(normalizeC(charactersOf(text)));
        if (core.normalize(text) !== expected)
          expect([text, core.normalize(text)]).toEqual([text, expected]);
      }
      check(`a${cycle}@b`);
      check(`b/${cycle}${sorted.slice(0, 200)}`);
    }
  }
});

/** How strings get into memory depends on their length, on the runtime, and on how they were made. */
describe('strings of all lengths are read as they are', () => {
  const sizes = [...Array.from({ length: 20 }, (_, index) => index + 55), 250, 1000];
  const flat = (text: string) => JSON.parse(JSON.stringify(text)) as string;

  test.each(['z', '\u00e9', '\u1ec7', '\u{1f600}'])('that end in %s', (end) => {
    for (const length of sizes) {
      const source = `b/${'a'.repeat(length)}${end}`;
      expect(Jid.parse(source).resource).toBe(source.slice(2));
      expect(Jid.parse(flat(source)).resource).toBe(source.slice(2));
      expect(Jid.parse(`B/${source.slice(2)}`).resource).toBe(source.slice(2));
    }
  });

  test.each(['\ud800', '\udc00', '\u0007'])('that end in what is refused: %j', (end) => {
    for (const length of sizes) {
      const source = `b/${'\u1ec7'.repeat(length % 300)}${end}`;
      for (const text of [source, flat(source)]) {
        const result = Jid.check(text);
        if (result.ok) throw new Error('taken');
        expect(result.error).toMatchObject({
          part: 'resource',
          index: source.length - 1,
          codePoint: end.codePointAt(0),
        });
      }
    }
  });
});
