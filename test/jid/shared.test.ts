/*
 * The collection of addresses that lies outside the repository, where it is there: each case with what it
 * was made to show, on the reference and on the public Jid. The same rules stand as cases of our own in
 * test/cases/jid.
 */

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { face } from './face.js';
import { partsLine, type Parts, quote, reference, type Subject } from './log.js';

const path = new URL('../../../shared/data/jid-cases.json', import.meta.url);

interface Failed {
  readonly error: string;
}

interface SharedCase {
  readonly id: string;
  readonly op: 'parse' | 'toAscii' | 'escape' | 'unescape' | 'equal';
  readonly input: string | readonly [string, string];
  readonly expect: Parts | Failed | string | boolean;
  readonly reason: string;
}

function outcome(subject: Subject, { op, input }: SharedCase): string {
  if (typeof input !== 'string') {
    const [left, right] = input.map((one) => subject.canonical(one));
    return String(left !== undefined && left === right);
  }
  switch (op) {
    case 'parse':
      return subject.jid(input, {});
    case 'toAscii':
      return subject.ascii(input, {});
    case 'escape':
      return subject.escape(input, {});
    case 'unescape':
      return subject.unescape(input, {});
    case 'equal':
      throw new Error('two addresses are compared');
  }
}

/** What the line of a log begins with, or is. */
function expectedLine({ op, expect: expected }: SharedCase): string | RegExp {
  if (typeof expected === 'boolean') return String(expected);
  if (typeof expected === 'string') return quote(expected);
  if ('domain' in expected) return partsLine(expected);
  return op === 'parse'
    ? new RegExp(`^error ${expected.error} `, 'u')
    : `error local ${expected.error}`;
}

if (existsSync(path)) {
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: SharedCase[] };
  describe.each([
    ['the reference', reference],
    ['the package', face],
  ])('%s', (_, subject) => {
    test.each(cases)('$id: $reason', (one) => {
      const expected = expectedLine(one);
      if (typeof expected === 'string') expect(outcome(subject, one)).toBe(expected);
      else expect(outcome(subject, one)).toMatch(expected);
    });
  });
} else {
  test.skip('shared/data/jid-cases.json is not there', () => undefined);
}
