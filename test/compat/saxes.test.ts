/*
 * saxes and tercet/compat/saxes beside each other: the same events, arguments and positions for what
 * both read; then the faults of the original, each shown there and absent here.
 */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import * as original from 'saxes';
import * as own from 'tercet/compat/saxes';
import { describe, expect, test } from 'vitest';
import { runs, source as anySource } from '../property/arbitraries.js';
import { cutInto, cuts } from './cuts.js';
import { cutsOf, documents, examples, expectSame, misc, snapshot } from './documents.js';

type Event = readonly unknown[];
type Options = own.SaxesOptions;
type ParserClass = new (options: Options) => own.SaxesParser;

const ours = own.SaxesParser as ParserClass;
const theirs = original.SaxesParser as unknown as ParserClass;

/** All events with their arguments as they are then, and where the parser says it is. */
function eventsOf(
  type: ParserClass,
  pieces: readonly (string | object)[],
  options: Options = {},
): Event[] {
  const events: Event[] = [];
  const parser = new type(options);
  for (const name of own.EVENTS) {
    parser.on(name, (value?: unknown) => {
      const shown: unknown = value instanceof Error ? 'fault' : snapshot(value);
      const { position, line, column, columnIndex } = parser;
      events.push([name, shown, position, line, column, columnIndex]);
    });
  }
  for (const piece of pieces) parser.write(piece);
  parser.close();
  return events;
}

/** Names of events, with the name or text that they are about. */
function outline(events: readonly Event[]): string[] {
  return events.map(([event, value]) => {
    const about =
      typeof value === 'string' ? value : ((value as { name?: string } | undefined)?.name ?? '');
    return `${String(event)} ${about}`.trim();
  });
}

const modes: readonly (readonly [string, Options])[] = [
  ['without namespaces', {}],
  ['with namespaces', { xmlns: true }],
];

describe.each(modes)('%s', (_mode, options) => {
  test.each(documents)('%s: the events of the original, however it is cut', (_name, source) => {
    const expected = eventsOf(theirs, [source], options);
    for (const size of cutsOf(source)) {
      expectSame(eventsOf(ours, cutInto(source, size), options), expected);
    }
    if (source.length < 2000) expectSame(eventsOf(ours, source.split(''), options), expected);
  });

  test.skipIf(examples === undefined)('the examples of the XMPP extensions', () => {
    const source = examples ?? '';
    const expected = eventsOf(theirs, [source], options);
    expect(expected.length).toBeGreaterThan(100_000);
    expectSame(eventsOf(ours, cutInto(source, 16_384), options), expected);
  });

  test('random documents', () => {
    fc.assert(
      fc.property(anySource, fc.integer({ min: 1, max: 20 }), (element, size) => {
        const source = `<r xmlns:stream='urn:s'>${element}</r>`;
        const expected = eventsOf(theirs, [source], options);
        expectSame(eventsOf(ours, cutInto(source, size), options), expected);
      }),
      { numRuns: runs },
    );
  });

  test('comments and processing instructions, with `document`', () => {
    const expected = eventsOf(theirs, [misc], options);
    expect(outline(expected)).toContain('comment  in');
    for (const size of cuts) {
      expect(eventsOf(ours, cutInto(misc, size), { ...options, document: true })).toEqual(expected);
    }
  });

  test('fragments', () => {
    const source = 'one<a/>two<b x="y">z</b> ';
    const expected = eventsOf(theirs, [source], { ...options, fragment: true });
    for (const size of cuts) {
      const events = eventsOf(ours, cutInto(source, size), { ...options, fragment: true });
      expect(events).toEqual(expected);
    }
  });

  test('tags have the fields of the original, in its order', () => {
    const fieldsOf = (type: ParserClass): string[][] => {
      const fields: string[][] = [];
      const parser = new type(options);
      parser.on('opentagstart', (tag) => fields.push(Object.keys(tag)));
      parser.on('attribute', (attribute) => fields.push(Object.keys(attribute)));
      parser.on('opentag', (tag) => {
        fields.push(Object.keys(tag), Object.keys(tag.attributes));
        expect(Object.getPrototypeOf(tag.attributes)).toBeNull();
      });
      parser.write('<a x="1" xmlns="urn:a"/>').close();
      return fields;
    };
    expect(fieldsOf(ours)).toEqual(fieldsOf(theirs));
  });
});

describe('what handlers may do', () => {
  test('the tag of closetag is that of opentag, with what was added to it', () => {
    const seen: unknown[] = [];
    const parser = new own.SaxesParser();
    parser.on('opentag', (tag) => {
      seen.push(tag);
      Object.assign(tag, { mine: 1 });
    });
    parser.on('closetag', (tag) => seen.push(tag));
    parser.write('<a/>');
    expect(seen[1]).toBe(seen[0]);
    expect(seen[1]).toMatchObject({ name: 'a', mine: 1 });
  });

  test('a binding that a handler adds counts, as in the original', () => {
    const urisOf = (type: ParserClass): unknown[] => {
      const uris: unknown[] = [];
      const parser = new type({ xmlns: true });
      parser.on('opentagstart', (tag) => {
        if (tag.name === 'a') Object.assign((tag as own.SaxesStartTagNS).ns, { '': 'urn:added' });
      });
      parser.on('opentag', (tag) => uris.push((tag as own.SaxesTagNS).uri));
      parser.write('<a><b/></a>');
      return uris;
    };
    expect(urisOf(ours)).toEqual(['urn:added', 'urn:added']);
    expect(urisOf(ours)).toEqual(urisOf(theirs));
  });

  test('off takes a handler away; on replaces it', () => {
    const seen: string[] = [];
    const parser = new own.SaxesParser();
    parser.on('opentag', () => seen.push('first'));
    parser.on('opentag', () => {
      seen.push('second');
      parser.off('opentag');
    });
    parser.write('<a><b/></a>');
    expect(seen).toEqual(['second']);
  });

  test('a handler that another one sets hears what comes next, however it is cut', () => {
    const heardBy = (type: ParserClass, pieces: readonly (string | object)[]): string[] => {
      const heard: string[] = [];
      const parser = new type({});
      parser.on('opentag', ({ name }) => {
        heard.push(name);
        if (name === 'a') parser.on('attribute', (attribute) => heard.push(`@${attribute.name}`));
        if (name === 'b') parser.on('opentagstart', (tag) => heard.push(`<${tag.name}`));
        if (name === 'c') parser.off('attribute');
      });
      for (const piece of pieces) parser.write(piece);
      return heard;
    };
    const source = '<a x="1"><b x="1"/><c y="1"/><d z="1"/></a>';
    const expected = heardBy(theirs, [source]);
    expect(expected).toEqual(['a', '@x', 'b', '<c', '@y', 'c', '<d', 'd']);
    for (const size of cuts) expect(heardBy(ours, cutInto(source, size))).toEqual(expected);
  });

  test('a parser reads another document after close', () => {
    const states: unknown[] = [];
    const names: string[] = [];
    const parser = new own.SaxesParser();
    parser.on('opentag', ({ name }) => names.push(name));
    parser.on('end', () => states.push('end', parser.closed));
    parser.on('ready', () => states.push('ready', parser.closed, parser.position));
    expect(parser.write('<a/>').close()).toBe(parser);
    parser.write('<b/>').close();
    expect(states).toEqual(['end', true, 'ready', false, 0, 'end', true, 'ready', false, 0]);
    expect(names).toEqual(['a', 'b']);
  });

  test('a throwing handler loses nothing, and a write from inside waits', () => {
    const seen: string[] = [];
    const parser = new own.SaxesParser();
    parser.on('opentag', ({ name }) => {
      seen.push(name);
      if (name === 'b') throw new Error('mine');
      if (name === 'd') parser.write('<f/>');
    });
    parser.on('closetag', ({ name }) => seen.push(`/${name}`));
    expect(() => parser.write('<a><b/><c/>')).toThrow('mine');
    parser.write('<d/><e/></a>'.slice(0, -4));
    expect(seen).toEqual(['a', 'b', '/b', 'c', '/c', 'd', '/d', 'e', '/e', 'f', '/f']);
  });

  test('a handler that throws inside a tag leaves the rest of the tag to come', () => {
    const seen: string[] = [];
    const parser = new own.SaxesParser();
    parser.on('opentagstart', ({ name }) => {
      seen.push(`<${name}`);
      throw new Error('start');
    });
    parser.on('attribute', ({ name }) => {
      seen.push(`@${name}`);
      if (name === 'x') throw new Error('attribute');
    });
    parser.on('opentag', ({ name, attributes }) => seen.push(name, Object.keys(attributes).join()));
    expect(() => parser.write('<a x="1" y="2">')).toThrow('start');
    expect(() => parser.write('')).toThrow('attribute');
    parser.write('');
    expect(seen).toEqual(['<a', '@x', '@y', 'a', 'x,y']);
  });
});

describe('namespaces that the input does not declare', () => {
  const options: Options = {
    xmlns: true,
    additionalNamespaces: { q: 'urn:q', '': 'urn:default' },
    resolvePrefix: (prefix) => (prefix === 'r' ? 'urn:r' : undefined),
  };

  test('are resolved as by the original', () => {
    const source = '<a q:x="1" r:y="2"><r:b xmlns:q="urn:other" q:z=""/><q:c/></a>';
    const expected = eventsOf(theirs, [source], options);
    for (const size of cuts) {
      expect(eventsOf(ours, cutInto(source, size), options)).toEqual(expected);
    }
  });

  test('and no others', () => {
    for (const source of ['<z:a/>', '<a z:x=""/>', '<xmlns:a/>']) {
      expect(outline(eventsOf(ours, [source], options)).at(-1)).toBe('error fault');
    }
    expect(outline(eventsOf(ours, ['<a xmlns:s="urn:r" r:x="" s:x=""/>'], options)).at(-1)).toBe(
      'error fault',
    );
  });

  test('resolve asks for any prefix, in handlers too', () => {
    const found: unknown[] = [];
    const parser = new own.SaxesParser(options);
    parser.on('closetag', () => found.push(parser.resolve('q'), parser.resolve('xml')));
    parser.write('<a xmlns:q="urn:inner"/>');
    expect(found).toEqual(['urn:inner', 'http://www.w3.org/XML/1998/namespace']);
    expect(parser.resolve('r')).toBe('urn:r');
  });
});

describe('what is refused', () => {
  test.each([
    [{ defaultXMLVersion: '1.1' }],
    [{ forceXMLVersion: true }],
    [{ xmlns: true, additionalNamespaces: { xml: 'urn:x' } }],
    [{ limits: { maxDepth: 0 } }],
  ] as [Options][])('%o is a UsageError', (options) => {
    expect(() => new own.SaxesParser(options)).toThrow(
      expect.objectContaining({ code: 'argument-invalid' }),
    );
  });

  test('entities of the program', () => {
    const parser = new own.SaxesParser();
    expect(parser.ENTITIES.amp).toBe('&');
    expect(() => (parser.ENTITIES.nbsp = '\u00a0')).toThrow('entities are refused');
    expect(() => (parser.ENTITIES = {})).toThrow('entities are refused');
  });

  test.each([
    '<!DOCTYPE a><a/>',
    '<a><!-- --></a>',
    '<a><?x y?></a>',
    '<?xml version="1.1"?><a/>',
    '<x:a/>',
    '<a>&nbsp;</a>',
    '<a x="1" x="2"/>',
    '<a></a><b/>',
    '<a>',
    '',
  ])('%s', (source) => {
    for (const options of [{}, { xmlns: true }]) {
      const events = outline(eventsOf(ours, [source], options));
      expect(events.at(-1)).toBe('error fault');
      expect(events.filter((event) => event.startsWith('error'))).toHaveLength(1);
    }
  });

  test('an error says file, line and column, and has the code of the fault', () => {
    const parser = new own.SaxesParser({ fileName: 'roster.xml' });
    expect(() => parser.write('<a>\n  <b></c>')).toThrow(
      expect.objectContaining({
        message: 'roster.xml:2:7: the end tag does not match the open element',
        code: 'xml-end-tag-mismatch',
        condition: 'not-well-formed',
        offset: 11,
      }),
    );
    const bare = new own.SaxesParser({ position: false });
    expect(() => bare.write('<a></c>')).toThrow(/^the end tag does not match the open element$/);
    expect(() => bare.fail('mine')).toThrow(/^mine$/);
  });

  test('limits hold, and fragments cannot leave their place', () => {
    expect(outline(eventsOf(ours, ['<a><b><c/>'], { limits: { maxDepth: 2 } })).at(-1)).toBe(
      'error fault',
    );
    const escaping = outline(eventsOf(ours, ['a</fragment><b/>'], { fragment: true }));
    expect(escaping).toEqual(['text a', 'error fault']);
  });
});

describe('faults of the original', () => {
  test('an end tag that matches nothing ends the element first, and reading goes on', () => {
    expect(outline(eventsOf(theirs, ['<a></b><c/>']))).toEqual(
      expect.arrayContaining(['closetag a', 'opentag c', 'end']),
    );
    expect(outline(eventsOf(ours, ['<a></b><c/>']))).toEqual([
      'opentagstart a',
      'opentag a',
      'error fault',
    ]);
  });

  test('an undeclared prefix is a namespace', () => {
    const options = { xmlns: true };
    expect(eventsOf(theirs, ['<x:a/>'], options)[2][1]).toMatchObject({ uri: 'x' });
    expect(outline(eventsOf(ours, ['<x:a/>'], options))).toEqual(['error fault']);
  });

  test('after a bare ampersand markup is text', () => {
    const source = '<a>x & y<b/>;</a>';
    expect(outline(eventsOf(theirs, [source]))).toContain('text x & y<b/>;');
    expect(outline(eventsOf(ours, [source]))).toEqual([
      'opentagstart a',
      'opentag a',
      'error fault',
    ]);
  });

  test('a character that two Buffers share is lost', () => {
    const pieces = cutInto('<a>é</a>', 4);
    expect(outline(eventsOf(theirs, pieces))).toContain('text \ufffd\ufffd');
    expect(outline(eventsOf(ours, pieces))).toContain('text é');
    const plain = pieces.map((piece) => new Uint8Array(piece as Buffer));
    expect(outline(eventsOf(ours, plain))).toContain('text é');
  });

  test('a handler that throws leaves a parser that invents errors', () => {
    const after = (type: ParserClass): string[] => {
      const seen: string[] = [];
      const parser = new type({});
      parser.on('error', () => seen.push('error'));
      parser.on('text', () => {
        throw new Error('mine');
      });
      parser.on('closetag', ({ name }) => seen.push(name));
      expect(() => parser.write('<a>x</a>')).toThrow('mine');
      parser.off('text');
      parser.write('\n').close();
      return seen;
    };
    expect(after(theirs)).toContain('error');
    expect(after(ours)).toEqual(['a']);
  });

  test('a half of a surrogate pair passes', () => {
    expect(outline(eventsOf(theirs, ['<a>\ud83cx</a>']))).not.toContain('error fault');
    expect(outline(eventsOf(ours, ['<a>\ud83cx</a>']))).toContain('error fault');
  });

  test('with namespaces, depth costs quadratic time', () => {
    const time = (type: ParserClass, depth: number): number => {
      const parser = new type({ xmlns: true, limits: { maxDepth: 100_000 } });
      const source = '<a>'.repeat(depth);
      const start = process.cpuUsage();
      parser.write(source);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1000;
    };
    // Four times the depth is four times the work here, and sixteen times there.
    time(ours, 1000);
    expect(time(theirs, 6000) / time(ours, 6000)).toBeGreaterThan(4);
  });
});

test('a declaration costs the same below many others, and is over with its element', () => {
  const time = (declarationCount: number): number => {
    const around = Array.from({ length: declarationCount }, (_, index) => `xmlns:q${index}='u'`);
    const inside = "<a xmlns:p='b' p:c=''><p:a xmlns:p='c'/><p:a/></a><p:a/>".repeat(2000);
    const namespaces = new Set<string>();
    const parser = new own.SaxesParser({ xmlns: true });
    parser.on('opentag', ({ uri }) => namespaces.add(uri));
    const start = process.cpuUsage();
    parser.write(`<r xmlns:p='a' ${around.join(' ')}>${inside}</r>`).close();
    const { user, system } = process.cpuUsage(start);
    expect([...namespaces].sort()).toEqual(['', 'a', 'b', 'c']);
    return (user + system) / 1000;
  };
  const least = (count: number): number =>
    Math.min(...Array.from({ length: 3 }, () => time(count)));
  least(1);
  // Copying them took thirty times as long.
  expect(least(250)).toBeLessThan(5 * least(1) + 20);
});

test('the package can be required', () => {
  const required = createRequire(import.meta.url)('tercet/compat/saxes') as typeof own;
  expect(required.SaxesParser).toBe(own.SaxesParser);
  expect(own.EVENTS).toEqual(original.EVENTS);
});
