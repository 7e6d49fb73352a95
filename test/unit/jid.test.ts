/*
 * Addresses as programs meet them: RFC 7622, XEP-0106. What the rules are is tested in test/jid/.
 */
import assert from 'node:assert';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Engine } from 'tercet';
import { Jid, JidError, TercetError, UsageError, type JidOptions, type JidParts } from 'tercet/jid';

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
  ['Юлия@пример.example/Балкон', 'юлия', 'пример.example', 'Балкон'],
  ['ΟΔΥΣΣΕΥΣ@b', 'οδυσσευσ', 'b', ''],
  ['a@xn--bcher-kva.example', 'a', 'bücher.example', ''],
  ['cafe\u0301@b/e\u0301', 'caf\u00e9', 'b', '\u00e9'],
  ['a@b/x\u00a0y', 'a', 'b', 'x y'],
  ['\uff21@b', 'a', 'b', ''],
  ['a@b/\u{1f600}', 'a', 'b', '\u{1f600}'],
])('%j is an address', (source, local, domain, resource) => {
  const jid = Jid.parse(source);
  expect([jid.local, jid.domain, jid.resource]).toEqual([local, domain, resource]);
  expect(String(Jid.parse(String(jid)))).toBe(String(jid));
});

test.each([
  ['', 'domain', 'jid-empty-domain'],
  ['@', 'local', 'jid-empty-local'],
  ['@b', 'local', 'jid-empty-local'],
  ['a@', 'domain', 'jid-empty-domain'],
  ['a@b/', 'resource', 'jid-empty-resource'],
  ['a@/r', 'domain', 'jid-empty-domain'],
  ['.', 'domain', 'jid-empty-domain'],
  ['a b@c', 'local', 'jid-disallowed'],
  ['a"@c', 'local', 'jid-excluded'],
  ['a\x7f@c', 'local', 'jid-disallowed'],
  ['a@b@c', 'domain', 'jid-disallowed'],
  ['a_b.c', 'domain', 'jid-disallowed'],
  ['a@b/\n', 'resource', 'jid-disallowed'],
  ['a@b/\x7f', 'resource', 'jid-disallowed'],
  ['example.com..', 'domain', 'jid-empty-label'],
  ['.example.com', 'domain', 'jid-empty-label'],
  ['-a.b', 'domain', 'jid-hyphen'],
  ['a-.b', 'domain', 'jid-hyphen'],
  ['ab--c.d', 'domain', 'jid-hyphen34'],
  ['[::1', 'domain', 'jid-ip-literal'],
  ['[1::2::3]', 'domain', 'jid-ip-literal'],
  ['[12345::]', 'domain', 'jid-ip-literal'],
  ['[fe80::1%eth0]', 'domain', 'jid-ip-literal'],
  ['[::256.0.0.1]', 'domain', 'jid-ip-literal'],
  ['[1:2:3:4:5:6:7]', 'domain', 'jid-ip-literal'],
  [`${long}x@b`, 'local', 'jid-too-long'],
  [`a@b/${long}x`, 'resource', 'jid-too-long'],
  [`a@${'x.'.repeat(512)}y`, 'domain', 'jid-too-long'],
])('%j is refused for its %s: %s', (source, part, code) => {
  const result = Jid.check(source);
  expect(result.ok).toBe(false);
  if (result.ok) return;
  expect(result.error).toBeInstanceOf(JidError);
  expect(result.error).toBeInstanceOf(TercetError);
  expect([result.error.part, result.error.code]).toEqual([part, code]);
  expect(() => Jid.parse(source)).toThrow(JidError);
});

describe('an error', () => {
  const errorOf = (source: string) => {
    const result = Jid.check(source);
    if (result.ok) throw new Error('an address was refused');
    return result.error;
  };

  test('names the part, the rule, the character of the source and its place', () => {
    const error = errorOf('henry\u2163@example.com');
    expect(error).toMatchObject({
      part: 'local',
      rule: 'disallowed',
      code: 'jid-disallowed',
      number: 605,
      codePoint: 0x2163,
      index: 5,
    });
    expect(error.message).toContain('U+2163');
    expect(error.message).toContain('index 5');
    expect(error.name).toBe('JidError');
  });

  test('names a character beyond the BMP whole, counting in UTF-16 units', () => {
    expect(errorOf('a@\u{1f600}\u{1f601}.example')).toMatchObject({
      part: 'domain',
      codePoint: 0x1f600,
      index: 2,
    });
    expect(errorOf('\u{20000}\u{1f600}@b')).toMatchObject({ codePoint: 0x1f600, index: 2 });
  });

  test('names no character where none is to blame', () => {
    expect(errorOf('a@b/')).toMatchObject({ codePoint: undefined, index: 4 });
    expect(errorOf(`${long}x@b`).codePoint).toBeUndefined();
  });

  test('names half a pair that stands alone', () => {
    expect(errorOf('a@b/x\ud800')).toMatchObject({
      part: 'resource',
      rule: 'utf',
      codePoint: 0xd800,
      index: 5,
    });
  });

  test('is made from the address that was checked, whatever was checked since', () => {
    const first = Jid.check('a b@c');
    const second = Jid.check('a@b/\n');
    Jid.check('fine@example.com');
    expect(!first.ok && first.error.part).toBe('local');
    expect(!second.ok && second.error.part).toBe('resource');
    expect(!first.ok && first.error).toBe(!first.ok && first.error);
  });

  test.each([
    [`${'a'.repeat(10_000_000)}@b`, 'local'],
    [`a@${'b'.repeat(10_000_000)}`, 'domain'],
    ['b'.repeat(10_000_000), 'domain'],
    [`a@b/${'c'.repeat(10_000_000)}`, 'resource'],
    [`a@b/${'@'.repeat(10_000_000)}`, 'resource'],
    ['/'.repeat(10_000_000), 'domain'],
  ])('of ten million characters comes at once (%#)', (source, part) => {
    expect(errorOf(source).part).toBe(part);
    expect(Jid.parseWire(source).toString()).toBe(source);
  });
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
  expect([jid.bare.local, jid.bare.domain, jid.bare.resource]).toEqual(['a', 'b', '']);
  const { bare } = jid;
  expect(bare.bare).toBe(bare);
  expect(String(jid.withResource('d'))).toBe('a@b/d');
  expect(String(jid.withResource(''))).toBe('a@b');
  expect(jid.withResource('e\u0301/@').resource).toBe('\u00e9/@');
  expect(jid.withResource('d').bare.equals(bare)).toBe(true);
  expect(() => jid.withResource('\n')).toThrow(JidError);
  expect(jid.equals(Jid.parse('A@B/c'))).toBe(true);
  expect(jid.equals(Jid.parse('a@b/C'))).toBe(false);
  expect(JSON.stringify({ jid })).toBe('{"jid":"a@b/c"}');
  expect(inspect(jid)).toBe('Jid <a@b/c>');
  expect(Jid.parse('b/c').withResource('d').domain).toBe('b');
});

describe('parseWire', () => {
  test('gives what parse gives, where that does not throw', () => {
    const jid = Jid.parseWire('Juliet@Example.com/Balcony');
    expect(String(jid)).toBe('juliet@example.com/Balcony');
    expect(jid.canonical).toBe(true);
    expect(jid.equals(Jid.parse('juliet@example.com/Balcony'))).toBe(true);
  });

  test.each([
    ['Some One@Example.com/x', 'Some One', 'Example.com', 'x'],
    ['@example.com', '', 'example.com', ''],
    ['A@b/', 'A', 'b', ''],
    ['A@b@c/d/e', 'A', 'b@c', 'd/e'],
    ['', '', '', ''],
    ['\ud800@b', '\ud800', 'b', ''],
    ['under_score.example/a@b', '', 'under_score.example', 'a@b'],
  ])('drops nothing of %j', (source, local, domain, resource) => {
    const jid = Jid.parseWire(source);
    expect(jid.canonical).toBe(false);
    expect(String(jid)).toBe(source);
    expect([jid.local, jid.domain, jid.resource]).toEqual([local, domain, resource]);
    expect(jid.equals(Jid.parseWire(source))).toBe(true);
  });

  test('keeps the spelling in what is made of it', () => {
    const jid = Jid.parseWire('Some One@Example.com/Hall');
    expect(String(jid.bare)).toBe('Some One@Example.com');
    expect(jid.bare.canonical).toBe(false);
    const { bare } = jid;
    expect(bare.bare).toBe(bare);
    const moved = jid.withResource('Tower');
    expect(String(moved)).toBe('Some One@Example.com/Tower');
    expect([moved.canonical, moved.local, moved.resource]).toEqual([false, 'Some One', 'Tower']);
    expect(String(Jid.parseWire('a@b/').withResource(''))).toBe('a@b');
  });

  test('is not what equals its canonical neighbour', () => {
    expect(Jid.parseWire('A b@c').equals(Jid.parseWire('a b@c'))).toBe(false);
  });

  test('has a domain for DNS only where it is one', () => {
    expect(Jid.parseWire('a b@B\u00fccher.example').toAscii()).toBe('xn--bcher-kva.example');
    expect(() => Jid.parseWire('a@b_c').toAscii()).toThrow(JidError);
  });
});

describe('toAscii', () => {
  test.each([
    ['a@example.com', 'example.com'],
    ['a@B\u00fccher.Example/x', 'xn--bcher-kva.example'],
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '[::1]'],
  ])('of %s is %s', (source, ascii) => {
    const jid = Jid.parse(source);
    expect(jid.toAscii()).toBe(ascii);
    expect(Jid.parse(jid.toAscii()).domain).toBe(jid.domain);
  });

  test.each([
    [`${'a'.repeat(64)}.example`, 'label-too-long'],
    [`${'\u00fc'.repeat(63)}.example`, 'label-too-long'],
    [`${'a.'.repeat(126)}ab`, 'domain-too-long'],
  ])('refuses a name that DNS has no room for (%#)', (source, rule) => {
    const jid = Jid.parse(source);
    expect(() => jid.toAscii()).toThrow(expect.objectContaining({ part: 'domain', rule }) as Error);
  });
});

describe('options', () => {
  test('allowUnderscore lets it pass in the domainpart', () => {
    expect(Jid.check('a@b_c').ok).toBe(false);
    expect(Jid.parse('a@B_c', { allowUnderscore: true }).domain).toBe('b_c');
    expect(Jid.check('a@b_c', { allowUnderscore: true }).ok).toBe(true);
    expect(Jid.from({ domain: 'b_c' }, { allowUnderscore: true }).domain).toBe('b_c');
    expect(Jid.check('a@b_c/\n', { allowUnderscore: true })).toMatchObject({ ok: false });
    expect(Jid.check('a@b_c', { allowUnderscore: false }).ok).toBe(false);
  });

  test('strict refuses what RFC 8265 refuses to the letter', () => {
    expect(Jid.parse('\u212a@b').local).toBe('k');
    expect(Jid.check('\u212a@b', { strict: 'rfc8265' }).ok).toBe(false);
    expect(Jid.check('k@b', { strict: 'rfc8265' }).ok).toBe(true);
  });

  test('an error read later is that of the options', () => {
    const checked = Jid.check('\u212a@b', { strict: 'rfc8265' });
    expect(!checked.ok && checked.error).toMatchObject({ part: 'local', codePoint: 0x212a });
  });

  test.each([{ allowUnderscores: true }, { strict: true }, { allowUnderscore: 'yes' }, 'x', null])(
    '%j is a mistake of the caller',
    (options) => {
      expect(() => Jid.parse('a@b', options as JidOptions)).toThrow(UsageError);
      expect(() => Jid.check('a@b', options as JidOptions)).toThrow(UsageError);
    },
  );

  test('the index that map passes is none of them', () => {
    expect(['A@b', 'C@d'].map(Jid.parse).map(String)).toEqual(['a@b', 'c@d']);
    expect(['A@b', 'c d@'].map(Jid.check).map(({ ok }) => ok)).toEqual([true, false]);
    expect(['A@b', 'c d@'].map(Jid.parseWire).map(String)).toEqual(['a@b', 'c d@']);
    expect([{ domain: 'B' }].map(Jid.from).map(String)).toEqual(['b']);
    expect(Array.from(new Set(['A@b']), Jid.parse).map(String)).toEqual(['a@b']);
  });
});

describe('an engine of one’s own', () => {
  const engine = new Engine();

  test('gives the same addresses, and the same errors', () => {
    const source = 'Ju\u030cliet@B\u00fccher.Example/e\u0301';
    for (const options of [{ engine }, { engine, allowUnderscore: true }]) {
      expect(Jid.parse(source, options)).toEqual(Jid.parse(source));
      expect(Jid.check(source, options)).toEqual(Jid.check(source));
      expect(Jid.parseWire(source, { engine })).toEqual(Jid.parseWire(source));
      expect(Jid.from({ local: 'A', domain: 'B' }, options)).toEqual(Jid.parse('a@b'));
    }
    expect(Jid.parse('a_b', { engine, allowUnderscore: true }).domain).toBe('a_b');
    expect(() => Jid.parse('a_b', { engine })).toThrow(JidError);
    const checked = Jid.check('a@b/\u2028', { engine });
    expect(Jid.check('other').ok).toBe(true);
    expect(!checked.ok && checked.error).toMatchObject({ part: 'resource', index: 4 });
    expect(String(Jid.parse('A@b'))).toBe('a@b');
  });

  test('is the one whose memory holds what was passed, also through the members of a Jid', () => {
    const bytesOf = (text: string) => Buffer.from(text, 'utf16le');
    const { bytes } = engine as unknown as { readonly bytes: Uint8Array };
    const holds = (text: string) => Buffer.from(bytes.buffer).includes(bytesOf(text));
    const before = 'before-anything@example.com';
    Jid.parse(before);
    expect(holds(before)).toBe(false);
    const jid = Jid.parse('secret-of-a-tenant@b\u00fccher.example', { engine });
    expect(holds('secret-of-a-tenant')).toBe(true);
    Jid.parse('another@example.com').withResource('not-there');
    expect(holds('not-there')).toBe(false);
    const moved = jid.withResource('resource-of-it');
    expect(holds('resource-of-it')).toBe(true);
    expect(moved.bare.withResource('once-more').toAscii()).toBe('xn--bcher-kva.example');
    expect(holds('b\u00fccher.example')).toBe(true);
  });

  test('is an Engine, and one that knows addresses', () => {
    for (const none of [{}, 5, null, { core: {} }]) {
      const options = { engine: none as unknown as Engine };
      expect(() => Jid.parse('a@b', options)).toThrow(UsageError);
      expect(() => Jid.check('a@b', options)).toThrow(UsageError);
      expect(() => Jid.parseWire('a@b', options)).toThrow(UsageError);
      expect(() => Jid.from({ domain: 'b' }, options)).toThrow(UsageError);
    }
  });
});

describe('XEP-0106', () => {
  test.each([
    ['space cadet', 'space\\20cadet'],
    ['call me "ishmael"', 'call\\20me\\20\\22ishmael\\22'],
    ['at&t guy', 'at\\26t\\20guy'],
    ["d'artagnan", 'd\\27artagnan'],
    ['/.fanboy', '\\2f.fanboy'],
    ['::foo::', '\\3a\\3afoo\\3a\\3a'],
    ['<foo>', '\\3cfoo\\3e'],
    ['user@host', 'user\\40host'],
    ['c:\\net', 'c\\3a\\net'],
    ['c:\\\\net', 'c\\3a\\\\net'],
    ['c:\\cool stuff', 'c\\3a\\cool\\20stuff'],
    ['c:\\5commas', 'c\\3a\\5c5commas'],
    ['', ''],
    ['J\u00fcliet', 'J\u00fcliet'],
  ])('%j is written as %j and read again', (text, local) => {
    expect(Jid.escapeLocal(text)).toBe(local);
    expect(Jid.unescapeLocal(local)).toBe(text);
  });

  test.each(['\\2F', '\\41', '\\2p', '\\', '\\2'])('%j is not an escape', (local) => {
    expect(Jid.unescapeLocal(local)).toBe(local);
    expect(Jid.escapeLocal(local)).toBe(local);
  });

  test.each([
    [' a', 'leading-space', 0],
    ['a ', 'trailing-space', 1],
    [' ', 'leading-space', 0],
  ])('%j is refused', (text, rule, index) => {
    expect(() => Jid.escapeLocal(text)).toThrow(
      expect.objectContaining({ part: 'local', rule, index, codePoint: 0x20 }) as Error,
    );
  });

  test('parsing neither escapes nor unescapes', () => {
    expect(Jid.parse('foo\\20bar@b').local).toBe('foo\\20bar');
    expect(Jid.parse('foo\\bar@b').local).toBe('foo\\bar');
    expect(Jid.check('foo bar@b').ok).toBe(false);
  });
});

test('the version of Unicode is that of the tables', () => {
  expect(Jid.unicodeVersion).toBe('17.0.0');
});

test('what is no text is a mistake of the caller', () => {
  expect(() => Jid.parse(5 as unknown as string)).toThrow(UsageError);
  expect(() => Jid.check(undefined as unknown as string)).toThrow(UsageError);
  expect(() => Jid.from({ domain: 5 as unknown as string })).toThrow(UsageError);
  expect(() => Jid.parseWire(null as unknown as string)).toThrow(UsageError);
  expect(() => Jid.escapeLocal(5 as unknown as string)).toThrow(UsageError);
  expect(() => Jid.unescapeLocal(5 as unknown as string)).toThrow(UsageError);
});

test('an address does not change', () => {
  const jid = Jid.parse('romeo@montague.lit/orchard');
  expect(() => Object.assign(jid, { local: 'juliet' })).toThrow(TypeError);
  for (const key of Reflect.ownKeys(jid)) Object.assign(jid, { [key]: 'juliet@capulet.lit' });
  expect(String(jid)).toBe('romeo@montague.lit/orchard');
});

test('what is no address equals none, and has no parts', () => {
  const jid = Jid.parse('romeo@montague.lit');
  for (const other of [null, undefined, 'romeo@montague.lit', {}, Object.create(Jid.prototype)]) {
    expect(jid.equals(other as Jid)).toBe(false);
  }
  for (const parts of [null, undefined, 'montague.lit']) {
    expect(() => Jid.from(parts as unknown as JidParts)).toThrow(UsageError);
  }
});

test('comparisons by fields find the same addresses equal, and others not', () => {
  const jid = Jid.parse('Romeo@montague.lit/orchard');
  const same = Jid.from({ local: 'romeo', domain: 'Montague.Lit', resource: 'orchard' });
  // What has been read of it is no part of what it is.
  expect(jid.local).toBe('romeo');
  expect(jid).toEqual(same);
  expect(jid).toStrictEqual(same);
  assert.deepEqual(jid, same);
  assert.deepStrictEqual({ from: jid }, { from: same });
  for (const other of ['romeo@montague.lit', 'romeo@montague.lit/Orchard', 'juliet@capulet.lit']) {
    const parsed = Jid.parse(other);
    expect(jid).not.toEqual(parsed);
    expect([jid]).not.toStrictEqual([parsed]);
    assert.notDeepEqual(jid, parsed);
    assert.notDeepStrictEqual(new Map([['a', jid]]), new Map([['a', parsed]]));
    expect(Jid.check(String(jid))).not.toEqual(Jid.check(other));
  }
  expect(Jid.check('a b@c')).toEqual(Jid.check('a b@c'));
  expect(Jid.check('a b@c')).not.toEqual(Jid.check('a c@b'));
  expect(Jid.parseWire('a b@c')).not.toEqual(Jid.parseWire('a c@b'));
});

test('nobody makes a Jid that has not been prepared', () => {
  const Forged = Jid as unknown as new (...parts: unknown[]) => Jid;
  expect(() => new Forged('a b@@//', 0)).toThrow(UsageError);
});

test('the result of a check tells JSON why', () => {
  expect(JSON.parse(JSON.stringify(Jid.check('a b@c')))).toEqual({
    ok: false,
    error: {
      part: 'local',
      rule: 'disallowed',
      code: 'jid-disallowed',
      message: 'local: the character is not allowed in this part (U+0020 at index 1)',
    },
  });
  expect(JSON.stringify(Jid.check('A@b'))).toBe('{"ok":true,"jid":"a@b"}');
});
