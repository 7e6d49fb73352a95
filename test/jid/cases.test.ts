/*
 * Every Markdown case of test/cases/jid, on the reference and on the public Jid of the built package.
 */

import { describe, expect, test } from 'vitest';
import { readJidCases } from './case-file.js';
import { face } from './face.js';
import { reference, runCase } from './log.js';

const cases = readJidCases();

test('the cases have names of their own', () => {
  const names = cases.map(({ file, name }) => `${file}: ${name}`);
  expect(new Set(names).size).toBe(names.length);
});

describe.each([
  ['the reference', reference],
  ['the package', face],
])('%s', (_, subject) => {
  test.each(cases)('$file: $name', (one) => {
    expect(runCase(subject, one)).toEqual(one.log);
  });
});
