/*
 * xml(): what becomes of its arguments.
 */
import { expect, test } from 'vitest';
import { NS, parse, UsageError, xml, type Element } from 'tercet';

test('children may be elements, texts, numbers, nothing, and lists of these', () => {
  const element = xml(
    'a',
    {},
    'x',
    1,
    2n,
    null,
    undefined,
    false,
    true,
    '',
    ['y', [xml('b')]],
    'z',
  );
  expect(element.toString()).toBe('<a>x12y<b/>z</a>');
  expect(element.children.length).toBe(3);
});

test('attributes without a value are left out, others become text', () => {
  const element = xml('a', { one: 1, yes: true, none: undefined, nothing: null, empty: '' });
  expect(element.toString()).toBe('<a one="1" yes="true" empty=""/>');
});

test('attrs may be absent', () => {
  expect(xml('a').toString()).toBe('<a/>');
  expect(xml('a', null, 'x').toString()).toBe('<a>x</a>');
});

test('a child without xmlns takes the namespace it is put into', () => {
  const body = xml('body', {}, 'x');
  const message = xml('message', { xmlns: NS.client }, body);
  expect(body.ns).toBe('');
  expect(message.child('body')?.ns).toBe(NS.client);
  expect(message.child('body', NS.client)?.text).toBe('x');
  expect(message.children[0]).toBe(message.child('body'));
  const other = xml('message', { xmlns: NS.server }, body);
  expect(other.child('body')?.ns).toBe(NS.server);
});

test('the namespace reaches through levels that say none', () => {
  const inner = xml(
    'a',
    { xmlns: 'urn:a' },
    xml('b', {}, xml('c', {}, xml('d', { xmlns: 'urn:d' }))),
  );
  const c = inner.child('b')?.child('c');
  expect(c?.ns).toBe('urn:a');
  expect(c?.child('d')?.ns).toBe('urn:d');
  expect(c?.toString()).toBe('<c xmlns="urn:a"><d xmlns="urn:d"/></c>');
});

test('a prefix does not change the default namespace inside', () => {
  const features = xml(
    'stream:features',
    { xmlns: NS.client },
    xml('a'),
    xml('stream:b', {}, xml('c')),
  );
  expect(features.ns).toBe(NS.streams);
  expect(features.child('a')?.ns).toBe(NS.client);
  expect(features.child('b')?.ns).toBe(NS.streams);
  expect(features.child('b')?.child('c')?.ns).toBe(NS.client);
  expect(parse(features.toString()).equals(features)).toBe(true);
});

test('changing the arguments afterwards changes nothing', () => {
  const attrs = { a: '1' };
  const list = ['x'];
  const element = xml('a', attrs, list);
  attrs.a = '2';
  list.push('y');
  expect(element.toString()).toBe('<a a="1">x</a>');
});

test.each(['', 'a b', '1a', 'a:b:c', ':a', 'a:', '<a', 'a\u00d7', '-a'])(
  '%j is no name',
  (name) => {
    expect(() => xml(name)).toThrow(UsageError);
    expect(() => xml('a', { [name]: 'x' })).toThrow(/is not an XML name/);
  },
);

test.each([
  [{ 'xmlns:p': '' }],
  [{ 'xmlns:xmlns': 'urn:x' }],
  [{ 'xmlns:xml': 'urn:x' }],
  [{ 'xmlns:p': NS.xml }],
  [{ 'xmlns:p': NS.xmlns }],
  [{ xmlns: NS.xml }],
  [{ xmlns: NS.xmlns }],
])('the declaration %j is forbidden', (attrs) => {
  expect(() => xml('a', attrs)).toThrow(UsageError);
});

test('a prefix must be declared where it is used', () => {
  expect(() => xml('p:a')).toThrow(/prefix p is not declared/);
  expect(xml('p:a', { 'xmlns:p': 'urn:p' }).ns).toBe('urn:p');
});

test('what is no child is refused', () => {
  expect(() => xml('a', {}, {} as unknown as Element)).toThrow(/a child is/);
  expect(() => xml('a', 'urn:x' as unknown as null)).toThrow(/attrs is not an object/);
});

test('functions and symbols have no text', () => {
  for (const value of [() => 1, Symbol('a')]) {
    expect(() => xml('a', {}, value as unknown as string)).toThrow('a child is an element');
    expect(() => xml('a', { b: value as unknown as string })).toThrow('the attribute b');
  }
});

test('a prefix that an element declares holds for the attributes of what is inside', () => {
  const leaf = xml('d', { 'b:z': '2' });
  const built = xml('a', { xmlns: 'n', 'xmlns:b': 'u' }, xml('c', { 'b:y': '1' }, leaf), 'text');
  const inner = built.child('c');
  expect(inner?.attr('y', 'u')).toBe('1');
  expect(inner?.ns).toBe('n');
  expect(parse(built.toString()).equals(built)).toBe(true);
  expect(inner?.child('d')?.toString()).toBe('<d xmlns="n" xmlns:b="u" b:z="2"/>');
  // What was given stays as it was.
  expect(() => leaf.toString()).toThrow(/prefix .* not declared/);
  const nearer = xml('a', { 'xmlns:b': 'u' }, xml('c', { 'xmlns:b': 'v', 'b:y': '1' }));
  expect(nearer.child('c')?.attr('y', 'v')).toBe('1');
  expect(parse(nearer.toString()).equals(nearer)).toBe(true);
});
