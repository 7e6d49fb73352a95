/*
 * node-expat and tercet/compat/node-expat beside each other, where the original, which is native, has
 * been compiled among the peers of the bench; and what holds of this one in any case.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { PassThrough, Stream } from 'node:stream';
import * as own from 'tercet/compat/node-expat';
import { describe, expect, test } from 'vitest';
import { cutInto, cuts } from './cuts.js';
import { cutsOf, documents, examples, expectSame, misc } from './documents.js';

type Event = readonly unknown[];
type ParserClass = typeof own.Parser;

function peer(): ParserClass | undefined {
  const path = new URL('../../bench/package.json', import.meta.url);
  try {
    return (createRequire(path)('node-expat') as typeof own).Parser;
  } catch {
    console.log('skipped: node-expat is not there, or compiled for another Node');
    return undefined;
  }
}

const ours = own.Parser;
const theirs = peer();

const names = [
  'startElement',
  'endElement',
  'text',
  'startCdata',
  'endCdata',
  'comment',
  'processingInstruction',
  'xmlDecl',
  'entityDecl',
  'end',
  'close',
];

/** All events, with where they are; texts that follow each other are one. */
function eventsOf(
  type: ParserClass,
  pieces: readonly (string | Uint8Array)[],
  options?: own.ParserOptions,
): Event[] {
  const events: unknown[][] = [];
  const parser = new type('UTF-8', options);
  for (const name of names) {
    parser.on(name, (...values: unknown[]) => {
      const last = events.at(-1);
      if (name === 'text' && last?.[0] === name) {
        last[1] = `${last[1] as string}${values[0] as string}`;
        return;
      }
      const place = [
        parser.getCurrentLineNumber(),
        parser.getCurrentColumnNumber(),
        parser.getCurrentByteIndex(),
      ];
      events.push([name, ...values, ...(name === 'close' ? [] : place)]);
    });
  }
  parser.on('error', (error: unknown) => events.push(['error', typeof error]));
  for (const piece of pieces) parser.write(piece);
  parser.end();
  return events;
}

const outline = (events: readonly Event[]): string[] =>
  events.map(([name, value]) =>
    typeof value === 'string' ? `${String(name)} ${value}` : String(name),
  );

describe.skipIf(theirs === undefined)('beside the original', () => {
  const original = theirs ?? ours;

  test.each(documents)('%s: its events, however it is cut', (_name, source) => {
    const expected = eventsOf(original, [source]);
    for (const size of cutsOf(source)) expectSame(eventsOf(ours, cutInto(source, size)), expected);
  });

  test.skipIf(examples === undefined)('the examples of the XMPP extensions', () => {
    const pieces = cutInto(examples ?? '', 16_384);
    expectSame(eventsOf(ours, pieces), eventsOf(original, pieces));
  });

  test('comments and processing instructions, with `document`', () => {
    const expected = eventsOf(original, [misc]);
    for (const size of cuts) {
      expectSame(eventsOf(ours, cutInto(misc, size), { document: true }), expected);
    }
  });

  test('its fault: entities that grow', () => {
    const laughs = `<!DOCTYPE a [<!ENTITY b "0123456789"><!ENTITY c "&b;&b;&b;">]><a>&c;&c;</a>`;
    expect(outline(eventsOf(original, [laughs]))).toContain(`text ${'0123456789'.repeat(6)}`);
    expect(outline(eventsOf(ours, [laughs]))).toEqual(['error string', 'close']);
  });

  test('its fault: a document that is cut off ends well', () => {
    expect(outline(eventsOf(original, ['<a>'])).slice(-2)).toEqual(['end', 'close']);
    expect(outline(eventsOf(ours, ['<a>'])).slice(-2)).toEqual(['error string', 'close']);
  });

  test('its fault: each write after an error is another one', () => {
    const pieces = ['<a></b>', '<c/>', '<d/>'];
    const errors = (events: readonly Event[]): number =>
      outline(events).filter((event) => event.startsWith('error')).length;
    expect(errors(eventsOf(original, pieces))).toBe(3);
    expect(errors(eventsOf(ours, pieces))).toBe(1);
  });

  test('stop in a listener, and resume', () => {
    const story = (type: ParserClass): unknown[] => {
      const parser = new type();
      const seen: unknown[] = [];
      for (const name of names) {
        parser.on(name, (value: unknown) => {
          seen.push(`${name} ${String(value)}`);
          if (name !== 'endElement' && name !== 'endCdata') seen.push(parser.stop());
        });
      }
      const source = '<a>one<b/><c>two<![CDATA[three]]></c><![CDATA[]]></a>';
      seen.push(parser.parse(Buffer.from(source)));
      for (let index = 0; index < 12; index++) seen.push('resume', parser.resume());
      return [...seen, parser.getError() === null];
    };
    const expected = story(original);
    // The one thing that libexpat says: it was not suspended when it was resumed last.
    expect(story(ours).slice(0, -1)).toEqual(expected.slice(0, -1));
  });

  test('what is written behind the end is an error', () => {
    const story = (type: ParserClass): unknown[] => {
      const parser = new type();
      const seen: unknown[] = [];
      for (const name of ['end', 'close']) parser.on(name, () => seen.push(name));
      parser.on('error', (error: unknown) => seen.push(error));
      parser.end('<a/>');
      seen.push(parser.write(Buffer.from('<b/>')), parser.getError());
      seen.push(parser.reset(), parser.getError(), parser.write('<c/>'));
      return seen;
    };
    expect(story(ours)).toEqual(story(original));
    const last = [false, 'parsing finished', true, null, true];
    expect(story(ours)).toEqual(['end', 'close', 'parsing finished', 'close', ...last]);
  });

  test('its fault: an exception of a listener is gone', () => {
    const thrownBy = (type: ParserClass): unknown => {
      const parser = new type();
      parser.on('startElement', () => {
        throw new Error('mine');
      });
      try {
        return parser.write('<a/>');
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(thrownBy(original)).toBe(true);
    expect(thrownBy(ours)).toBe('mine');
  });

  test('its fault: a text that is written while it is stopped ends the program', () => {
    const path = new URL('../../bench/package.json', import.meta.url).pathname;
    const program = `const { Parser } = require('node:module').createRequire(${JSON.stringify(path)})('node-expat');
      const parser = new Parser(); parser.stop(); parser.write('<a/>');`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('Assertion');
    const parser = new ours();
    parser.stop();
    expect(parser.write('<a/>')).toBe(true);
    expect(parser.resume()).toBe(true);
  });

  test('its fault: prefixes and namespaces are not looked at', () => {
    for (const source of ['<x:a/>', '<a xmlns:x=""/>', '<a:b:c xmlns:a="u"/>']) {
      expect(outline(eventsOf(original, [source]))).not.toContain('error string');
      expect(outline(eventsOf(ours, [source]))).toContain('error string');
    }
  });

  test('its fault: an attribute of the name __proto__ is lost', () => {
    const keysOf = (type: ParserClass): string[] => {
      let keys: string[] = [];
      const parser = new type();
      parser.on('startElement', (_name, attributes: object) => (keys = Object.keys(attributes)));
      parser.write('<a x="1" __proto__="2"/>');
      return keys;
    };
    expect(keysOf(original)).toEqual(['x']);
    expect(keysOf(ours)).toEqual(['x', '__proto__']);
  });
});

describe('by itself', () => {
  test.each(documents)('%s: the same events however it is cut', (_name, source) => {
    const expected = eventsOf(ours, [source]);
    for (const size of cutsOf(source)) expectSame(eventsOf(ours, cutInto(source, size)), expected);
  });

  test('the events that the original documents', () => {
    const source = "<?xml version='1.0'?><a x='1'>t&amp;u<![CDATA[<c>]]><b/></a>";
    expect(outline(eventsOf(ours, [source]))).toEqual([
      'xmlDecl 1.0',
      'startElement a',
      'text t&u',
      'startCdata',
      'text <c>',
      'endCdata',
      'startElement b',
      'endElement b',
      'endElement a',
      'end',
      'close',
    ]);
  });

  test('parse says whether all is well, getError what is not', () => {
    const parser = new own.Parser();
    expect(parser.getError()).toBeNull();
    expect(parser.parse('<a>')).toBe(true);
    expect(parser.parse('</b>')).toBe(false);
    expect(parser.getError()).toBe('the end tag does not match the open element');
    expect(parser.fault).toMatchObject({ code: 'xml-end-tag-mismatch', offset: 5 });
    expect(parser.getCurrentByteIndex()).toBe(5);
    expect(parser.parse('</a>')).toBe(false);
    expect(() => parser.parse(5 as never)).toThrow(TypeError);
  });

  test('what is written after stop is read after resume', () => {
    const seen: string[] = [];
    const parser = own.createParser((name) => {
      seen.push(name);
      if (name === 'b') expect(parser.pause()).toBe(true);
    });
    parser.on('end', () => seen.push('end'));
    parser.write('<a><b/>');
    expect(parser.stop()).toBe(false);
    parser.write('<c/>');
    parser.end('</a>');
    expect(seen).toEqual(['a', 'b']);
    expect(parser.resume()).toBe(true);
    expect(seen).toEqual(['a', 'b', 'c', 'end']);
    expect(parser.resume()).toBe(false);
  });

  test('an end that is called in a listener, or while it is stopped, waits for the events', () => {
    const seen: string[] = [];
    const parser = own.createParser((name) => {
      seen.push(name);
      if (name === 'b') parser.end('</a>');
    });
    for (const name of ['end', 'close', 'error']) parser.on(name, () => seen.push(name));
    parser.write('<a><b/><c/>');
    expect(seen).toEqual(['a', 'b', 'c', 'end', 'close']);
    const stopped = new own.Parser();
    const late: string[] = [];
    for (const name of ['startElement', 'end', 'close', 'error'])
      stopped.on(name, () => late.push(name));
    stopped.stop();
    stopped.end('<a>');
    expect(late).toEqual([]);
    expect(stopped.resume()).toBe(false);
    expect(late).toEqual(['startElement', 'error', 'close']);
  });

  test('reset expects another document', () => {
    const seen: string[] = [];
    const parser = own.createParser((name) => seen.push(name));
    parser.write('<a>');
    expect(parser.reset()).toBe(true);
    parser.write('<b/>');
    parser.end();
    expect(seen).toEqual(['a', 'b']);
  });

  test('a listener that throws loses nothing, and a write from inside waits', () => {
    const seen: string[] = [];
    const parser = own.createParser((name) => {
      seen.push(name);
      if (name === 'b') throw new Error('mine');
      if (name === 'c') parser.write('<e/>');
    });
    expect(() => parser.write('<a><b/><c/>')).toThrow('mine');
    parser.write('<d/>');
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('it is a stream of the old kind, and takes a pipe', async () => {
    const texts: string[] = [];
    const parser = new own.Parser();
    expect(parser).toBeInstanceOf(Stream);
    parser.on('text', (text: string) => texts.push(text));
    const source = new PassThrough();
    source.pipe(parser);
    const closed = once(parser, 'close');
    for (const piece of cutInto('<a>é</a>', 4)) source.write(piece);
    source.end();
    await closed;
    expect(texts).toEqual(['é']);
  });

  test('encodings other than UTF-8 are refused', () => {
    expect(() => new own.Parser('ISO-8859-1')).toThrow('the encoding is UTF-8');
    expect(new own.Parser().setEncoding('utf-8')).toBe(true);
    expect(() => new own.Parser().setUnknownEncoding()).toThrow('the encoding is UTF-8');
    expect(() => new own.Parser().reset('UTF-16')).toThrow('the encoding is UTF-8');
    expect(outline(eventsOf(ours, ["<?xml version='1.0' encoding='latin1'?><a/>"]))).toEqual([
      'error string',
      'close',
    ]);
  });

  test('destroy closes', () => {
    const seen: string[] = [];
    const parser = new own.Parser();
    for (const name of ['end', 'error', 'close']) parser.on(name, () => seen.push(name));
    parser.write('<a>');
    expect(parser.destroy()).toBe(parser);
    parser.destroySoon();
    expect(seen).toEqual(['close']);
    expect(parser.write('</a>')).toBe(false);
    expect(seen).toEqual(['close']);
  });
});
