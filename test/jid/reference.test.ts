/*
 * The reference of test/reference/jid against oracles that know nothing of it: the test files of the
 * Unicode Consortium, IDNA2008's classes over the whole code space, the totals of the design, and the
 * host's normalize() where it is of the same Unicode version.
 *
 * Only what is right here may judge the core.
 */

import { expect, test } from 'vitest';
import { generalCategory, readIdna2008 } from '../reference/jid/character-data.js';
import { idnaClass, precisClass } from '../reference/jid/classes.js';
import { domainToAscii, prepareDomain } from '../reference/jid/domain.js';
import {
  charactersOf,
  normalizeC,
  normalizeD,
  normalizeKC,
  textOf,
} from '../reference/jid/normalization.js';
import { readIdnaTest, readNormalizationTest } from '../reference/jid/test-files.js';
import { codePointCount, unicodeVersion } from '../reference/jid/unicode-files.js';

const forms = { nfc: normalizeC, nfd: normalizeD, nfkc: normalizeKC };
const normalized = (form: keyof typeof forms, text: string): string =>
  textOf(forms[form](charactersOf(text)));

const hostVersion = process.versions.unicode ?? 'none';
const hostAgrees = `${hostVersion}.0` === unicodeVersion;

test('the classes of PRECIS have the totals of the design', () => {
  const totals: Record<string, number> = {};
  for (let codePoint = 0; codePoint < codePointCount; codePoint++) {
    const name = precisClass(codePoint);
    totals[name] = (totals[name] ?? 0) + 1;
  }
  expect(totals).toEqual({
    PVALID: 144_715,
    FREE: 14_257,
    CONTEXTO: 25,
    CONTEXTJ: 2,
    DISALLOWED: 140_449,
    UNASSIGNED: 814_664,
  });
});

test('the classes of IDNA2008 are those of Idna2008.txt, over the whole code space', () => {
  const listed = readIdna2008();
  const differing: string[] = [];
  for (let codePoint = 0; codePoint < codePointCount; codePoint++) {
    const derived = idnaClass(codePoint);
    if (derived !== listed.of(codePoint)) differing.push(`${codePoint.toString(16)} ${derived}`);
  }
  expect(differing).toEqual([]);
});

test('normalization: all lines of NormalizationTest, and what its first part leaves out is unchanged', () => {
  const lines = readNormalizationTest();
  expect(lines).toHaveLength(20_034);
  const listed = new Set<string>();
  for (const { part, source, nfc, nfd, nfkc, nfkd } of lines) {
    for (const [form, text, expected] of [
      ...[source, nfc, nfd].map((text) => ['nfc', text, nfc] as const),
      ...[nfkc, nfkd].map((text) => ['nfc', text, nfkc] as const),
      ...[source, nfc, nfd].map((text) => ['nfd', text, nfd] as const),
      ...[source, nfc, nfd, nfkc, nfkd].map((text) => ['nfkc', text, nfkc] as const),
    ]) {
      if (normalized(form, text) !== expected) expect([form, text]).toBe(expected);
    }
    if (part === 1) listed.add(source);
  }
  for (let codePoint = 0; codePoint < codePointCount; codePoint++) {
    const text = String.fromCodePoint(codePoint);
    if (generalCategory.of(codePoint) === 'Cn' || listed.has(text)) continue;
    if (normalized('nfc', text) !== text || normalized('nfkc', text) !== text) {
      expect(codePoint).toBe('its own normal form');
    }
  }
});

test.skipIf(!hostAgrees)(
  `normalize() of the host says the same${hostAgrees ? '' : ` (skipped: it knows Unicode ${hostVersion})`}`,
  () => {
    for (const { source, nfkd } of readNormalizationTest()) {
      for (const text of [`${source}${nfkd}`, `${nfkd}\u0323${source}\u0301`]) {
        if (normalized('nfc', text) !== text.normalize())
          expect(text).toBe('normalized as the host does');
      }
    }
  },
);

test('domains are a subset of UTS #46 without transitional processing: IdnaTestV2', () => {
  const lines = readIdnaTest();
  expect(lines).toHaveLength(6391);
  const refused: Record<string, number> = {};
  let accepted = 0;
  for (const { source, unicode, ascii, status, faults } of lines) {
    const result = prepareDomain(source);
    if (!result.ok) {
      const { rule } = result.faults[0];
      if (faults.length === 0) refused[rule] = (refused[rule] ?? 0) + 1;
      continue;
    }
    accepted += 1;
    expect([source, faults]).toEqual([source, []]);
    expect(result.text).toBe(unicode.replace(/\.$/u, ''));
    const asciiForm = domainToAscii(result.text);
    if (asciiForm.ok) expect(asciiForm.text).toBe(ascii.replace(/\.$/u, ''));
    else expect(status).toContain(asciiForm.rule === 'label-too-long' ? 'A4_2' : 'A4_1');
  }
  expect(accepted).toBe(449);
  expect(refused).toEqual({ disallowed: 211, 'leading-mark': 1 });
});
