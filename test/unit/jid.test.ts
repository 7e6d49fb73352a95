/*
 * Addresses in ASCII: RFC 7622.
 */
import { expect, test } from 'vitest';
import { Jid, JidError, TercetError, UsageError, type JidParts } from 'tercet/jid';

const long = 'x'.repeat(1023);

test.each([
  ['example.com', '', 'example.com', ''],
  ['Juliet@Example.COM', 'juliet', 'example.com', ''],
  ['juliet@example.com/Balcony', 'juliet', 'example.com', 'Balcony'],
  ['example.com/a@b/c', '', 'example.com', 'a@b/c'],
  ['a@b/ c ', 'a', 'b', ' c '],
  ['example.com.', '', 'example.com', ''],
  ['a@127.0.0.1', 'a', '127.0.0.1', ''],
  ['a@256.1.1.1', 'a', '256.1.1.1', ''],
  ['a@[2001:DB8::1]/r', 'a', '[2001:db8::1]', 'r'],
  ['[::]', '', '[::]', ''],
  ['[::ffff:192.0.2.1]', '', '[::ffff:192.0.2.1]', ''],
  ['[1:2:3:4:5:6:7:8]', '', '[1:2:3:4:5:6:7:8]', ''],
  ['!#$%*+-.=?^_`{|}~@x/\'<>&"', '!#$%*+-.=?^_`{|}~', 'x', '\'<>&"'],
  [`${long}@b/${long}`, long, 'b', long],
])('%j is an address', (source, local, domain, resource) => {
  const jid = Jid.parse(source);
  expect([jid.local, jid.domain, jid.resource]).toEqual([local, domain, resource]);
  expect(String(Jid.parse(String(jid)))).toBe(String(jid));
});

test.each([
  ['', 'domain', 'jid-part-empty'],
  ['@', 'local', 'jid-part-empty'],
  ['@b', 'local', 'jid-part-empty'],
  ['a@', 'domain', 'jid-part-empty'],
  ['a@b/', 'resource', 'jid-part-empty'],
  ['a@/r', 'domain', 'jid-part-empty'],
  ['.', 'domain', 'jid-part-empty'],
  ['a b@c', 'local', 'jid-character-forbidden'],
  ['a"@c', 'local', 'jid-character-forbidden'],
  ['a\x7f@c', 'local', 'jid-character-forbidden'],
  ['a@b@c', 'domain', 'jid-character-forbidden'],
  ['a_b.c', 'domain', 'jid-character-forbidden'],
  ['a@b/\n', 'resource', 'jid-character-forbidden'],
  ['a@b/\x7f', 'resource', 'jid-character-forbidden'],
  ['example.com..', 'domain', 'jid-domain-label'],
  ['.example.com', 'domain', 'jid-domain-label'],
  ['-a.b', 'domain', 'jid-domain-label'],
  ['a-.b', 'domain', 'jid-domain-label'],
  ['ab--c.d', 'domain', 'jid-domain-label'],
  ['xn--bcher-kva.example', 'domain', 'jid-non-ascii-unsupported'],
  ['ü@b', 'local', 'jid-non-ascii-unsupported'],
  ['a@ü', 'domain', 'jid-non-ascii-unsupported'],
  ['a@b/ü', 'resource', 'jid-non-ascii-unsupported'],
  ['[::1', 'domain', 'jid-domain-ipv6'],
  ['[1::2::3]', 'domain', 'jid-domain-ipv6'],
  ['[12345::]', 'domain', 'jid-domain-ipv6'],
  ['[fe80::1%eth0]', 'domain', 'jid-domain-ipv6'],
  ['[::256.0.0.1]', 'domain', 'jid-domain-ipv6'],
  ['[1:2:3:4:5:6:7]', 'domain', 'jid-domain-ipv6'],
  [`${long}x@b`, 'local', 'jid-part-too-long'],
  [`a@b/${long}x`, 'resource', 'jid-part-too-long'],
  [`a@${'x.'.repeat(512)}y`, 'domain', 'jid-part-too-long'],
])('%j is refused for its %s: %s', (source, part, code) => {
  const result = Jid.check(source);
  expect(result.ok).toBe(false);
  if (result.ok) return;
  expect(result.error).toBeInstanceOf(JidError);
  expect(result.error).toBeInstanceOf(TercetError);
  expect([result.error.part, result.error.code]).toEqual([part, code]);
  expect(() => Jid.parse(source)).toThrow(JidError);
});

test('the leftmost bad part is the one that is named', () => {
  const result = Jid.check('a b@c_d/\n');
  expect(!result.ok && result.error.part).toBe('local');
});

test('parts make an address, and a separator in a part is an error', () => {
  expect(String(Jid.from({ local: 'Romeo', domain: 'B.example', resource: 'r/s' }))).toBe(
    'romeo@b.example/r/s',
  );
  expect(String(Jid.from({ local: '', domain: 'b', resource: '' }))).toBe('b');
  expect(() => Jid.from({ local: 'a/b', domain: 'c' })).toThrow(JidError);
  expect(() => Jid.from({ domain: '' })).toThrow(JidError);
});

test('bare, withResource, equals, JSON', () => {
  const jid = Jid.parse('a@b/c');
  expect(String(jid.bare)).toBe('a@b');
  const { bare } = jid;
  expect(bare.bare).toBe(bare);
  expect(String(jid.withResource('d'))).toBe('a@b/d');
  expect(String(jid.withResource(''))).toBe('a@b');
  expect(() => jid.withResource('\n')).toThrow(JidError);
  expect(jid.equals(Jid.parse('A@B/c'))).toBe(true);
  expect(jid.equals(Jid.parse('a@b/C'))).toBe(false);
  expect(JSON.stringify({ jid })).toBe('{"jid":"a@b/c"}');
});

test('what is no text is a mistake of the caller', () => {
  expect(() => Jid.parse(5 as unknown as string)).toThrow(UsageError);
  expect(() => Jid.check(undefined as unknown as string)).toThrow(UsageError);
  expect(() => Jid.from({ domain: 5 as unknown as string })).toThrow(UsageError);
});

test('an address does not change', () => {
  const jid = Jid.parse('romeo@montague.lit/orchard');
  expect(() => Object.assign(jid, { local: 'juliet' })).toThrow(TypeError);
  expect(String(jid)).toBe('romeo@montague.lit/orchard');
});

test('what is no address equals none, and has no parts', () => {
  const jid = Jid.parse('romeo@montague.lit');
  for (const other of [null, undefined, 'romeo@montague.lit', {}]) {
    expect(jid.equals(other as Jid)).toBe(false);
  }
  for (const parts of [null, undefined, 'montague.lit']) {
    expect(() => Jid.from(parts as unknown as JidParts)).toThrow(UsageError);
  }
});
