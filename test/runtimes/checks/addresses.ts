/*
 * Addresses: the committed hashes of test/jid/sweep.ts, which stand for the canonical form of every code
 * point in each part and of a million pseudo-random addresses; and what the class does beside them.
 */
import { Jid } from 'tercet';
import {
  codePointHash,
  expectedHashes,
  someCount,
  stringCount,
  stringHash,
  type Canonical,
} from '../../jid/sweep.js';
import { expectSame, hashOf, type Check } from '../check.js';

/** Set by the driver: leave out what takes seconds. */
declare const isQuick: boolean;

const canonical: Canonical = (source) => {
  const result = Jid.check(source);
  return result.ok ? result.jid.toString() : undefined;
};

const samples = [
  'juliet@example.com/balcony',
  'Juliet@EXAMPLE.com',
  '\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3@xn--bcher-kva.example/e\u0301',
  '\uff4a\uff55\uff4c@example.com',
  'a@[::1]/\u2028',
  'stra\u00dfe@fa\u00df.example',
  'd\\27artagnan@example.com',
  'a b@c',
  '@c',
  'a@',
  'a@b/',
  '\ud800@b',
  'a@b_c',
  'a@xn--a.b',
  '\u0640@b',
  `${'x'.repeat(1024)}@b`,
];

export const addresses: readonly Check[] = [
  {
    name: 'addresses: the committed hash',
    run() {
      if (isQuick) {
        expectSame(stringHash(canonical, someCount), expectedHashes.someStrings, 'some strings');
        return expectedHashes.someStrings;
      }
      expectSame(codePointHash(canonical), expectedHashes.codePoints, 'code points');
      expectSame(stringHash(canonical, stringCount), expectedHashes.strings, 'strings');
      return `${expectedHashes.codePoints} ${expectedHashes.strings}`;
    },
  },
  {
    name: 'addresses: parts, escapes, errors',
    run: () =>
      hashOf([
        Jid.unicodeVersion,
        Jid.escapeLocal(`d'artagnan "of" <gascony> & \\27`),
        Jid.unescapeLocal('d\\27artagnan\\20'),
        ...samples.map((source) => {
          const { jid, isCanonical } = wireOf(source);
          const checked = Jid.check(source);
          if (!checked.ok) {
            const { part, rule, code, message } = checked.error;
            return JSON.stringify([part, rule, code, message, jid, isCanonical]);
          }
          const { local, domain, resource, bare } = checked.jid;
          const parts = [local, domain, resource, bare.toString(), checked.jid.toAscii()];
          return JSON.stringify([...parts, jid, isCanonical]);
        }),
      ]),
  },
];

/** What a lenient reader makes of it. */
function wireOf(source: string): { jid: string; isCanonical: boolean } {
  const jid = Jid.parseWire(source);
  return { jid: jid.toString(), isCanonical: Jid.check(jid.toString()).ok };
}
