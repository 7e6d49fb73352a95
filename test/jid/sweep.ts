/*
 * One number for all that the preparation of addresses does: a hash of the canonical forms of every code
 * point in each part, and of a million pseudo-random addresses. It is the same in every runtime, on every
 * machine and in the reference; a change of it is a change of somebody's address.
 *
 * Nothing here belongs to one runtime, and no test runner is imported.
 *
 *     codePointHash((source) => canonical(source)) === expectedHashes.codePoints
 */

import { character, kindCount } from '../fuzz/generate-address.js';
import { Random } from '../fuzz/random.js';

/** The canonical form of a string, undefined if it is no address. */
export type Canonical = (source: string) => string | undefined;

export const expectedHashes = {
  codePoints: '0490b65658378520',
  /** After the first 20,000 strings, and after all. */
  someStrings: 'f33d41eb5e990484',
  strings: '0aaf78f714105b6a',
} as const;

export const someCount = 20_000;
export const stringCount = 1_000_000;

/** A code point, also a surrogate, as a localpart, as a domainpart, as a resourcepart. */
export function codePointSources(codePoint: number): readonly string[] {
  const text = String.fromCodePoint(codePoint);
  return [`${text}@a.b`, text, `a.b/${text}`];
}

export function codePointHash(canonical: Canonical): string {
  const hash = new Hash();
  for (let codePoint = 0; codePoint < 0x110000; codePoint++) {
    for (const source of codePointSources(codePoint)) hash.add(canonical(source));
  }
  return hash.toString();
}

/** The first `count` strings of the seed. */
export function stringHash(canonical: Canonical, count: number): string {
  const hash = new Hash();
  const random = new Random(7622);
  for (let left = count; left > 0; left--) hash.add(canonical(randomAddress(random)));
  return hash.toString();
}

/** Short parts of one or two kinds of characters each. */
function randomAddress(random: Random): string {
  const shape = random.below(4);
  const local = shape === 0 ? '' : `${randomPart(random)}@`;
  const domain = shape === 1 ? 'a.b' : randomPart(random);
  return random.oneIn(2) ? `${local}${domain}` : `${local}${domain}/${randomPart(random)}`;
}

function randomPart(random: Random): string {
  const kinds = [random.below(kindCount), random.below(2)];
  let text = '';
  for (let left = 1 + random.below(6); left > 0; left--)
    text += character(random, random.pick(kinds));
  return text;
}

/** Two lanes of 32 bits over UTF-16 units; not for secrets. */
class Hash {
  #left = 0x811c9dc5;
  #right = 0x9e3779b9;

  add(text: string | undefined): void {
    // No code unit is beyond 0xffff.
    if (text === undefined) this.#unit(0x10000);
    else for (let index = 0; index < text.length; index++) this.#unit(text.charCodeAt(index));
    this.#unit(0x10001);
  }

  #unit(unit: number): void {
    this.#left = Math.imul(this.#left ^ unit, 0x01000193);
    this.#right = Math.imul(this.#right ^ (unit + (this.#left >>> 15)), 0x85ebca6b);
  }

  toString(): string {
    return [this.#left, this.#right]
      .map((lane) => (lane >>> 0).toString(16).padStart(8, '0'))
      .join('');
  }
}
