/*
 * Reading elements: names, namespaces, attributes, children, text, equality.
 */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Element, NS, parse, xml } from 'tercet';

test('name is the local name, ns the namespace', () => {
  const root = parse("<a xmlns='urn:a' xmlns:p='urn:p'><p:b/><c xmlns=''/><d/></a>");
  const [b, c, d] = root.elements();
  expect([root.name, root.ns]).toEqual(['a', 'urn:a']);
  expect([b.name, b.ns]).toEqual(['b', 'urn:p']);
  expect([c.name, c.ns]).toEqual(['c', '']);
  expect([d.name, d.ns]).toEqual(['d', 'urn:a']);
});

test('a namespace written with references is the namespace', () => {
  expect(parse("<a xmlns='jabber&#58;client'/>").ns).toBe('jabber:client');
  expect(parse("<a xmlns='urn:x?a&amp;b'/>").ns).toBe('urn:x?a&b');
});

test('attrs are as written, declarations included, without a prototype', () => {
  const { attrs } = parse("<a xmlns='urn:a' xmlns:p='urn:p' p:x='1' x=\"2\" xml:lang='en'/>");
  expect(Object.getPrototypeOf(attrs)).toBeNull();
  expect(Object.entries(attrs)).toEqual([
    ['xmlns', 'urn:a'],
    ['xmlns:p', 'urn:p'],
    ['p:x', '1'],
    ['x', '2'],
    ['xml:lang', 'en'],
  ]);
  expect('toString' in attrs).toBe(false);
});

test('attributes of an element without any, and of a payload with a namespace only', () => {
  const root = parse("<a><b xmlns='jabber:iq:roster'/><b xmlns='jabber:iq:roster'/></a>");
  expect(Object.keys(root.attrs)).toEqual([]);
  expect(Object.getPrototypeOf(root.attrs)).toBeNull();
  for (const child of root.elements()) {
    expect(Object.entries(child.attrs)).toEqual([['xmlns', 'jabber:iq:roster']]);
    expect(Object.getPrototypeOf(child.attrs)).toBeNull();
  }
});

test('__proto__ is an attribute like any other', () => {
  const element = parse("<a __proto__='x' constructor='y'/>");
  expect(element.attr('__proto__')).toBe('x');
  expect(Object.keys(element.attrs)).toEqual(['__proto__', 'constructor']);
  expect(parse(element.withAttrs({ b: 'c' }).toString()).attr('__proto__')).toBe('x');
});

test('attr without a namespace is the attribute written so', () => {
  const element = parse("<a xmlns:p='urn:p' p:to='1' to='2'/>");
  expect(element.attr('to')).toBe('2');
  expect(element.attr('from')).toBeUndefined();
  expect(parse("<a xmlns:p='urn:p' p:to='1'/>").attr('to')).toBeUndefined();
});

test('attr with a namespace resolves prefixes, also those of ancestors', () => {
  const root = parse(
    "<a xmlns:p='urn:p' xml:lang='de'><x/><b><c p:x='1' q:x='2' xmlns:q='urn:q'/></b></a>",
  );
  const c = root.child('b')?.child('c');
  expect(c?.attr('x', 'urn:p')).toBe('1');
  expect(c?.attr('x', 'urn:q')).toBe('2');
  expect(c?.attr('x', 'urn:r')).toBeUndefined();
  expect(c?.attr('x')).toBeUndefined();
  expect(root.attr('lang', NS.xml)).toBe('de');
});

test('white space around an equals sign is no part of a name', () => {
  const { attrs } = parse("<a unknown-name = '1' other\n=\n'2' to ='3'/>");
  expect({ ...attrs }).toEqual({ 'unknown-name': '1', other: '2', to: '3' });
});

test('children are elements and texts, adjacent text and CDATA joined', () => {
  const root = parse('<a>one<![CDATA[<two>]]>three<b/><![CDATA[]]><c/>four<![CDATA[ ]]></a>');
  expect(root.children.map((child) => (typeof child === 'string' ? child : child.name))).toEqual([
    'one<two>three',
    'b',
    'c',
    'four ',
  ]);
});

test('text is own text, not that of descendants', () => {
  expect(parse('<a>x<b>y</b>z</a>').text).toBe('xz');
  expect(parse('<a/>').text).toBe('');
  expect(parse('<a><b>y</b></a>').text).toBe('');
  expect(parse('<a>plain</a>').text).toBe('plain');
});

test('references and line ends are what they stand for', () => {
  const element = parse(
    "<a v='1&#10;2\n3\t4\r\n5&lt;&amp;&quot;&apos;&gt;&#x1F600;'>\r\na\rb&#13;c&amp;lt;&#0065;&#x000041;</a>",
  );
  expect(element.attr('v')).toBe('1\n2 3 4 5<&"\'>\u{1F600}');
  expect(element.text).toBe('\na\nb\rc&lt;AA');
});

test('names, values and text beyond ASCII', () => {
  const root = parse("<čaj größe='Über &amp; ü' xmlns:ж='urn:ж'><ж:ü/>日本語 \u{1F375}</čaj>");
  expect(root.name).toBe('čaj');
  expect(root.attr('größe')).toBe('Über & ü');
  expect(root.child('ü', 'urn:ж')?.ns).toBe('urn:ж');
  expect(root.text).toBe('日本語 \u{1F375}');
});

test('child finds the first match, elements all of them', () => {
  const root = parse("<a>t<b n='1'/><b xmlns='urn:b' n='2'/><c n='3'/><b n='4'/></a>");
  const numbers = (elements: readonly Element[]) => elements.map((each) => each.attr('n'));
  expect(root.child('b')?.attr('n')).toBe('1');
  expect(root.child('b', 'urn:b')?.attr('n')).toBe('2');
  expect(root.child(undefined, 'urn:b')?.attr('n')).toBe('2');
  expect(root.child()?.attr('n')).toBe('1');
  expect(root.child('d')).toBeUndefined();
  expect(numbers(root.elements('b'))).toEqual(['1', '2', '4']);
  expect(numbers(root.elements('b', ''))).toEqual(['1', '4']);
  expect(numbers(root.elements())).toEqual(['1', '2', '3', '4']);
});

test('the same child is the same object, in whatever order it is asked for', () => {
  const root = parse('<a><b/>text<c/><b/></a>');
  const c = root.child('c');
  const b = root.child('b');
  expect(root.child('b')).toBe(b);
  expect(root.children[0]).toBe(b);
  expect(root.children[2]).toBe(c);
  expect(root.elements('b')[0]).toBe(b);
  expect(root.child('c')).toBe(c);
});

test('children that were asked for one by one are the same in a long list', () => {
  const root = parse(`<a>${'<b/>x'.repeat(300)}<c/>${'<d/>'.repeat(300)}</a>`);
  const found = [root.child('d'), root.child('c'), root.child('b')];
  const copy = root.withAttrs({ x: '1' });
  expect([root.elements('d')[0], root.elements('c')[0], root.elements('b')[0]]).toEqual(found);
  expect(root.elements('d')[0]).toBe(found[0]);
  expect(root.child('d')).toBe(found[0]);
  expect(root.children.length).toBe(901);
  expect(copy.children.length).toBe(901);
  expect(copy.child('c')?.equals(root.elements('c')[0])).toBe(true);
});

test('equal trees are equal whatever their prefixes, declarations and order of attributes', () => {
  const one = parse("<a xmlns='urn:a' x='1' y='2'><p:b xmlns:p='urn:p' p:z='3'>t&amp;</p:b></a>");
  const two = parse(
    "<q:a xmlns:q='urn:a' y='2' x='1'><b xmlns='urn:p' xmlns:r='urn:p' r:z='3'><![CDATA[t&]]></b></q:a>",
  );
  expect(one.equals(two)).toBe(true);
  expect(two.equals(one)).toBe(true);
});

test.each([
  ['<a/>', '<b/>'],
  ['<a/>', "<a xmlns='urn:a'/>"],
  ["<a x='1'/>", "<a x='2'/>"],
  ["<a x='1'/>", "<a x='1' y='1'/>"],
  ["<a xmlns:p='urn:p' p:x='1'/>", "<a x='1'/>"],
  ['<a>t</a>', '<a>u</a>'],
  ['<a><b/>t</a>', '<a>t<b/></a>'],
  ['<a><b><c/></b></a>', '<a><b/></a>'],
])('%s and %s are not equal', (left, right) => {
  expect(parse(left).equals(parse(right))).toBe(false);
});

test('withAttrs gives a copy and leaves the element as it is', () => {
  const element = parse("<iq id='1' to='a'><query xmlns='urn:q'>t</query></iq>");
  const copy = element.withAttrs({ from: 'b', to: undefined, id: '2' });
  expect({ ...copy.attrs }).toEqual({ id: '2', from: 'b' });
  expect({ ...element.attrs }).toEqual({ id: '1', to: 'a' });
  expect(copy.child('query', 'urn:q')?.text).toBe('t');
  expect(copy.toString()).toBe(`<iq id="2" from="b"><query xmlns='urn:q'>t</query></iq>`);
  expect(copy.withAttrs({ from: undefined }).toString()).toBe(
    `<iq id="2"><query xmlns='urn:q'>t</query></iq>`,
  );
});

test('withAttrs does not touch namespaces and takes only names', () => {
  const element = parse('<a/>');
  expect(() => element.withAttrs({ xmlns: 'urn:x' })).toThrow(/namespace declarations/);
  expect(() => element.withAttrs({ 'xmlns:p': 'urn:x' })).toThrow(/namespace declarations/);
  expect(() => element.withAttrs({ 'a b': 'c' })).toThrow(/"a b" is not an XML name/);
  expect(() => element.withAttrs({ 'p:b': 'c' }).toString()).toThrow(/prefix .* not declared/);
  const two = parse("<a xmlns:p='urn:p' xmlns:q='urn:p' p:x='1'/>").withAttrs({ 'q:x': '2' });
  expect(() => two.toString()).toThrow(/'q:x' stands twice under two prefixes/);
  expect(() => two.toBytes()).toThrow(/stands twice/);
  expect(parse(two.withAttrs({ 'p:x': undefined }).toString()).attr('x', 'urn:p')).toBe('2');
});

test('elements are instances of Element and print as XML', () => {
  expect(parse('<a/>')).toBeInstanceOf(Element);
  expect(xml('a')).toBeInstanceOf(Element);
  expect(inspect(parse('<a>b</a>'))).toBe('Element <a>b</a>');
});
