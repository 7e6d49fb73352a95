/*
 * parse(): one element, or the error that says why not.
 */
import { expect, test } from 'vitest';
import { Engine, parse, TercetError, UsageError, XmlError, type ParseOptions } from 'tercet';
import { bytesOf } from './streams.js';

function errorOf(source: string | Uint8Array): XmlError {
  try {
    parse(source);
  } catch (error) {
    expect(error).toBeInstanceOf(XmlError);
    return error as XmlError;
  }
  throw new Error('no error');
}

test('text and bytes give the same element', () => {
  const source = "<a x='ü'>日本</a>";
  expect(parse(bytesOf(source)).equals(parse(source))).toBe(true);
  expect(parse(Buffer.from(source)).equals(parse(source))).toBe(true);
});

test('white space and an XML declaration may stand around the element', () => {
  expect(parse("<?xml version='1.0'?>\n<a/>\n \t").name).toBe('a');
  expect(parse(bytesOf('  <a>x</a>  ')).text).toBe('x');
});

test('an error says what, where and what to answer', () => {
  const error = errorOf('<a b="1" b="2"/>');
  expect(error).toBeInstanceOf(TercetError);
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe('XmlError');
  expect(error.code).toBe('xml-duplicate-attribute');
  expect(error.condition).toBe('not-well-formed');
  expect(error.offset).toBe(9);
  expect(error.message).toBe('the tag has another attribute of the same name (byte 9)');
  expect(error.toStreamError()).toBe(
    '<stream:error xmlns:stream="http://etherx.jabber.org/streams">' +
      '<not-well-formed xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error>',
  );
  expect(parse(error.toStreamError()).child()?.name).toBe('not-well-formed');
});

test.each([
  ['', 'xml-unexpected-end', 0],
  ['<a', 'xml-unexpected-end', 2],
  ['<a><b></a>', 'xml-end-tag-mismatch', 8],
  ['<a/>x', 'xml-content-after-root', 4],
  ['<a/><b/>', 'xml-content-after-root', 4],
  ['<a/><', 'xml-content-after-root', 4],
  ['x<a/>', 'xml-text-outside-root', 0],
  ['<!-- x --><a/>', 'xml-comment-restricted', 0],
  ['<!DOCTYPE a><a/>', 'xml-doctype-restricted', 0],
  ['<a>&nbsp;</a>', 'xml-entity-restricted', 3],
  ['<p:a/>', 'xml-prefix-undeclared', 1],
  ['<ü>\ud800</ü>', 'xml-utf8-invalid', 4],
  ['<a>\udc00\ud800</a>', 'xml-utf8-invalid', 3],
  ['<a>\ud800', 'xml-utf8-invalid', 3],
])('%j is refused with %s at %i', (source, code, offset) => {
  const error = errorOf(source);
  expect([error.code, error.offset]).toEqual([code, offset]);
});

test('the end of input is noticed after the element too', () => {
  expect(errorOf(Uint8Array.of(0x3c, 0x61, 0x2f, 0x3e, 0xc3)).code).toBe('xml-utf8-truncated');
});

test('after an error the next source is read', () => {
  errorOf('<a');
  expect(parse('<b/>').name).toBe('b');
});

test('elements outlive later calls', () => {
  const elements = Array.from({ length: 50 }, (_, index) =>
    parse(`<a n='${index}' xmlns='urn:${index}'><b>x${index}&amp;</b></a>`),
  );
  elements.forEach((element, index) => {
    expect(element.attr('n')).toBe(String(index));
    expect(element.ns).toBe(`urn:${index}`);
    expect(element.child('b')?.text).toBe(`x${index}&`);
    expect(element.child('b')?.ns).toBe(`urn:${index}`);
  });
});

test('large sources are read in pieces', () => {
  const text = 'ü&amp;x'.repeat(50_000);
  const element = parse(`<a>${text}</a>`);
  parse('<b/>');
  expect(element.text).toBe('ü&x'.repeat(50_000));
  const spaced = parse(`<a>${'x'.repeat(65_533)}</a>${' '.repeat(200_000)}`);
  expect(spaced.text.length).toBe(65_533);
  // A pair of surrogates over the border of two pieces.
  for (const pad of [65_532, 65_531, 65_530, 65_529]) {
    expect(parse(`<a>${'x'.repeat(pad)}\u{1F600}</a>`).text.slice(pad)).toBe('\u{1F600}');
  }
});

test('limits are those of a stream, but 16 MiB for the whole', () => {
  expect(() => parse('<a>'.repeat(257))).toThrow(/nested deeper/);
  expect(() => parse('<a><b/></a>', { limits: { maxDepth: 1 } })).toThrow(/nested deeper/);
  const element = parse('<a><b/></a>', { limits: { maxDepth: 2, maxStanzaBytes: 11 } });
  expect(element.child('b')?.name).toBe('b');
  expect(() => parse('<a><b/></a>', { limits: { maxStanzaBytes: 10 } })).toThrow(/longer/);
});

test('an engine of its own gives the same', () => {
  const engine = new Engine();
  const element = parse('<a>x</a>', { engine });
  parse('<b/>', { engine });
  expect(element.text).toBe('x');
  expect(element.equals(parse('<a>x</a>'))).toBe(true);
});

test('what is neither text nor bytes is a mistake of the caller', () => {
  for (const source of [undefined, null, 1, {}, new Uint16Array(2)]) {
    expect(() => parse(source as string)).toThrow(UsageError);
  }
  expect(() => parse('<a/>', { engine: {} as unknown as Engine })).toThrow(/not an Engine/);
});

test('options are checked', () => {
  const parseWith = (options: unknown) => () => parse('<a/>', options as ParseOptions);
  expect(parseWith(null)).toThrow('options is not an object');
  expect(parseWith({ maxStanzaBytes: 5 })).toThrow('maxStanzaBytes is no option but a limit');
});
