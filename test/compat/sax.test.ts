/*
 * sax in its strict mode and tercet/compat/sax beside each other: the same events, arguments, fields
 * and positions for what both read; then the faults of the original, each shown there and absent here.
 */
import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import * as original from 'sax';
import * as own from 'tercet/compat/sax';
import { describe, expect, test } from 'vitest';
import { cutInto, cuts } from './cuts.js';
import { cutsOf, documents, examples, expectSame, misc, snapshot } from './documents.js';

type Event = readonly unknown[];
type Options = own.SAXOptions;
type Make = (strict: boolean, options: Options) => own.SAXParser;

const ours: Make = own.parser;
const theirs = original.parser as unknown as Make;

/** All events with their arguments as they are then, and the fields of the parser. */
function eventsOf(
  make: Make,
  pieces: readonly (string | object)[],
  options: Options = {},
): Event[] {
  const events: Event[] = [];
  const parser = make(true, { ...options });
  for (const name of own.EVENTS) {
    Reflect.set(parser, `on${name}`, (value?: unknown) => {
      const shown = value instanceof Error ? 'fault' : snapshot(value);
      const { position, line, column, startTagPosition, tags, tag } = parser;
      const { closed, sawRoot, closedRoot } = parser;
      const place = [position, line, column, startTagPosition];
      events.push([
        name,
        shown,
        place,
        tags.length,
        (tag as own.Tag | null)?.name,
        closed,
        sawRoot,
        closedRoot,
      ]);
    });
  }
  try {
    for (const piece of pieces) parser.write(piece);
    parser.close();
  } catch (error) {
    events.push(['thrown', error === parser.error]);
  }
  return events;
}

function outline(events: readonly Event[]): string[] {
  return events.map(([event, value]) => {
    const about =
      typeof value === 'string' ? value : ((value as { name?: string } | undefined)?.name ?? '');
    return `${String(event)} ${about}`.trim();
  });
}

/** What sax does not do: one line end for CR LF, spaces for white space in values. */
const isOfLineEnds = (source: string): boolean =>
  source.includes('\r') || /=\s*(?:"[^"]*[\t\n][^"]*"|'[^']*[\t\n][^']*')/.test(source);

const modes: readonly (readonly [string, Options])[] = [
  ['plain', {}],
  ['with namespaces', { xmlns: true }],
  ['trimmed and normalised', { trim: true, normalize: true }],
];

describe.each(modes)('%s', (_mode, options) => {
  test.each(documents.filter(([, source]) => !isOfLineEnds(source)))(
    '%s: the events of the original, however it is cut',
    (_name, source) => {
      const expected = eventsOf(theirs, [source], options);
      for (const size of cutsOf(source)) {
        expectSame(eventsOf(ours, cutInto(source, size), options), expected);
      }
    },
  );

  test.skipIf(examples === undefined)('the examples of the XMPP extensions, seven aside', () => {
    const shown = (make: Make): string[] =>
      eventsOf(make, [examples ?? ''], { ...options, position: false }).map((event) =>
        JSON.stringify(event.slice(0, 2)),
      );
    const expected = shown(theirs);
    const actual = shown(ours);
    expect(actual).toHaveLength(expected.length);
    const other = actual.filter((event, index) => event !== expected[index]);
    // White space in the values of seven stanzas, which sax leaves as it is written.
    expect(other.length).toBeLessThan(60);
    for (const event of other) expect(event).toMatch(/^\["(attribute|opentag)"/);
    const flat = (events: readonly string[]): string[] =>
      events.map((event) => event.replaceAll(/\\[nt]/g, ' '));
    expect(flat(actual)).toEqual(flat(expected));
  });

  test('comments and processing instructions, with `document`', () => {
    const expected = eventsOf(theirs, [misc], options);
    for (const size of cuts) {
      expectSame(eventsOf(ours, cutInto(misc, size), { ...options, document: true }), expected);
    }
  });
});

describe('what sax offers beside its events', () => {
  test('tags have the fields of the original, in its order, and ordinary attributes', () => {
    const fieldsOf = (make: Make, options: Options): unknown[] => {
      const fields: unknown[] = [];
      const parser = make(true, options);
      parser.onopentag = (tag) =>
        fields.push(Object.keys(tag), tag.attributes, Object.keys(tag.attributes));
      parser.write('<a x="1" xmlns="urn:a"/>').close();
      return fields;
    };
    for (const options of [{}, { xmlns: true }]) {
      expect(fieldsOf(ours, options)).toEqual(fieldsOf(theirs, options));
    }
    const [, attributes] = fieldsOf(ours, {});
    expect(attributes).toBeInstanceOf(Object);
  });

  test('it can be called without new, and parsers are instances of it', () => {
    expect(own.SAXParser(true)).toBeInstanceOf(own.SAXParser);
    expect(own.default.parser(true)).toBeInstanceOf(own.SAXParser);
    expect(own.default.createStream(true)).toBeInstanceOf(own.SAXStream);
    expect(own.EVENTS).toEqual(original.EVENTS);
    const required = createRequire(import.meta.url)('tercet/compat/sax') as typeof own;
    expect(required.parser).toBe(own.parser);
  });

  test('a listener is called on the parser, and a parser reads another document after close', () => {
    const parser = own.parser(true);
    const names: string[] = [];
    parser.onopentag = function (this: own.SAXParser, { name }) {
      names.push(`${name} ${this.tags.length}`);
    };
    let ends = 0;
    parser.onend = () => ends++;
    parser.write('<a><b/></a>').close().write('<c/>').close();
    expect(names).toEqual(['a 1', 'b 2', 'c 1']);
    expect(ends).toBe(2);
  });

  test('after a fault write throws it, until resume, and nothing revives the document', () => {
    const seen: string[] = [];
    const parser = own.parser(true);
    parser.onopentag = ({ name }) => seen.push(name);
    parser.onerror = ({ message }) => seen.push(message);
    parser.write('<a>\n</b><c/>');
    const fault = 'the end tag does not match the open element\nLine: 1\nColumn: 2';
    expect(seen).toEqual(['a', fault]);
    expect(() => parser.write('<d/>')).toThrow(fault);
    parser.resume().write('<d/></a>').close();
    expect(seen).toEqual(['a', fault]);
  });

  test('a throwing listener loses nothing, and a write from inside waits', () => {
    const seen: string[] = [];
    const parser = own.parser(true);
    parser.onattribute = ({ name }) => {
      seen.push(`@${name}`);
      if (name === 'x') throw new Error('mine');
    };
    parser.onopentag = ({ name }) => {
      seen.push(name);
      if (name === 'c') parser.write('<e/>');
    };
    expect(() => parser.write('<a><b x="1" y="2"/><c/>')).toThrow('mine');
    parser.write('<d/>');
    expect(seen).toEqual(['a', '@x', '@y', 'b', 'c', 'd', 'e']);
  });

  test('a listener that another one sets hears what comes next, however it is cut', () => {
    const heardBy = (make: Make, pieces: readonly (string | object)[]): string[] => {
      const heard: string[] = [];
      const parser = make(true, { xmlns: true });
      parser.onopentag = ({ name }) => {
        heard.push(name);
        if (name === 'a') parser.onattribute = (attribute) => heard.push(`@${attribute.name}`);
        if (name === 'b') parser.onopennamespace = ({ uri }) => heard.push(uri);
        if (name === 'c') parser.onattribute = null;
      };
      for (const piece of pieces) parser.write(piece);
      return heard;
    };
    const source = '<a x="1"><b x="1"/><c y="1" xmlns="urn:c"/><d z="1" xmlns="urn:d"/></a>';
    const expected = heardBy(theirs, [source]);
    expect(expected).toEqual(['a', '@x', 'b', 'urn:c', '@y', '@xmlns', 'c', 'urn:d', 'd']);
    for (const size of cuts) expect(heardBy(ours, cutInto(source, size))).toEqual(expected);
  });

  test('a stream emits events and data, and takes a pipe', async () => {
    const eventsOn = async (create: typeof own.createStream): Promise<unknown[]> => {
      const seen: unknown[] = [];
      const stream = create(true, { xmlns: true });
      stream.on('opentag', ({ name }: own.Tag) => seen.push(name));
      stream.onclosetag = (name) => seen.push(`/${name}`);
      stream.on('text', (text: string) => seen.push(text));
      const source = new PassThrough();
      source.pipe(stream);
      const ended = once(stream, 'end');
      for (const piece of cutInto('<a>é<b/></a>', 4)) source.write(piece);
      source.end();
      await ended;
      return seen;
    };
    expect(await eventsOn(own.createStream)).toEqual(['a', 'é', 'b', '/b', '/a']);
    expect(await eventsOn(own.createStream)).toEqual(
      await eventsOn(original.createStream as unknown as typeof own.createStream),
    );
  });

  test('a fault on a stream is an error event, once', () => {
    const seen: unknown[] = [];
    const stream = own.createStream(true);
    stream.on('error', ({ message }: Error) => seen.push(message.split('\n')[0]));
    stream.on('opentag', ({ name }: own.Tag) => seen.push(name));
    for (const piece of ['<a>', '&nbsp;', '<b/>', '</a>']) stream.write(piece);
    stream.end();
    expect(seen).toEqual(['a', 'only the five predefined entities are allowed in XMPP']);
  });
});

describe('what is refused', () => {
  test('the mode that is not strict', () => {
    for (const make of [own.parser, own.createStream, own.SAXParser]) {
      expect(() => make(false)).toThrow('only the strict parser of sax');
      expect(() => make()).toThrow('only the strict parser of sax');
    }
    expect(() => own.parser(true, { unquotedAttributeValues: true })).toThrow('is refused');
  });

  test.each([
    '<!DOCTYPE a><a/>',
    '<a><!-- --></a>',
    '<a><?x y?></a>',
    '<a><x:b/></a>',
    '<a>&eacute;</a>',
    '<a x="1" x="2"/>',
    '<a x="<"/>',
    '<a>]]></a>',
    '<a>\u0001</a>',
    '<a/><b/>',
    '<a>',
  ])('%s: one error, and nothing behind it', (source) => {
    const events = outline(eventsOf(ours, [source]));
    const index = events.indexOf('error fault');
    expect(index).toBeGreaterThanOrEqual(0);
    expect(events.slice(index + 1).filter((event) => event !== 'thrown')).toEqual([]);
  });
});

describe('faults of the original', () => {
  test.each([
    ['an entity of HTML in strict mode', '<a>&eacute;</a>'],
    ['a second attribute of the same name', '<a x="1" x="2"/>'],
    ['"]]>" in text', '<a>x]]>y</a>'],
    ['"<" in a value', '<a x="<b/>"/>'],
    ['a control character', '<a>\u0001</a>'],
    ['a prefix that nobody declared', '<a><x:b/></a>'],
  ])('%s passes', (_name, source) => {
    expect(outline(eventsOf(theirs, [source]))).not.toContain('error fault');
    expect(outline(eventsOf(ours, [source]))).toContain('error fault');
  });

  test('a character that two Buffers share is lost', () => {
    const pieces = cutInto('<a>é</a>', 4);
    expect(outline(eventsOf(theirs, pieces))).toContain('text \ufffd\ufffd');
    expect(outline(eventsOf(ours, pieces))).toContain('text é');
  });

  test('a plain Uint8Array is a list of numbers', () => {
    const bytes = new TextEncoder().encode('<a/>');
    expect(outline(eventsOf(theirs, [bytes]))).not.toContain('opentag a');
    expect(outline(eventsOf(ours, [bytes]))).toContain('opentag a');
  });

  test('white space in values and line ends stay as they are written', () => {
    const source = '<a x="1\t2\r\n3">4\r\n5</a>';
    expect(eventsOf(theirs, [source])[1][1]).toEqual({ name: 'x', value: '1\t2\r\n3' });
    expect(eventsOf(ours, [source])[1][1]).toEqual({ name: 'x', value: '1 2 3' });
    expect(outline(eventsOf(theirs, [source]))).toContain('text 4\r\n5');
    expect(outline(eventsOf(ours, [source]))).toContain('text 4\n5');
  });

  test('an attribute of the name __proto__ is lost', () => {
    const keysOf = (make: Make): string[] => {
      const parser = make(true, {});
      let keys: string[] = [];
      parser.onopentag = ({ attributes }) => (keys = Object.keys(attributes));
      parser.write('<a x="1" __proto__="2" y="3"/>').close();
      return keys;
    };
    expect(keysOf(theirs)).toEqual(['x', 'y']);
    expect(keysOf(ours)).toEqual(['x', '__proto__', 'y']);
  });

  test('a long value is refused, a long text comes in pieces', () => {
    const long = 'x'.repeat(100_000);
    const value = ['<a b="', long, '">', '</a>'];
    expect(outline(eventsOf(theirs, value))).toContain('error fault');
    expect(outline(eventsOf(ours, value))).not.toContain('error fault');
    const text = ['<a>', long, long, '</a>'];
    const texts = (make: Make): number =>
      outline(eventsOf(make, text)).filter((event) => event.startsWith('text')).length;
    expect(texts(theirs)).toBeGreaterThan(1);
    expect(texts(ours)).toBe(1);
  });

  test('a listener that throws loses the rest of the piece', () => {
    const after = (make: Make): string[] => {
      const seen: string[] = [];
      const parser = make(true, {});
      parser.onopentag = ({ name }) => {
        seen.push(name);
        if (name === 'b') throw new Error('mine');
      };
      expect(() => parser.write('<a><b/><c/>')).toThrow('mine');
      try {
        parser.write('<d/>');
      } catch {
        seen.push('error');
      }
      return seen;
    };
    expect(after(theirs)).not.toContain('c');
    expect(after(ours)).toEqual(['a', 'b', 'c', 'd']);
  });
});
