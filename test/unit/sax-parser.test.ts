/*
 * SaxParser: events, and what happens when handlers throw, feed, close or parse.
 */
import { expect, test } from 'vitest';
import { Engine, parse, SaxParser, UsageError, type SaxHandlers, type SaxOptions } from 'tercet';
import { bytesOf } from './streams.js';

function recorder(log: string[]): SaxHandlers {
  return {
    startElement: (name, attrs) => log.push(`<${name} ${JSON.stringify(attrs)}`),
    endElement: (name) => log.push(`>${name}`),
    text: (value) => log.push(JSON.stringify(value)),
    error: (error) => log.push(`${error.code} ${error.offset}`),
  };
}

function logOf(source: string, options?: SaxOptions, size = Infinity): string[] {
  const log: string[] = [];
  const parser = new SaxParser(recorder(log), options);
  for (let start = 0; start < source.length; start += size) {
    parser.feed(source.slice(start, start + size));
  }
  parser.end();
  parser.close();
  return log;
}

test('events come in document order with raw names', () => {
  expect(logOf("<p:a xmlns:p='urn:p' p:x='1&amp;2'>t&amp;u<![CDATA[<c>]]><b/></p:a>")).toEqual([
    '<p:a {"xmlns:p":"urn:p","p:x":"1&2"}',
    '"t&u"',
    '"<c>"',
    '<b {}',
    '>b',
    '>p:a',
  ]);
});

test('events do not depend on the pieces', () => {
  const source =
    "<?xml version='1.0'?><čaj v='a\nb' über='\u{1F600}'>x\r\ny &#252; \u{1F375}<longer-name-of-no-vocabulary  a = '1' />\n</čaj> ";
  const whole = logOf(source);
  expect(whole).toEqual([
    '<čaj {"v":"a b","über":"\u{1F600}"}',
    '"x\\ny ü \u{1F375}"',
    '<longer-name-of-no-vocabulary {"a":"1"}',
    '>longer-name-of-no-vocabulary',
    '"\\n"',
    '>čaj',
  ]);
  for (const size of [1, 2, 3, 10]) expect(logOf(source, {}, size)).toEqual(whole);
});

test('attributes have no prototype and keep __proto__', () => {
  let seen: object = {};
  const parser = new SaxParser({ startElement: (_, attrs) => (seen = attrs) });
  parser.feed("<a __proto__='x' b='y'/>");
  expect(Object.getPrototypeOf(seen)).toBeNull();
  expect(Object.entries(seen)).toEqual([
    ['__proto__', 'x'],
    ['b', 'y'],
  ]);
  parser.close();
});

test('the first fault is the last event', () => {
  expect(logOf('<a><b></a><c/>')).toEqual(['<a {}', '<b {}', 'xml-end-tag-mismatch 8']);
  expect(logOf('<a/><b/>')).toEqual(['<a {}', '>a', 'xml-content-after-root 4']);
  expect(logOf('<a>')).toEqual(['<a {}', 'xml-unexpected-end 3']);
  expect(logOf('<a>\ud83d')).toEqual(['<a {}', 'xml-utf8-invalid 3']);
});

test('comments and processing instructions are refused, or skipped in documents', () => {
  const source = '<!-- c --><a>x<!-- c -->y<?p i?></a><!-- end -->';
  expect(logOf(source)).toEqual(['xml-comment-restricted 0']);
  expect(logOf(source, { document: true })).toEqual(['<a {}', '"x"', '"y"', '>a']);
  expect(logOf('<!DOCTYPE a><a/>', { document: true })).toEqual(['xml-doctype-restricted 0']);
});

test('a document may begin with a byte order mark, and anything else may not', () => {
  expect(logOf('\ufeff<a/>', { document: true })).toEqual(['<a {}', '>a']);
  expect(logOf('\ufeff<a/>')).toEqual(['xml-text-outside-root 0']);
  expect(logOf('\ufeff\ufeff<a/>', { document: true })).toEqual(['xml-text-outside-root 3']);
});

test('handlers may be left out', () => {
  const parser = new SaxParser({});
  parser.feed('<a>x<b/></a><');
  parser.feed('more');
  parser.end();
  parser.close();
});

test('what a handler throws leaves feed, and the other events come first at the next feed', () => {
  const log: string[] = [];
  const parser = new SaxParser({
    ...recorder(log),
    text: (value) => {
      log.push(value);
      if (value === 'bad') throw new Error('handler');
    },
  });
  expect(() => parser.feed("<a x='1'>bad<other-name y='ü'/>ok<b/>")).toThrow('handler');
  expect(log).toEqual(['<a {"x":"1"}', 'bad']);
  parse('<unrelated>text that overwrites the tape of the engine</unrelated>');
  parser.feed('end</a>');
  expect(log.slice(2)).toEqual([
    '<other-name {"y":"ü"}',
    '>other-name',
    'ok',
    '<b {}',
    '>b',
    'end',
    '>a',
  ]);
  parser.close();
});

test('the rest of a large piece waits too, even if its array changes', () => {
  const log: string[] = [];
  let isFirst = true;
  const parser = new SaxParser({
    endElement: (name) => {
      log.push(name);
      if (isFirst) {
        isFirst = false;
        throw new Error('handler');
      }
    },
  });
  const bytes = bytesOf(`<a><b/>${' '.repeat(100_000)}<c/></a>`);
  expect(() => parser.feed(bytes)).toThrow('handler');
  bytes.fill(0);
  parser.feed('');
  expect(log).toEqual(['b', 'c', 'a']);
  parser.close();
});

test('a feed from inside a handler comes after the events before it', () => {
  const log: string[] = [];
  const bytes = bytesOf('<c/>');
  const parser: SaxParser = new SaxParser({
    startElement: (name) => {
      log.push(name);
      if (name === 'b') {
        parser.feed(bytes);
        bytes.fill(0);
        parser.feed('</a>');
      }
    },
    endElement: (name) => log.push(`/${name}`),
  });
  parser.feed('<a><b/><x/>');
  expect(log).toEqual(['a', 'b', '/b', 'x', '/x', 'c', '/c', '/a']);
  parser.close();
});

test('handlers may use other parsers of the same engine', () => {
  const engine = new Engine();
  const log: string[] = [];
  const inner: string[] = [];
  const other = new SaxParser(recorder(inner), { engine });
  other.feed('<z>');
  const parser = new SaxParser(
    {
      startElement: (name, attrs) => {
        expect(parse(`<p>${name}</p>`, { engine }).text).toBe(name);
        other.feed(`<y>${name}`);
        log.push(`${name}${attrs.n ?? ''}`);
      },
      text: (value) => {
        parse('<q/>', { engine });
        log.push(value);
      },
    },
    { engine },
  );
  parser.feed("<a n='1'>one<b-b n='ü'>zwei &amp; drei</b-b>four</a>");
  expect(log).toEqual(['a1', 'one', 'b-bü', 'zwei & drei', 'four']);
  other.end();
  expect(inner.slice(0, 4)).toEqual(['<z {}', '<y {}', '"a"', '<y {}']);
});

test('a handler may close its parser', () => {
  const log: string[] = [];
  const parser: SaxParser = new SaxParser({
    startElement: (name) => {
      log.push(name);
      if (name === 'b') parser.close();
    },
  });
  parser.feed('<a><b/><c/></a>');
  expect(log).toEqual(['a', 'b']);
  expect(() => parser.feed('<d/>')).toThrow(UsageError);
  parser.close();
});

test('end is reported in its turn and forbids more input', () => {
  const log: string[] = [];
  const parser = new SaxParser(recorder(log));
  parser.feed('<a/>');
  parser.end();
  expect(log).toEqual(['<a {}', '>a']);
  expect(() => parser.feed(' ')).toThrow('feed() after end()');
  parser.close();
});

test('a limit bounds one token', () => {
  const limits = { maxStanzaBytes: 20 };
  expect(logOf('<a>12345678901234567890<b/></a>', { limits }).length).toBe(5);
  expect(logOf('<a>123456789012345678901<b/></a>', { limits })).toEqual([
    '<a {}',
    'limit-stanza-bytes 23',
  ]);
});

test('options that are something else are refused', () => {
  expect(() => new SaxParser(undefined as unknown as SaxHandlers)).toThrow(UsageError);
  const parser = new SaxParser({});
  expect(() => parser.feed(5 as unknown as string)).toThrow(UsageError);
  parser.close();
});

test.each([
  ['an error', (parser: SaxParser) => parser.feed('<a></c>')],
  [
    'the end',
    (parser: SaxParser) => {
      parser.feed('<a/>');
      parser.end();
    },
  ],
  [
    'a handler that throws at the error',
    (parser: SaxParser) => {
      parser.feed('<b>');
      expect(() => parser.end()).toThrow('handler');
    },
  ],
])('after %s a parser holds nothing in the core', (_name, finish) => {
  const engine = new Engine();
  const memory = () => (engine as unknown as { readonly bytes: Uint8Array }).bytes.length;
  const makeOne = () => {
    let isThrowing = false;
    const handlers: SaxHandlers = {
      startElement: (name) => (isThrowing = name === 'b'),
      error: () => {
        if (isThrowing) throw new Error('handler');
      },
    };
    const parser = new SaxParser(handlers, { engine });
    finish(parser);
    return parser;
  };
  makeOne();
  const before = memory();
  // Kept, so that it is not the collector who gives their places back.
  const parsers = Array.from({ length: 20_000 }, makeOne);
  expect(memory()).toBe(before);
  for (const parser of parsers) parser.close();
});

test('misuse is named', () => {
  const make = (handlers: unknown, options?: unknown) => () =>
    new SaxParser(handlers as SaxHandlers, options as SaxOptions);
  expect(make(null)).toThrow('handlers is not an object');
  expect(make({ startElement: 5 })).toThrow('handlers.startElement is not a function');
  expect(make({}, null)).toThrow('options is not an object');
  expect(make({}, { maxDepth: 5 })).toThrow('maxDepth is no option but a limit');
  expect(make({}, { framing: 'stream' })).toThrow("the option 'framing' is not known");
});
