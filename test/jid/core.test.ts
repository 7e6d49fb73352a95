/*
 * The core for addresses at its interface: both encodings agree, sources are left as they are, what stands
 * behind a source does not matter, hostile arguments and lengths cost nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  JidControl,
  JidInput,
  JidOption,
  JidPart,
  JidResult,
  JidState,
} from '../../assembly/abi.js';
import { ErrorCode } from '../../assembly/errors.js';
import { root } from '../repository/files.js';
import { decode, readJidCases } from './case-file.js';
import { RawCore } from './core-driver.js';

const exportsOf = (build: string) =>
  WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(join(root, 'build', build)))).map(
    ({ name }) => name,
  );

const sources = readJidCases()
  .filter(({ operation }) => operation === 'jid')
  .flatMap(({ lines }) => lines.map(decode))
  .filter((source) => source.length <= (JidInput.Max as number));

// With the flag, a surrogate is a code point only where it stands alone.
const isWellFormed = (source: string) => !/\p{Surrogate}/u.test(source);

const misuse = -ErrorCode.ArgumentInvalid;

test('each build has the calls of its parts', () => {
  const jid = exportsOf('jid.wasm');
  const parser = exportsOf('parser.wasm');
  expect(jid.every((name) => /^(jid_|core_open$|memory$)/.test(name))).toBe(true);
  expect(parser.filter((name) => name.startsWith('jid_'))).toEqual([]);
  expect(exportsOf('release.wasm')).toEqual(expect.arrayContaining([...jid, ...parser]));
});

describe.each(['jid.wasm', 'release.wasm', 'debug.wasm'])('in %s', (build) => {
  const core = new RawCore(build);

  test('both encodings give the same address, or the same error', () => {
    for (const source of sources.filter(isWellFormed)) {
      for (const options of [0, 1, 2, 3]) {
        expect([source, core.parseUtf8(source, options)]).toEqual([
          source,
          core.parse(source, options),
        ]);
      }
    }
  });

  test('what stands behind a source does not matter', () => {
    for (const source of sources) {
      const plain = core.parse(source, 0, 'x');
      for (const behind of ['@', '/', '.', '\u{308}', '\u{dc00}', '\u{ffff}']) {
        expect([source, core.parse(source, 0, behind)]).toEqual([source, plain]);
      }
      if (!isWellFormed(source)) continue;
      for (const behind of [0x40, 0x2f, 0x80, 0xff]) {
        expect([source, core.parseUtf8(source, 0, behind)]).toEqual([source, plain]);
      }
    }
  });

  test('a verdict refuses what the whole answer refuses, and gives the same address', () => {
    for (const source of sources) {
      for (const options of [0, 1, 2, 3]) {
        const whole = core.calls.jid_parse(core.write(source), options);
        const verdict = core.calls.jid_parse(core.write(source), options | JidOption.Verdict);
        expect([source, Math.max(verdict, -1)]).toEqual([source, Math.max(whole, -1)]);
      }
    }
  });

  test('an A-label is decoded wherever it stands, beside whatever stands there', () => {
    const labels = [
      ['a', 'a'],
      ['xn--bcher-kva', 'bücher'],
      ['xn--ll-0ea', 'l·l'],
      ['xn--fiq228c', '中文'],
      ['xn--4ca0b', 'äö'],
    ] as const;
    for (const [one, first] of labels) {
      for (const [other, second] of labels) {
        const domain = `${one}.${other}`;
        const expected = `${first}.${second}`;
        for (const [before, behind] of [
          ['', ''],
          ['u@', ''],
          ['', '/r/@-.xn--'],
          ['u-.xn--a@', '/r'],
        ] as const) {
          expect(core.parse(before + domain + behind)).toBe(before + expected + behind);
          expect(core.parseUtf8(before + domain + behind)).toBe(before + expected + behind);
          const shouted = `${before.toUpperCase()}${domain.toUpperCase()}${behind}`;
          expect(core.parse(shouted)).toBe(before + expected + behind);
        }
      }
    }
    for (const [source, fault] of [
      ['a@xn--bcher-kva.xn--a', 'domain disallowed'],
      ['a@xn--bcher-kva.xn--99999999', 'domain punycode'],
      ['xn--bcher-kva.ab--c', 'domain hyphen34'],
      ['xn--bcher-kva.-a/r', 'domain hyphen'],
      ['a b@xn--bcher-kva', 'local disallowed'],
    ] as const) {
      expect([source, core.parse(source)]).toEqual([source, fault]);
      expect([source, core.parseUtf8(source)]).toEqual([source, fault]);
    }
  });

  test('a source stays as it was written, whatever becomes of it', () => {
    for (const source of sources) {
      const length = core.write(source);
      const before = core.units.slice(0, length + 64);
      core.calls.jid_parse(length, 0);
      expect([source, core.units.slice(0, length + 64)]).toEqual([source, before]);
    }
  });

  test('an error leaves nothing behind', () => {
    for (const source of sources) {
      core.parse(source);
      expect(core.parse('Жук@Bücher.example/ Å')).toBe('жук@bücher.example/ Å');
    }
  });

  test('no call takes memory', () => {
    const { size } = core;
    for (const source of sources) core.parse(source);
    core.calls.jid_part(JidPart.Domain, core.write('\u{130}'.repeat(4096)), 0);
    expect(core.size).toBe(size);
  });
});

describe('a fault at the last place is seen at every length', () => {
  const core = new RawCore('jid.wasm');

  test.each([
    ['in a domain', 'a', '-', '', 'domain hyphen'],
    ['in a name with labels', 'a.', '.', '', 'domain empty-label'],
    ['in a domain before a resource', 'a', '-', '/r', 'domain hyphen'],
    ['behind the third place', 'b@ab', '--', '', 'domain hyphen34'],
    ['in a localpart', 'a', ' ', '@b', 'local disallowed'],
    ['in a resource', 'b@c/a', '\u{7f}', '', 'resource disallowed'],
    ['in a resource that is not there', 'a', '/', '', 'resource empty-resource'],
    ['in a domain that is not there', 'a', '@', '', 'domain empty-domain'],
  ])('%s', (_, start, last, end, fault) => {
    for (let count = 1; count < 140; count++) {
      // Labels grow at their end, a name by labels, so that the fault is the only one.
      const grown = start.endsWith('.') ? start.repeat(count) : start + 'a'.repeat(count - 1);
      const source =
        fault === 'domain hyphen34' ? `${'a'.repeat(count)}@ab--c` : grown + last + end;
      expect([source, core.parse(source)]).toEqual([source, fault]);
      expect([source, core.parseUtf8(source)]).toEqual([source, fault]);
    }
  });

  test('and a good one is good at every length', () => {
    for (let count = 1; count < 140; count++) {
      const some = 'a'.repeat(count);
      for (const source of [some, `${some}@a`, `a@${some}`, `a@a/${some}`, `${some}/a`]) {
        expect(core.parse(source)).toBe(source);
        expect(core.parseUtf8(source)).toBe(source);
        const other = source.replace('a', 'A');
        expect(core.parse(other)).toBe(source);
        expect(core.parseUtf8(other)).toBe(source);
      }
    }
  });
});

describe('the result', () => {
  const core = new RawCore('jid.wasm');
  const stateOf = (result: number) => result & JidResult.State;
  const parsed = (source: string) => core.calls.jid_parse(core.write(source), 0);

  test('says when the source is canonical, and when only case differs', () => {
    expect(stateOf(parsed('juliet@example.com/balcony'))).toBe(JidState.Same);
    expect(stateOf(parsed('жульетта@bücher.example/ ☕'))).toBe(JidState.Same);
    expect(stateOf(parsed('Juliet@Example.com/Balcony'))).toBe(JidState.Case);
    expect(stateOf(parsed('Жульетта@example.com'))).toBe(JidState.Changed);
  });

  test('has the places of the separators in the canonical form', () => {
    const result = parsed('U\u{308}nal@XN--BCHER-KVA.example/x@y/z');
    expect((result >>> JidResult.AtShift) & JidResult.AtMask).toBe('ünal'.length);
    expect(result >>> JidResult.SlashShift).toBe('ünal@bücher.example'.length);
  });

  test('of UTF-8 has them in octets, and case is settled too', () => {
    const octets = new TextEncoder().encode('ÜNAL@Example.com/X');
    const result = core.calls.jid_parse_utf8(core.writeOctets(octets), 0);
    expect((result >>> JidResult.AtShift) & JidResult.AtMask).toBe(5);
    expect(result >>> JidResult.SlashShift).toBe(17);
    expect(core.parseUtf8('Juliet@Example.com/X')).toBe('juliet@example.com/X');
  });
});

describe('octets that are no UTF-8', () => {
  const core = new RawCore('jid.wasm');

  test.each([
    ['a continuation byte alone', [0x80]],
    ['a lead byte at the end', [0xc3]],
    ['an overlong form of two bytes', [0xc1, 0xbf]],
    ['an overlong form of three', [0xe0, 0x9f, 0xbf]],
    ['an overlong form of four', [0xf0, 0x8f, 0xbf, 0xbf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a value above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a lead byte that there is not', [0xf5, 0x80, 0x80, 0x80]],
    ['a sequence that breaks off', [0xf0, 0x9f, 0x98, 0x41]],
  ])('%s is refused at its first byte, in each part', (_, bad) => {
    for (const [part, before, after] of [
      ['local', 'ж', '@example.com/x'],
      ['domain', 'a@ж', '/x'],
      ['resource', 'a@example.com/ж', ''],
    ] as const) {
      const head = new TextEncoder().encode(before);
      const octets = Uint8Array.of(...head, ...bad, ...new TextEncoder().encode(after));
      const result = core.calls.jid_parse_utf8(core.writeOctets(octets, 0x80), 0);
      expect(core.error(result)).toBe(`${part} utf`);
      expect(core.control(JidControl.Index)).toBe(head.length);
    }
  });
});

describe('long runs of marks', () => {
  const core = new RawCore('jid.wasm');

  test.each([4, 33, 64, 65, 300])('%i of them are put in order', (count) => {
    const source = `a${'\u{300}\u{323}\u{327}'.repeat(count)}`;
    const [above, below, cedilla] = ['\u{300}', '\u{323}', '\u{327}'].map((mark) =>
      mark.repeat(count),
    );
    // The letter takes the first mark below it that it composes with; classes 202, 220, 230.
    const expected = `\u{1ea1}${cedilla}${below.slice(1)}${above}`;
    const result = core.calls.jid_nfc(core.write(source));
    expect(core.outcome(source, result)).toBe(expected);
  });

  test.each([1, 3, 4, 20, 500])('the character behind %i of them is found', (count) => {
    // U+0387 becomes U+00B7, which stands between two l and nowhere else.
    const source = `a@b/e${'\u{301}'.repeat(count)}\u{387}`;
    const result = core.calls.jid_parse(core.write(source), 0);
    expect(core.error(result)).toBe('resource context');
    expect(core.control(JidControl.Index)).toBe(source.length - 1);
    expect(core.control(JidControl.CodePoint)).toBe(0x387);
  });
});

describe('lengths', () => {
  const core = new RawCore('jid.wasm');
  const alone = (part: number, source: string) =>
    core.outcome(source, core.calls.jid_part(part, core.write(source), 0));

  test('the longest address has 3,071 octets, in either encoding', () => {
    const part = 'a'.repeat(1023);
    const longest = `${part}@${part}/${part}`;
    expect(core.parse(longest)).toBe(longest);
    expect(core.parseUtf8(longest)).toBe(longest);
    expect(core.parseUtf8(`${longest}a`)).toBe('resource too-long');
    expect(core.parseUtf8(`a${longest}`)).toBe('local too-long');
  });

  test('parts that shrink are good at the bounds, and refused beyond', () => {
    const twoForThree = 'u\u{308}\u{304}'.repeat(511);
    expect(alone(JidPart.Local, `a${twoForThree}`)).toBe(`a${'\u{1d6}'.repeat(511)}`);
    expect(alone(JidPart.Local, `ab${twoForThree}`)).toBe('local too-long');
    const wide = '\u{ff55}\u{308}\u{304}'.repeat(511);
    expect(core.parseUtf8(`a${wide}@b`)).toBe(`a${'\u{1d6}'.repeat(511)}@b`);
    const sharp = `${'xn--zca.'.repeat(340)}abc`;
    expect(alone(JidPart.Domain, sharp)).toBe(`${'ß.'.repeat(340)}abc`);
    expect(alone(JidPart.Domain, `${sharp}d`)).toBe('domain too-long');
  });

  test('a part of ten million units is refused unread', () => {
    core.units.fill(0xd800);
    for (const part of [JidPart.Local, JidPart.Domain, JidPart.Resource]) {
      const result = core.calls.jid_part(part, 10_000_000, 0);
      expect(result).toBe(-ErrorCode.JidTooLong);
      expect(core.control(JidControl.Part)).toBe(part);
    }
  });

  test('the room is never left', () => {
    for (const source of ['a', '\u{130}', '\u{1d160}', '\u{fb2c}', '\u{344}', 'xn--zca.']) {
      const units = core.units;
      const full = source.repeat(4096).slice(0, JidInput.Max);
      core.write(full);
      units.fill(0x61, full.length);
      for (const part of [JidPart.Local, JidPart.Domain, JidPart.Resource]) {
        for (const length of [1023, 1534, 4096]) {
          expect(core.calls.jid_part(part, length, 0)).toBeGreaterThan(-621);
          expect(core.calls.jid_part(part, length, 0)).not.toBe(misuse);
        }
      }
      expect(core.calls.jid_parse(JidInput.Max, 0)).toBe(-ErrorCode.JidTooLong);
    }
  });
});

test('arguments that are out of range are refused as such', () => {
  const { calls } = new RawCore('jid.wasm');
  const extremes = [-1, -(2 ** 31), 2 ** 31 - 1];
  for (const value of extremes) {
    expect(calls.jid_parse(value, 0)).toBe(misuse);
    expect(calls.jid_parse_utf8(value, 0)).toBe(misuse);
    expect(calls.jid_nfc(value)).toBe(misuse);
    expect(calls.jid_part(value, 1, 0)).toBe(misuse);
    expect(calls.jid_parse(1, value)).toBe(misuse);
    expect(calls.jid_parse_utf8(1, value)).toBe(misuse);
    expect(calls.jid_part(0, 1, value)).toBe(misuse);
  }
  expect(calls.jid_part(0, -1, 0)).toBe(misuse);
  expect(calls.jid_ascii(-1)).toBe(misuse);
  expect(calls.jid_ascii(2 ** 31 - 1)).toBe(-ErrorCode.JidTooLong);
  expect(calls.jid_parse(JidInput.Max + 1, 0)).toBe(misuse);
  expect(calls.jid_parse_utf8(JidInput.OctetsMax + 1, 0)).toBe(misuse);
  expect(calls.jid_part(3, 1, 0)).toBe(misuse);
});

describe('time is linear in the length', () => {
  const core = new RawCore('jid.wasm');

  /** The least of many runs, in ms, so that other work on the machine does not count. */
  const least = (part: number, source: string) => {
    const length = core.write(source);
    let best = Infinity;
    for (let run = 0; run < 200; run++) {
      const start = performance.now();
      for (let call = 0; call < 5; call++) core.calls.jid_part(part, length, 0);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };

  const descending = (count: number) => `a${'\u{300}\u{323}'.repeat(count / 2)}`;
  const shapes: [string, number, (count: number) => string][] = [
    ['marks in the wrong order', JidPart.Resource, descending],
    ['letters and marks', JidPart.Resource, (count) => 'e\u{301}'.repeat(count / 2)],
    ['marks to be moved', JidPart.Resource, (count) => '\u{1ea5}\u{323}'.repeat(count / 2)],
    ['decompositions', JidPart.Resource, (count) => '\u{fb2c}'.repeat(count)],
    ['context', JidPart.Local, (count) => `\u{628}${'\u{64b}\u{200c}'.repeat(count / 2)}\u{628}`],
    ['middle dots', JidPart.Local, (count) => `${'\u{30fb}'.repeat(count)}\u{30a2}`],
    ['digits', JidPart.Resource, (count) => '\u{660}'.repeat(count)],
    ['insertions', JidPart.Domain, (count) => `xn--${'b'.repeat(count)}-${'a'.repeat(count)}`],
    ['labels', JidPart.Domain, (count) => `${'xn--zca.'.repeat(count / 8)}a`],
    ['labels of both directions', JidPart.Domain, (count) => 'a.'.repeat(count / 2) + '\u{5d0}'],
  ];

  test.each(shapes)('for %s', (_, part, shape) => {
    // Four times the length would take sixteen times the time if it were quadratic.
    expect(least(part, shape(1400))).toBeLessThan(9 * least(part, shape(350)) + 0.05);
  });
});
