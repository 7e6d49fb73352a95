/*
 * Writing elements: escaping, namespaces, and bytes that pass through.
 */
import { describe, expect, test } from 'vitest';
import { escapeText, escapeValue, NS, parse, StreamParser, UsageError, xml } from 'tercet';
import { header, stanzaOf } from './streams.js';

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('built elements', () => {
  test('the five characters are escaped in text and values', () => {
    expect(xml('a', { b: `<'&">` }, `<'&">`).toString()).toBe(
      '<a b="&lt;&apos;&amp;&quot;&gt;">&lt;&apos;&amp;&quot;&gt;</a>',
    );
  });

  test('white space that a parser would change is written as references', () => {
    const element = xml('a', { b: '\t\n\r ' }, '\t\n\r ');
    expect(element.toString()).toBe('<a b="&#x9;&#xA;&#xD; ">\t\n&#xD; </a>');
    expect(parse(element.toString()).equals(element)).toBe(true);
  });

  test.each(['\0', '\x08', '\x0b', '\x1f', '\ufffe', '\uffff', '\ud800', '\udc00', 'a\ud83d'])(
    'the character %j is refused',
    (character) => {
      expect(() => xml('a', {}, character).toString()).toThrow(UsageError);
      expect(() => xml('a', { b: character }).toString()).toThrow(/cannot hold the character U\+/);
      expect(() => escapeText(character)).toThrow(UsageError);
      expect(() => escapeValue(character)).toThrow(UsageError);
    },
  );

  test('pairs of surrogates are characters', () => {
    expect(xml('a', { b: '\u{1F600}' }, '\u{10FFFF}').toString()).toBe(
      '<a b="\u{1F600}">\u{10FFFF}</a>',
    );
  });

  test('xmlns is written only where it changes', () => {
    const element = xml(
      'message',
      { xmlns: NS.client },
      xml('body', { xmlns: NS.client }, 'x'),
      xml('x', { xmlns: 'urn:x' }, xml('y', { xmlns: 'urn:x' }), xml('z', { xmlns: NS.client })),
    );
    expect(element.toString()).toBe(
      '<message xmlns="jabber:client"><body>x</body><x xmlns="urn:x"><y/><z xmlns="jabber:client"/></x></message>',
    );
    expect(element.toString(NS.client)).toBe(
      '<message><body>x</body><x xmlns="urn:x"><y/><z xmlns="jabber:client"/></x></message>',
    );
  });

  test('an element without a namespace inside one that has says so', () => {
    const inner = parse('<b><c/></b>');
    expect(xml('a', { xmlns: 'urn:a' }, inner).toString()).toBe(
      '<a xmlns="urn:a"><b xmlns=""><c/></b></a>',
    );
  });

  test('prefixes are declared once, the known ones by themselves', () => {
    expect(xml('stream:features', {}, xml('stream:x')).toString()).toBe(
      `<stream:features xmlns:stream="${NS.streams}"><stream:x/></stream:features>`,
    );
    const element = xml(
      'a',
      { 'xmlns:p': 'urn:p', 'p:x': '1' },
      xml('b', { 'xmlns:p': 'urn:p', 'p:y': '2' }),
    );
    expect(element.toString()).toBe('<a xmlns:p="urn:p" p:x="1"><b p:y="2"/></a>');
  });

  test('a prefix that nobody declares, and one name under two prefixes, are refused', () => {
    expect(() => xml('a', { 'p:x': '1' }).toString()).toThrow(/prefix .* is not declared/);
    expect(() =>
      xml('a', { 'xmlns:p': 'urn:p', 'xmlns:q': 'urn:p', 'p:x': '1', 'q:x': '2' }).toString(),
    ).toThrow(/twice/);
  });

  test('bytes are the text in UTF-8', () => {
    expect(decode(xml('a', { b: 'ü' }, '日\u{1F600}').toBytes())).toBe('<a b="ü">日\u{1F600}</a>');
  });

  test('parsed elements inside built ones stay as they came', () => {
    const inner = parse("<b  x='1'><c>&#x41;</c></b >");
    expect(xml('a', null, inner, inner.withAttrs({ x: '2' })).toString()).toBe(
      `<a><b  x='1'><c>&#x41;</c></b ><b x="2"><c>&#x41;</c></b ></a>`,
    );
  });
});

describe('parsed elements', () => {
  test('what was not changed is written as it came', () => {
    const source = "<a  b = 'c' ><d  />&#x41;<![CDATA[<]]>\r\n</a\n>";
    expect(parse(`  ${source}\n`).toString()).toBe(source);
    expect(decode(parse(source).toBytes())).toBe(source);
  });

  test('characters beyond ASCII survive', () => {
    const source = "<čaj ä='ö'>日本語 \u{1F375}</čaj>";
    const element = parse(source);
    expect(element.toString()).toBe(source);
    expect(decode(element.toBytes())).toBe(source);
    expect(element.withAttrs({ ä: 'ñ' }).toString()).toBe('<čaj ä="ñ">日本語 \u{1F375}</čaj>');
    expect(decode(element.withAttrs({ ä: 'ñ' }).toBytes())).toBe(
      '<čaj ä="ñ">日本語 \u{1F375}</čaj>',
    );
  });

  test('a child declares what it took from its ancestors', () => {
    const root = parse(
      "<a xmlns='urn:a' xmlns:p='urn:p' xmlns:q='urn:q'><b p:x='1'><p:c/></b></a>",
    );
    const b = root.child('b');
    expect(b?.toString()).toBe(`<b xmlns="urn:a" xmlns:p="urn:p" p:x='1'><p:c/></b>`);
    expect(b?.toString('urn:a')).toBe(`<b xmlns:p="urn:p" p:x='1'><p:c/></b>`);
    expect(b?.child('c')?.toString()).toBe('<p:c xmlns="urn:a" xmlns:p="urn:p"/>');
  });

  test('a stanza declares what it took from its stream', () => {
    const parser = new StreamParser();
    parser.feed(header);
    const stanza = stanzaOf(parser, "<message to='a'><body>b</body></message>");
    expect(stanza.toString()).toBe(
      `<message xmlns="jabber:client" to='a'><body>b</body></message>`,
    );
    expect(stanza.toString(NS.client)).toBe("<message to='a'><body>b</body></message>");
    expect(stanza.toString(NS.server)).toContain('xmlns="jabber:client"');
    const features = stanzaOf(parser, '<stream:features/>');
    expect(parse(features.toString()).equals(features)).toBe(true);
    parser.close();
  });

  test('prefixes that the stanza itself declares are not taken from the stream', () => {
    const parser = new StreamParser();
    parser.feed(
      "<s:stream xmlns='jabber:client' xmlns:p='urn:outer' xmlns:s='http://etherx.jabber.org/streams'>",
    );
    const stanza = stanzaOf(parser, "<iq><p:a xmlns:p='urn:inner'/></iq>");
    expect(stanza.child('a')?.ns).toBe('urn:inner');
    expect(parse(stanza.toString()).equals(stanza)).toBe(true);
    const outer = stanzaOf(parser, "<iq xmlns:q='urn:q'><p:a q:x='1' p:y='2'/></iq>");
    expect(outer.child('a')?.ns).toBe('urn:outer');
    expect(parse(outer.toString()).equals(outer)).toBe(true);
    expect(outer.child('a')?.attr('y', 'urn:outer')).toBe('2');
    parser.close();
  });

  test('the header of a stream is an element of its own', () => {
    const parser = new StreamParser();
    const [event] = parser.feed(header);
    expect(event.type).toBe('open');
    if (event.type !== 'open') return;
    expect(event.header.ns).toBe(NS.streams);
    expect(event.header.children).toEqual([]);
    expect(event.header.attr('version')).toBe('1.0');
    const again = parse(event.header.toString());
    expect(again.equals(event.header)).toBe(true);
    parser.close();
  });
});

test('depth costs no stack', () => {
  const depth = 100_000;
  const deep = '<a>'.repeat(depth) + '</a>'.repeat(depth);
  const limits = { maxDepth: depth };
  const element = parse(deep, { limits });
  expect(element.toString()).toBe(deep);
  expect(element.equals(parse(deep, { limits }))).toBe(true);
  let built = xml('a');
  for (let level = 1; level < depth; level++) built = xml('a', null, built);
  const text = built.toString();
  expect(text.length).toBe(7 * (depth - 1) + 4);
  expect(built.equals(parse(text, { limits }))).toBe(true);
});
