/*
 * The committed hashes of test/jid/sweep.ts: the public Jid has them. The reference had them, too, when they
 * were committed, and has with TERCET_LONG=1, which takes minutes; here it is asked for one assigned code
 * point in seven, and some of the strings.
 */

import { Jid } from 'tercet/jid';
import { expect, test } from 'vitest';
import { precisClass } from '../reference/jid/classes.js';
import { prepareDomain } from '../reference/jid/domain.js';
import { formatAddress, parseAddress } from '../reference/jid/jid.js';
import { prepareLocal, prepareResource } from '../reference/jid/parts.js';
import {
  type Canonical,
  codePointHash,
  codePointSources,
  expectedHashes,
  someCount,
  stringCount,
  stringHash,
} from './sweep.js';

const isQuick = process.env.TERCET_QUICK === '1';
const isLong = process.env.TERCET_LONG === '1';

const face: Canonical = (source) => {
  const result = Jid.check(source);
  return result.ok ? result.jid.toString() : undefined;
};
const reference: Canonical = (source) => {
  const result = parseAddress(source);
  return result.ok ? formatAddress(result) : undefined;
};

/** As codePointSources has it; quicker than to prepare what stays the same again and again. */
function partByPart(text: string): (string | undefined)[] {
  const [local, domain, resource] = [
    prepareLocal(text),
    prepareDomain(text),
    prepareResource(text),
  ];
  return [
    local.ok ? `${local.text}@a.b` : undefined,
    domain.ok ? domain.text : undefined,
    resource.ok ? `a.b/${resource.text}` : undefined,
  ];
}

test('every code point in each part', () => {
  expect(codePointHash(face)).toBe(expectedHashes.codePoints);
});

test('pseudo-random addresses', () => {
  expect(stringHash(face, someCount)).toBe(expectedHashes.someStrings);
  if (!isQuick) expect(stringHash(face, stringCount)).toBe(expectedHashes.strings);
}, 120_000);

test('the reference says the same of one code point in seven, and of some strings', () => {
  for (let codePoint = 0; codePoint < 0x110000; codePoint += isQuick ? 31 : 7) {
    if (codePoint % 512 !== 0 && precisClass(codePoint) === 'UNASSIGNED') continue;
    const expected = codePoint < 0x80 ? undefined : partByPart(String.fromCodePoint(codePoint));
    for (const [index, source] of codePointSources(codePoint).entries()) {
      const text = expected === undefined ? reference(source) : expected[index];
      if (face(source) !== text) expect([source, face(source)]).toEqual([source, text]);
    }
  }
  expect(stringHash(reference, someCount)).toBe(expectedHashes.someStrings);
}, 120_000);

test.skipIf(!isLong)(
  `the reference has the same hashes${isLong ? '' : ' (skipped: TERCET_LONG=1 runs it, for minutes)'}`,
  () => {
    expect(codePointHash(reference)).toBe(expectedHashes.codePoints);
    expect(stringHash(reference, stringCount)).toBe(expectedHashes.strings);
  },
  1_800_000,
);
