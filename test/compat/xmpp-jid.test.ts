/*
 * @xmpp/jid and tercet/compat/xmpp-jid beside each other: the same results for addresses that RFC 7622
 * knows; what the original lets pass; XEP-0106, JID escaping.
 */
import { createRequire } from 'node:module';
import * as original from '@xmpp/jid';
import * as own from 'tercet/compat/xmpp-jid';
import { describe, expect, test } from 'vitest';

type Face = typeof own;
const theirs: Face = original;

const addresses = [
  'example.com',
  'juliet@example.com',
  'Juliet@Example.COM/Balcony',
  'romeo@montague.lit/a@b/c d',
  'montague.lit/a@b',
  "d'artagnan@musketeers.lit",
  'space cadet@example.com',
  String.raw`treville\40musketeers.lit@smtp.gascon.fr`,
  String.raw`c:\net@example.com`,
  String.raw`c:\cool stuff@example.com`,
  String.raw`c\3a\5c5commas@example.com`,
  'call me "ishmael"@example.com',
  'at&t guy@example.com',
  '/.fanboy@example.com'.slice(1),
  ':foo:@example.com',
  '<foo>@example.com',
];

describe('the same results as the original', () => {
  test.each(addresses)('%s', (address) => {
    const all = ({ jid, parse, JID, equal }: Face): unknown[] => {
      const one = parse(address);
      const copy = new JID(one.getLocal(), one.getDomain(), one.getResource());
      return [
        one.toString(),
        one.toString(true),
        one[Symbol.toPrimitive]('string'),
        Number(one),
        one.local,
        one.domain,
        one.resource,
        one.getLocal(true),
        one.bare().toString(),
        one.bare() === one,
        jid(address).equals(one),
        equal(copy, one),
        one.equals(jid('other.example')),
        Object.entries(one),
      ];
    };
    expect(all(own)).toEqual(all(theirs));
  });

  test('from parts, and with what is missing', () => {
    const all = ({ jid, JID }: Face): string[] =>
      [
        jid('local', 'domain', 'resource'),
        jid('local', 'domain'),
        jid('', 'domain', 'resource'),
        jid('domain'),
        new JID(null, 'domain', null),
        new JID(undefined, 'domain'),
        new JID('a b', 'domain', 'c d'),
      ].map(String);
    expect(all(own)).toEqual(all(theirs));
  });

  test('parts can be set, one after the other', () => {
    const all = ({ jid }: Face): unknown[] => {
      const address = jid('a@b/c');
      const states: string[] = [];
      const note = (): unknown => states.push(String(address), address.getLocal(true));
      expect(address.setLocal('d e')).toBe(address);
      note();
      address.setLocal(String.raw`a\20b`, true);
      note();
      address.setDomain('Example.com').setResource('x');
      note();
      address.local = 'F';
      address.domain = 'G';
      address.resource = 'H';
      note();
      address.setResource('');
      note();
      return states;
    };
    expect(all(own)).toEqual(all(theirs));
  });

  test('without a domain there is no address', () => {
    for (const { JID } of [own, theirs]) {
      expect(() => new JID('a', '')).toThrow(TypeError);
      expect(() => new JID('a', undefined as never)).toThrow('Invalid domain.');
    }
  });

  test('the face', () => {
    const names = ['jid', 'JID', 'parse', 'detectEscape', 'escapeLocal', 'unescapeLocal'];
    for (const name of [...names, 'equal']) {
      expect(typeof Reflect.get(own.default, name), name).toBe('function');
    }
    for (const name of names) expect(typeof Reflect.get(own, name)).toBe('function');
    expect(Object.keys(own.default).sort()).toEqual(Object.keys(theirs.default).sort());
    expect(String(own.default('A@b'))).toBe('a@b');
    const required = createRequire(import.meta.url)('tercet/compat/xmpp-jid') as Face;
    expect(required.JID).toBe(own.JID);
  });
});

describe('XEP-0106', () => {
  // The examples of its section 5, and its rules of section 4.
  const cases = [
    ['space cadet', String.raw`space\20cadet`],
    ['call me "ishmael"', String.raw`call\20me\20\22ishmael\22`],
    ['at&t guy', String.raw`at\26t\20guy`],
    ["d'artagnan", String.raw`d\27artagnan`],
    ['/.fanboy', String.raw`\2f.fanboy`],
    ['::foo::', String.raw`\3a\3afoo\3a\3a`],
    ['<foo>', String.raw`\3cfoo\3e`],
    ['user@host', String.raw`user\40host`],
    [String.raw`c:\net`, String.raw`c\3a\5cnet`],
    [String.raw`c:\\net`, String.raw`c\3a\5c\5cnet`],
    [String.raw`c:\cool stuff`, String.raw`c\3a\5ccool\20stuff`],
    [String.raw`c:\5commas`, String.raw`c\3a\5c5commas`],
  ] as const;

  test.each(cases)('%s is %s, and back', (text, escaped) => {
    for (const { escapeLocal, unescapeLocal, detectEscape } of [own, theirs]) {
      expect(escapeLocal(text)).toBe(escaped);
      expect(unescapeLocal(escaped)).toBe(text);
      expect(detectEscape(text)).toBe(true);
      expect(detectEscape(escaped)).toBe(false);
    }
    expect(own.jid(text, 'example.com').local).toBe(escaped);
    expect(own.jid(text, 'example.com').getLocal(true)).toBe(text);
  });

  test('nothing is nothing', () => {
    for (const { escapeLocal, unescapeLocal, detectEscape } of [own, theirs]) {
      expect(escapeLocal(null)).toBeNull();
      expect(unescapeLocal(null)).toBeNull();
      expect(detectEscape('')).toBe(false);
      expect(detectEscape(undefined)).toBe(false);
    }
    expect(own.escapeLocal('  a b ')).toBe(theirs.escapeLocal('  a b '));
  });
});

describe('what the original lets pass', () => {
  test.each([
    ['@example.com', 'local'],
    ['juliet@example.com/', 'resource'],
    ['a b@example.com/', 'resource'],
    ['a@b@c', 'domain'],
    ['exa mple.com', 'domain'],
    ['juliet\u0000@example.com', 'local'],
    ['\u2163@example.com', 'local'],
    ['juliet@example.com/\u0007', 'resource'],
    [`${'x'.repeat(1024)}@example.com`, 'local'],
    ['juliet@-example.com', 'domain'],
  ])('%j: its %s', (address, part) => {
    expect(() => theirs.parse(address)).not.toThrow();
    expect(() => own.parse(address)).toThrow(expect.objectContaining({ part }));
  });

  test.each([
    ['J\u00dcRGEN@example.com', 'j\u00fcrgen@example.com'],
    ['ju\u0308rgen@example.com', 'j\u00fcrgen@example.com'],
    ['xn--bcher-kva.example', 'b\u00fccher.example'],
    ['example.com.', 'example.com'],
    ['\uff4auliet@example.com', 'juliet@example.com'],
  ])('%s is another spelling of %s', (one, other) => {
    expect(own.equal(own.parse(one), own.parse(other))).toBe(true);
    expect(String(own.parse(one))).toBe(String(own.parse(other)));
  });
});
