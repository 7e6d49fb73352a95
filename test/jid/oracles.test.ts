/*
 * The core against oracles that the reference has no part in: normalization by the test file of the Unicode
 * Consortium and by the host, domains by IdnaTestV2 and the npm package tr46, and the classes of PRECIS and
 * IDNA2008 over the whole code space as they show in what is taken and refused.
 */

import { existsSync } from 'node:fs';
import { Jid } from 'tercet/jid';
import { toUnicode } from 'tr46';
import { describe, expect, test } from 'vitest';
import { generateAddress } from '../fuzz/generate-address.js';
import { Random } from '../fuzz/random.js';
import {
  decompositions,
  generalCategory,
  joinControl,
  readIdna2008,
} from '../reference/jid/character-data.js';
import { encodePunycode } from '../reference/jid/punycode.js';
import { readIdnaTest, readNormalizationTest } from '../reference/jid/test-files.js';
import { codePointCount, unicodeVersion } from '../reference/jid/unicode-files.js';
import { JidCore } from './wasm.js';

const isQuick = process.env.TERCET_QUICK === '1';
const hostVersion = process.versions.unicode ?? 'none';
const hostAgrees = `${hostVersion}.0` === unicodeVersion;

/** A letter that composes with nothing, written from left to right. */
const letter = 'ʔ';

test('the version of Unicode is said', () => {
  expect(Jid.unicodeVersion).toBe(unicodeVersion);
});

const builds = ['release', 'debug', 'jid'].flatMap((name) => {
  const path = new URL(`../../build/${name}.wasm`, import.meta.url);
  return existsSync(path) ? [{ name, core: JidCore.load(path) }] : [];
});

describe.each(builds)('normalization in the $name build', ({ core }) => {
  test('all lines of NormalizationTest, and what its first part leaves out is unchanged', () => {
    const listed = new Set<string>();
    for (const { part, source, nfc, nfd, nfkc, nfkd } of readNormalizationTest()) {
      for (const text of [source, nfc, nfd]) {
        if (core.normalize(text) !== nfc) expect(text).toBe(`what has the form ${nfc}`);
      }
      for (const text of [nfkc, nfkd]) {
        if (core.normalize(text) !== nfkc) expect(text).toBe(`what has the form ${nfkc}`);
      }
      if (part === 1) listed.add(source);
    }
    for (let codePoint = 0; codePoint < codePointCount; codePoint++) {
      if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
      const text = String.fromCodePoint(codePoint);
      if (!listed.has(text) && core.normalize(text) !== text) {
        expect(codePoint).toBe('its own normal form');
      }
    }
  });

  test.skipIf(!hostAgrees)(
    `the host says the same of random strings${hostAgrees ? '' : ` (skipped: it knows Unicode ${hostVersion})`}`,
    () => {
      for (let seed = 1; seed <= (isQuick ? 2000 : 20_000); seed++) {
        // A surrogate alone, also one that is cut off, is none of its business.
        const text = generateAddress(new Random(seed))
          .slice(0, 500)
          .replaceAll(/\p{Surrogate}/gu, '');
        if (core.normalize(text) !== text.normalize())
          expect([seed, text]).toBe('as the host says');
      }
    },
  );
});

test('resourceparts are normalized: all lines of NormalizationTest that a resourcepart can hold', () => {
  let count = 0;
  for (const { source, nfc, nfd } of readNormalizationTest()) {
    if (!Jid.check(`a/${nfc}`).ok) continue;
    // A space of another kind is mapped first.
    if (Array.from(source).some((one) => generalCategory.of(one.codePointAt(0) ?? 0) === 'Zs'))
      continue;
    for (const text of [source, nfc, nfd]) expect(Jid.parse(`a/${text}`).resource).toBe(nfc);
    count += 1;
  }
  expect(count).toBeGreaterThan(19_000);
});

describe('domains are a subset of UTS #46 without transitional processing', () => {
  test('IdnaTestV2: what is accepted, what is refused, and the form for DNS', () => {
    let accepted = 0;
    let refused = 0;
    for (const { source, unicode, ascii, status, faults } of readIdnaTest()) {
      const isPart = !/[@/]/u.test(source);
      const result = isPart ? Jid.check(source) : undefined;
      if (result?.ok !== true) {
        if (faults.length === 0) refused += 1;
        continue;
      }
      accepted += 1;
      expect([source, faults]).toEqual([source, []]);
      expect(result.jid.domain).toBe(unicode.replace(/\.$/u, ''));
      const tooLong = status.some((code) => code === 'A4_1' || code === 'A4_2');
      try {
        expect(result.jid.toAscii()).toBe(ascii.replace(/\.$/u, ''));
      } catch (error) {
        if (!tooLong) throw error;
      }
    }
    expect([accepted, refused]).toEqual([449, 212]);
  });

  test('tr46 says the same of random domains that are accepted', () => {
    let count = 0;
    for (let seed = 1; seed <= (isQuick ? 5000 : 40_000); seed++) {
      const random = new Random(seed);
      const [source = ''] = generateAddress(random).split(/[@/]/u, 1);
      const result = Jid.check(source);
      if (!result.ok || source.startsWith('[')) continue;
      count += 1;
      const options = {
        checkBidi: true,
        checkHyphens: true,
        checkJoiners: true,
        useSTD3ASCIIRules: true,
        transitionalProcessing: false,
      };
      const { domain, error } = toUnicode(source, options);
      expect([source, domain.replace(/\.$/u, ''), error]).toEqual([
        source,
        result.jid.domain,
        false,
      ]);
    }
    expect(count).toBeGreaterThan(isQuick ? 500 : 4000);
  });
});

describe.each(builds.slice(0, 1))('classes over the whole code space, as they show', ({ core }) => {
  const verdict = (source: string): string => {
    const result = core.parse(source, { strict: true });
    return result.ok ? 'ok' : result.rule;
  };
  // One unassigned code point in 64 stands for the others, which no table tells apart; all are asked where
  // there is time (test/jid/sweep.test.ts has every one of them, too).
  const isAsked = (codePoint: number): boolean =>
    (codePoint < 0xd800 || codePoint > 0xdfff) &&
    (generalCategory.of(codePoint) !== 'Cn' || codePoint % 64 === 0 || codePoint % 65_536 > 65_533);

  test('IDNA2008: Idna2008.txt, from labels in Punycode, which nothing maps', () => {
    const listed = readIdna2008();
    const digits = [
      [0x660, 0x669],
      [0x6f0, 0x6f9],
    ] as const;
    const differing: string[] = [];
    for (let codePoint = 0x80; codePoint < codePointCount; codePoint++) {
      if (!isAsked(codePoint)) continue;
      const found = verdict(`xn--${encodePunycode([0x294, codePoint])}`);
      // Digits of the two Arabic kinds need each other to be refused.
      const isDigit = digits.some(([first, last]) => codePoint >= first && codePoint <= last);
      const isJoiner = joinControl[codePoint] === 1;
      const name = isDigit ? 'CONTEXTO' : (names[found] ?? found);
      const expected = listed.of(codePoint);
      const isSame =
        name === 'CONTEXT' ? expected === (isJoiner ? 'CONTEXTJ' : 'CONTEXTO') : name === expected;
      if (!isSame) differing.push(`${codePoint.toString(16)} ${found} ${expected}`);
    }
    expect(differing).toEqual([]);
    for (let codePoint = 0; codePoint < 0x80; codePoint++) {
      const text = String.fromCharCode(codePoint);
      // Capitals are mapped; the separators separate.
      const expected = /^[-0-9A-Za-z.@/]$/u.test(text) ? 'ok' : 'disallowed';
      expect([text, verdict(`a${text}a`)]).toEqual([text, expected]);
    }
  });

  test('PRECIS: the totals of the derived property', () => {
    const totals: Record<string, number> = { PVALID: 0, FREE: 0, CONTEXT: 0, DISALLOWED: 0 };
    for (let codePoint = 0; codePoint < codePointCount; codePoint++) {
      if (!isAsked(codePoint) || generalCategory.of(codePoint) === 'Cn') continue;
      const name = precisName(codePoint);
      totals[name] = (totals[name] ?? 0) + 1;
    }
    // 2,048 surrogates and 66 noncharacters are DISALLOWED and not asked; 20 digits need each other.
    expect(totals).toEqual({
      PVALID: 144_715,
      FREE: 14_257,
      CONTEXT: 27,
      DISALLOWED: 140_449 - 2048 - 66,
    });
    for (let codePoint = 0xfdd0; codePoint <= 0xfdef; codePoint++) {
      expect(precisName(codePoint)).toBe('DISALLOWED');
    }
    for (let plane = 0; plane <= 16; plane++) {
      expect(precisName(plane * 65_536 + 0xfffe)).toBe('DISALLOWED');
      expect(precisName(plane * 65_536 + 0xffff)).toBe('DISALLOWED');
    }
  });

  /** What of the classes can be seen from outside. */
  const names: Readonly<Record<string, string>> = {
    ok: 'PVALID',
    bidi: 'PVALID',
    disallowed: 'DISALLOWED',
    unassigned: 'UNASSIGNED',
    // What normalization changes is not stable (RFC 5892, section 2.2).
    nfc: 'DISALLOWED',
    context: 'CONTEXT',
  };

  function precisName(codePoint: number): string {
    const text = String.fromCodePoint(codePoint);
    if (/[\u0660-\u0669\u06f0-\u06f9]/u.test(text)) return 'CONTEXT';
    // With strict the class is asked of what the caller wrote: in a resourcepart first of all.
    const freeform = names[verdict(`a/${letter}${text}`)] ?? 'none';
    // U+0387 is U+00B7 once it is normalized.
    if (freeform === 'CONTEXT' && decompositions.has(codePoint)) return 'FREE';
    if (freeform !== 'PVALID') return freeform;
    // In a localpart after width mapping, so that what has one shows its target's class.
    const type = decompositions.get(codePoint)?.type;
    if (type === 'wide' || type === 'narrow') return 'FREE';
    // The separators are no characters of a localpart that is parsed.
    if (text === '@' || text === '/') return 'PVALID';
    return ['ok', 'bidi', 'excluded'].includes(verdict(`${letter}${text}@a`)) ? 'PVALID' : 'FREE';
  }
});
