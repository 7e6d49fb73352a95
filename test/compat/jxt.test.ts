/*
 * The jxt of stanza and tercet/compat/jxt beside each other: the same events, elements and stream
 * data for what both read; then the faults of the original, each shown there and absent here.
 */
import { existsSync, readFileSync } from 'node:fs';
import * as jxt from 'stanza/jxt/index.js';
import { createClient } from 'stanza';
import * as own from 'tercet/compat/jxt';
import { describe, expect, test } from 'vitest';
import { cutInto, cuts } from './cuts.js';
import { chat, header, streams, variety } from './streams.js';

// It is a CommonJS module: all of its names are on the default export.
const original = Reflect.get(jxt, 'default') as unknown as typeof own;

type Pieces = readonly (string | Uint8Array)[];

function eventsOf(parser: own.Parser, pieces: Pieces): unknown[][] {
  const events: unknown[][] = [];
  for (const name of ['startElement', 'endElement', 'text'])
    parser.on(name, (...values: unknown[]) => events.push([name, ...values]));
  parser.on('error', ({ condition }: own.JXTError) => events.push(['error', condition]));
  for (const piece of pieces) parser.write(piece);
  return events;
}

const ours = (...pieces: Pieces): unknown[][] => eventsOf(new own.Parser(), pieces);
const theirs = (...pieces: Pieces): unknown[][] => eventsOf(new original.Parser(), pieces);

describe('Parser', () => {
  test.each(streams)('says what the original says of %s, however it is cut', (_name, stream) => {
    // Two faults of the original's: below, and a text event for the line end before a header.
    const source = stream.replace(']]]]>', 'x]]>').replace('?>\n', '?>');
    const expected = theirs(source);
    for (const size of cuts) expect(ours(...cutInto(source, size))).toEqual(expected);
  });

  test('comments are skipped unless they are not allowed', () => {
    const source = '<a>x<!-- - -->y</a>';
    expect(ours(source)).toEqual(theirs(source));
    const strict = { allowComments: false };
    expect(eventsOf(new own.Parser(strict), [source]).at(-1)).toEqual(['error', 'restricted-xml']);
    expect(eventsOf(new original.Parser(strict), [source])).toContainEqual([
      'error',
      'restricted-xml',
    ]);
  });

  test('processing instructions are refused, a DOCTYPE too', () => {
    for (const source of ['<a><?php x ?>', '<a><?xml-stylesheet?>', '<a><!DOCTYPE b>'])
      expect(ours(source)).toEqual([
        ['startElement', 'a', {}],
        ['error', 'restricted-xml'],
      ]);
  });

  test('elements follow each other, with comments between them or without', () => {
    const source = '<a/><!-- - --><b>x</b><\u00e9/><!-- --><c/>';
    const expected = theirs(source);
    expect(expected).toHaveLength(9);
    for (const size of cuts) expect(ours(...cutInto(source, size))).toEqual(expected);
    const plain = '<a/><b>x</b><\u00e9/>';
    const strict = { allowComments: false };
    const events = eventsOf(new original.Parser(strict), [plain]);
    for (const size of cuts) {
      expect(eventsOf(new own.Parser(strict), cutInto(plain, size))).toEqual(events);
    }
  });

  test('does nothing after its end', () => {
    const parser = new own.Parser();
    parser.end('<a>');
    expect(eventsOf(parser, ['<b>'])).toEqual([]);
  });
});

describe('elements', () => {
  const documents = [...chat, ...variety];

  test('are those of the original', () => {
    for (const document of documents) {
      const [mine, other] = [own.parse(document.trim()), original.parse(document.trim())];
      expect(mine?.toJSON()).toEqual(other?.toJSON());
      expect(mine?.toString()).toBe(other?.toString());
    }
    const fields = ({ XMLElement }: typeof own): string[] => Object.keys(new XMLElement('a'));
    expect(fields(own)).toEqual(fields(original));
  });

  test('answer and change the same way', () => {
    const story = ({ XMLElement, parse }: typeof own): unknown[] => {
      const root = parse(
        "<a xmlns='urn:a' xmlns:p='urn:p' p:x='1' y='2'><b>t</b><p:c>u</p:c>v<b xmlns='urn:b'/></a>",
      );
      if (root === undefined) return [];
      const [, c] = root.children as own.XMLElement[];
      const answers: unknown[] = [
        root.getName(),
        root.getNamespace(),
        c.getName(),
        c.getNamespace(),
        c.getNamespaceContext(),
        c.getDefaultNamespace(),
        c.getNamespaceRoot('urn:p')?.name,
        c.getNamespaceRoot('urn:none'),
        root.getAttribute('y'),
        root.getAttribute('x', 'urn:p'),
        root.getAttribute('x', 'urn:none'),
        root.getChild('b')?.getText(),
        root.getChildren('b', 'urn:b').length,
        root.getText(),
        root.openTag(),
        root.closeTag(),
      ];
      root.appendChild(
        new XMLElement('d', { e: '1', f: undefined }, [
          'text',
          { name: 'g', attributes: {}, children: [] },
        ]),
      );
      root.setAttribute('y', '');
      root.setAttribute('z', '', true);
      root.setAttribute('w', '"<');
      root.addOptionalNamespace('q', 'urn:q');
      answers.push(root.useNamespace('r', 'urn:q'), root.useNamespace('r', 'urn:r'));
      return [...answers, root.toString(), root.toJSON()];
    };
    expect(story(own)).toEqual(story(original));
  });

  test('nothing is parsed from nothing', () => {
    expect([own.parse(''), original.parse('')]).toEqual([undefined, undefined]);
  });
});

describe('StreamParser', () => {
  const { stanzas: registry } = createClient({});

  /** What comes out for some text, or the condition of the error. */
  async function dataOf(
    { StreamParser }: typeof own,
    options: Partial<own.StreamParserOptions>,
    pieces: readonly string[],
  ): Promise<unknown[]> {
    const parser = new StreamParser({ registry, allowComments: false, ...options });
    const data: unknown[] = [];
    parser.on('data', ({ event, kind, stanza, xml }: own.StreamData) =>
      data.push([event, kind, stanza, xml.toString(), xml.parent?.name]),
    );
    parser.on('error', ({ condition }: own.JXTError) => data.push(['error', condition]));
    for (const piece of pieces) parser.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 10));
    return data;
  }

  const frames = [
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' version='1.0'/>",
    "<message xmlns='jabber:client' from='a@b' type='chat'><body>Hi &amp; bye</body></message>",
    "<unknown xmlns='urn:none'/>",
    "<presence xmlns='jabber:client'><show>away</show></presence>",
  ];
  const wrapped = { wrappedStream: true, rootKey: 'stream' };

  test('translates frames as the original does', async () => {
    const expected = await dataOf(original, {}, frames);
    expect(expected.length).toBeGreaterThan(2);
    expect(await dataOf(own, {}, frames)).toEqual(expected);
  });

  test('translates a stream as the original does', async () => {
    const pieces = [header.replace('>', " version='1.0'>"), ...frames.slice(1), '</stream:stream>'];
    const expected = await dataOf(original, wrapped, pieces);
    expect(expected.length).toBeGreaterThan(2);
    expect(await dataOf(own, wrapped, pieces)).toEqual(expected);
  });

  test('has the errors of the original', async () => {
    expect(await dataOf(own, wrapped, ['<a/>'])).toEqual([['error', 'unknown-stream-root']]);
    expect(await dataOf(original, wrapped, ['<a/>'])).toEqual([['error', 'unknown-stream-root']]);
    expect((await dataOf(own, {}, ['<a><!-- -->'])).at(-1)).toEqual(['error', 'restricted-xml']);
    expect(await dataOf(own, {}, ['<a></b>'])).toEqual([['error', 'not-well-formed']]);
  });
});

describe('faults of the original that are absent here', () => {
  test('a CDATA section that ends in a bracket', () => {
    const source = '<a><![CDATA[x]]]></a>';
    expect(theirs(source)).toEqual([['startElement', 'a', {}]]);
    expect(ours(source)).toContainEqual(['text', 'x]']);
  });

  test('an ampersand alone', () => {
    expect(theirs('<a>x & y</a>')).toContainEqual(['text', 'x & y']);
    expect(ours('<a>x & y</a>').at(-1)).toEqual(['error', 'not-well-formed']);
  });

  test('a bad reference in a value is thrown', () => {
    expect(() => theirs("<a b='&#0;'/>")).toThrow();
    expect(ours("<a b='&#0;'/>")).toEqual([['error', 'not-well-formed']]);
  });

  test('equal attributes are reported and delivered', () => {
    const source = "<a b='1' b='2'/>";
    expect(theirs(source).map(([name]) => name)).toEqual(['error', 'startElement', 'endElement']);
    expect(ours(source)).toEqual([['error', 'not-well-formed']]);
  });

  test('the chunk after an error is read', () => {
    const pieces = ['<a><1/>', '<b/>'];
    expect(theirs(...pieces).length).toBeGreaterThan(2);
    expect(ours(...pieces).at(-1)).toEqual(['error', 'not-well-formed']);
  });

  test('parse takes half an element, and two', () => {
    for (const source of ['<a><b>', '<a/><b/>']) {
      expect(original.parse(source)?.name).toBe('a');
      expect(() => own.parse(source)).toThrow(own.JXTError);
    }
  });

  test('a character that is cut by two chunks is garbled', () => {
    const pieces = cutInto('<a>\u{1f339}</a>', 1);
    expect(theirs(...pieces.map(String))).not.toContainEqual(['text', '\u{1f339}']);
    expect(ours(...pieces)).toContainEqual(['text', '\u{1f339}']);
  });

  test('__proto__ is refused as if it stood twice', () => {
    const attributes = ({ parse }: typeof own): string[] =>
      Object.keys(parse("<a __proto__='1' b='2'/>")?.attributes ?? {});
    expect(() => attributes(original)).toThrow();
    expect(attributes(own)).toEqual(['__proto__', 'b']);
  });

  test('xmlns="" does not undeclare', () => {
    const ns = ({ parse }: typeof own): string | undefined =>
      parse("<a xmlns='urn:a'><b xmlns=''/></a>")?.getChild('b')?.getNamespace();
    expect([ns(original), ns(own)]).toEqual(['urn:a', '']);
  });
});

const examples = new URL('../../../shared/data/xeps.xml', import.meta.url);

test.skipIf(!existsSync(examples))(
  `the examples of the extensions${existsSync(examples) ? '' : ' (skipped: no ../shared/data/xeps.xml)'}`,
  () => {
    const document = readFileSync(examples, 'utf8');
    const elements = ({ parse }: typeof own): (own.JSONElement | string)[] =>
      parse(document)
        ?.toJSON()
        .children.filter((child) => typeof child !== 'string') ?? [];
    const others = elements(original).map((element) => JSON.stringify(element));
    const mine = elements(own).map((element) => JSON.stringify(element));
    expect(mine.length).toBe(others.length);
    // Those with white space in values, which XML normalises.
    expect(mine.filter((element, index) => element !== others[index])).toHaveLength(7);
  },
);
