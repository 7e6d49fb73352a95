/*
 * StreamParser: events, life cycle, keepalives, restarts, both framings.
 */
import { describe, expect, test } from 'vitest';
import { Engine, NS, StreamParser, UsageError, XmlError, type StreamParserOptions } from 'tercet';
import { bytesOf, header, stanzaOf, stanzasOf, summary } from './streams.js';

describe('a stream', () => {
  test('is a header, stanzas and an end', () => {
    const parser = new StreamParser();
    const events = parser.feed(
      `<?xml version='1.0'?>${header}<message to='a'/> <iq/></stream:stream>`,
    );
    expect(events.map(({ type }) => type)).toEqual(['open', 'stanza', 'stanza', 'close']);
    expect(parser.end()).toEqual([]);
    parser.close();
  });

  test('arrives in pieces of any size, as text or bytes', () => {
    const source = `${header}<message to='ü\u{1F600}'><body>日本\u{1F375}</body></message>\n</stream:stream>`;
    const whole = summary(new StreamParser().feed(source));
    expect(whole.length).toBe(3);
    const byUnit = new StreamParser();
    expect(source.split('').flatMap((unit) => summary(byUnit.feed(unit)))).toEqual(whole);
    const byByte = new StreamParser();
    const bytes = Array.from(bytesOf(source), (byte) => Uint8Array.of(byte));
    expect(bytes.flatMap((byte) => summary(byByte.feed(byte)))).toEqual(whole);
    expect(byByte.stats).toEqual({ bytes: bytes.length, stanzas: 1, keepalives: 1 });
    expect(byUnit.stats).toEqual(byByte.stats);
  });

  test('gives an empty list where nothing is complete', () => {
    const parser = new StreamParser();
    expect(parser.feed('')).toEqual([]);
    expect(parser.feed(new Uint8Array(0))).toEqual([]);
    expect(parser.feed('<stream:stre')).toEqual([]);
    parser.close();
  });

  test('counts keepalives and gives no event for them', () => {
    const parser = new StreamParser();
    parser.feed(header);
    expect(parser.feed(' ')).toEqual([]);
    expect(parser.feed('\n<a/>\r\n<a/>')).toHaveLength(2);
    expect(parser.stats).toEqual({ bytes: header.length + 12, stanzas: 2, keepalives: 4 });
    parser.close();
  });

  test('copies its input', () => {
    const parser = new StreamParser();
    parser.feed(header);
    const bytes = bytesOf("<message to='juliet'><body>hello there</body></message>");
    const stanza = stanzaOf(parser, bytes);
    bytes.fill(0x20);
    expect(stanza.child('body')?.text).toBe('hello there');
    expect(stanza.attr('to')).toBe('juliet');
    parser.close();
  });

  test('takes arrays that are views on a part of a buffer', () => {
    const parser = new StreamParser();
    const padded = bytesOf(`xx${header}<a/>yy`);
    const events = parser.feed(padded.subarray(2, padded.length - 2));
    expect(events.map(({ type }) => type)).toEqual(['open', 'stanza']);
    parser.close();
  });

  test('may bring stanzas larger than what the core takes at once', () => {
    const parser = new StreamParser();
    parser.feed(header);
    const text = 'ü&lt;'.repeat(40_000);
    const [first, second] = stanzasOf(
      parser.feed(`<message><body>${text}</body></message><iq id='1'/>`),
    );
    expect(first.child('body')?.text).toBe('ü<'.repeat(40_000));
    expect(second.attr('id')).toBe('1');
    const big = stanzaOf(parser, bytesOf(`<a>${'x'.repeat(200_000)}</a>`));
    parser.feed('<b/>');
    expect(big.text.length).toBe(200_000);
    parser.close();
  });
});

test('a header may be of any namespace, and its stanzas too', () => {
  for (const [source, ns, stanzaNs] of [
    ["<s xmlns='urn:unknown'>", 'urn:unknown', 'urn:unknown'],
    ["<p:s xmlns='urn:a' xmlns:q='urn:q' xmlns:p='urn:p'>", 'urn:p', 'urn:a'],
    ['<s>', '', ''],
    ["<p:s xmlns:p='urn:p'>", 'urn:p', ''],
  ]) {
    const parser = new StreamParser();
    const [event, stanza] = parser.feed(`${source}<a/>`);
    expect(event.type === 'open' ? event.header.ns : undefined).toBe(ns);
    expect(stanza.type === 'stanza' ? stanza.stanza.ns : undefined).toBe(stanzaNs);
    parser.feed('<b/>');
    expect(stanza.type === 'stanza' ? stanza.stanza.child()?.ns : undefined).toBeUndefined();
    parser.close();
  }
});

test('a header may come alone, after others of other streams', () => {
  const engine = new Engine();
  for (let round = 0; round < 3; round++) {
    const parser = new StreamParser({ engine });
    const [event] = parser.feed(header);
    expect(event.type === 'open' ? Object.keys(event.header.attrs) : []).toEqual([
      'xmlns',
      'xmlns:stream',
      'version',
    ]);
    stanzaOf(
      parser,
      "<iq id='b1' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    );
    parser.close();
  }
});

describe('U+FEFF before the header', () => {
  const source = `\u{FEFF}<?xml version='1.0'?>${header}<message to='a'/></stream:stream>`;

  test('is text, and a fault (RFC 6120, section 11.6)', () => {
    expect(new StreamParser().feed(source)).toMatchObject([
      { type: 'error', error: { code: 'xml-text-outside-root', offset: 0 } },
    ]);
  });

  test('is passed over where lenientBom says so, at the very start alone', () => {
    const types = ['open', 'stanza', 'close'];
    const whole = new StreamParser({ lenientBom: true });
    expect(whole.feed(source).map(({ type }) => type)).toEqual(types);
    const cut = new StreamParser({ lenientBom: true });
    const events = Array.from(bytesOf(source), (byte) => cut.feed(Uint8Array.of(byte))).flat();
    expect(events.map(({ type }) => type)).toEqual(types);
    cut.restart();
    expect(cut.feed(`\u{FEFF}\u{FEFF}${header}`)).toMatchObject([
      { type: 'error', error: { code: 'xml-text-outside-root', offset: 3 } },
    ]);
  });
});

describe('an error', () => {
  test('comes after the events before it and ends the stream', () => {
    const parser = new StreamParser();
    const events = parser.feed(`${header}<a/><b></c></b><d/>`);
    expect(events.map(({ type }) => type)).toEqual(['open', 'stanza', 'error']);
    expect(summary(events)[2]).toBe(
      `error xml-end-tag-mismatch not-well-formed ${header.length + 9}`,
    );
    const last = events[2];
    if (last.type === 'error') expect(last.error).toBeInstanceOf(XmlError);
    expect(parser.feed('<e/>')).toEqual([]);
    expect(parser.feed(bytesOf('<e/>'))).toEqual([]);
    expect(parser.end()).toEqual([]);
    parser.close();
  });

  test('has an offset in bytes of UTF-8 since the beginning, whatever the pieces', () => {
    const source = `${header}<a>ü\u{1F600}</a>&`;
    const offset = bytesOf(source).length - 1;
    for (const size of [1, 7, 1000]) {
      const parser = new StreamParser();
      const events: string[] = [];
      for (let start = 0; start < source.length; start += size) {
        events.push(...summary(parser.feed(source.slice(start, start + size))));
      }
      expect(events.at(-1)).toBe(`error stream-text bad-format ${offset}`);
      parser.close();
    }
  });

  test('is what a lone surrogate gives, in the middle, before bytes and at the end', () => {
    const offset = header.length + 3;
    const error = `error xml-utf8-invalid unsupported-encoding ${offset}`;
    const feed = (...chunks: (string | Uint8Array)[]) => {
      const parser = new StreamParser();
      const events = [header, ...chunks].flatMap((chunk) => summary(parser.feed(chunk)));
      events.push(...summary(parser.end()));
      parser.close();
      return events.slice(1);
    };
    expect(feed('<a>\ud83d</a>')).toEqual([error]);
    expect(feed('<a>\ude00</a>')).toEqual([error]);
    expect(feed('<a>\ud83d', '</a>')).toEqual([error]);
    expect(feed('<a>\ud83d', bytesOf('</a>'))).toEqual([error]);
    expect(feed('<a>\ud83d')).toEqual([error]);
    expect(feed('<a>\ud83d', '\ude00</a>')[0]).toMatch(/^stanza .*\u{1F600}<\/a>$/u);
  });

  test('is the end of input inside the stream', () => {
    const parser = new StreamParser();
    parser.feed(`${header}<a>`);
    expect(summary(parser.end())).toEqual([
      `error xml-unexpected-end not-well-formed ${header.length + 3}`,
    ]);
    parser.close();
  });

  test('is anything but white space after the end of the stream', () => {
    const parser = new StreamParser();
    parser.feed(`${header}</stream:stream>`);
    expect(parser.feed(' \n')).toEqual([]);
    expect(summary(parser.feed(' <a/>'))).toEqual([
      `error xml-content-after-root not-well-formed ${header.length + 19}`,
    ]);
    expect(parser.feed('<a/>')).toEqual([]);
    parser.close();
  });
});

describe('restart, end and close', () => {
  test('restart expects a new header and counts offsets from 0', () => {
    const parser = new StreamParser();
    const [old] = stanzasOf(parser.feed(`${header}<auth>x</auth>`));
    parser.restart();
    const events = parser.feed(`${header.replace('jabber:client', 'jabber:server')}<a/>`);
    expect(events.map(({ type }) => type)).toEqual(['open', 'stanza']);
    expect(stanzasOf(events)[0].ns).toBe(NS.server);
    expect(old.ns).toBe(NS.client);
    expect(summary(parser.feed('x'))).toEqual([
      `error stream-text bad-format ${header.length + 4}`,
    ]);
    expect(parser.stats.stanzas).toBe(2);
    parser.close();
  });

  test('restart revives a parser after an error and after the end', () => {
    const parser = new StreamParser();
    parser.feed('<<');
    parser.restart();
    expect(parser.feed(header)).toHaveLength(1);
    parser.end();
    parser.restart();
    expect(parser.feed(header)).toHaveLength(1);
    parser.close();
  });

  test('half a surrogate pair does not survive a restart', () => {
    const parser = new StreamParser();
    parser.feed(`${header}<a>\ud83d`);
    parser.restart();
    expect(parser.feed(header)).toHaveLength(1);
    parser.close();
  });

  test('after end and close only a mistaken program feeds', () => {
    const parser = new StreamParser();
    parser.feed(`${header}</stream:stream>`);
    parser.end();
    expect(() => parser.feed(' ')).toThrow(UsageError);
    expect(() => parser.end()).toThrow(UsageError);
    parser.close();
    parser.close();
    expect(() => parser.feed('<a/>')).toThrow(UsageError);
    expect(() => parser.feed('<a/>')).toThrow('feed() after close()');
    expect(() => parser.end()).toThrow(UsageError);
    expect(() => parser.restart()).toThrow(UsageError);
  });

  test('only text and arrays of bytes are input', () => {
    const parser = new StreamParser();
    for (const chunk of [undefined, null, 5, [60], new Uint16Array(2), new ArrayBuffer(2)]) {
      expect(() => parser.feed(chunk as unknown as string)).toThrow(UsageError);
    }
    expect(parser.feed(header)).toHaveLength(1);
    parser.close();
  });
});

describe('RFC 7395', () => {
  const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' version='1.0'/>";
  const close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
  const start = () => {
    const parser = new StreamParser({ framing: 'websocket' });
    const [event] = parser.feed(open);
    expect(event.type === 'open' && event.header.attr('to')).toBe('example.com');
    return parser;
  };

  test('each feed is one frame with one element', () => {
    const parser = start();
    const stanza = stanzaOf(parser, "<message xmlns='jabber:client'><body>x</body></message>");
    expect([stanza.name, stanza.ns, stanza.child('body', NS.client)?.text]).toEqual([
      'message',
      NS.client,
      'x',
    ]);
    expect(summary(parser.feed(bytesOf(`${close} `)))).toEqual(['close']);
    expect(parser.end()).toEqual([]);
    expect(parser.stats.stanzas).toBe(1);
    parser.close();
  });

  test('open and close of another namespace are stanzas', () => {
    const parser = start();
    expect(summary(parser.feed('<open/>'))).toEqual(['stanza <open/>']);
    expect(summary(parser.feed("<close xmlns='urn:x'/>"))).toEqual([
      "stanza <close xmlns='urn:x'/>",
    ]);
    parser.close();
  });

  test.each([
    ['', 'xml-frame-start', 0],
    [' <a/>', 'xml-frame-start', 0],
    ['<a>', 'xml-unexpected-end', 3],
    ['<a/><b/>', 'xml-content-after-root', 4],
    ['<a>\ud83d', 'xml-utf8-invalid', 3],
  ])('the frame %j is an error', (frame, code, offset) => {
    const parser = start();
    expect(summary(parser.feed(frame)).at(-1)).toContain(`error ${code} `);
    expect(parser.feed('<a/>')).toEqual([]);
    parser.restart();
    expect(summary(parser.feed(frame)).at(-1)).toMatch(new RegExp(` ${offset}$`));
    parser.close();
  });

  test('after close only white space may come', () => {
    const parser = start();
    parser.feed(close);
    expect(parser.feed(' \n')).toEqual([]);
    expect(parser.feed(bytesOf(' '))).toEqual([]);
    expect(summary(parser.feed(' <a/>'))).toEqual([
      `error xml-content-after-root not-well-formed ${open.length + close.length + 4}`,
    ]);
    expect(parser.feed('<a/>')).toEqual([]);
    parser.close();
  });

  test('a frame may be larger than what the core takes at once', () => {
    const parser = start();
    const body = 'ü\u{1F600}x'.repeat(20_000);
    for (const frame of [`<a>${body}</a>`, bytesOf(`<a>${body}</a>`)]) {
      expect(stanzaOf(parser, frame).text).toBe(body);
    }
    parser.close();
  });
});

test('many streams in one engine do not disturb each other', () => {
  const engine = new Engine();
  const parsers = Array.from({ length: 200 }, () => new StreamParser({ engine }));
  const pieces = [header.slice(0, 30), header.slice(30), "<a n='", "'><b>x", '</b></a>'];
  const stanzas = pieces.flatMap((piece) =>
    parsers.flatMap((parser, index) =>
      stanzasOf(parser.feed(piece === "<a n='" ? piece + String(index) : piece)),
    ),
  );
  expect(stanzas.map((stanza) => stanza.attr('n'))).toEqual(
    parsers.map((_, index) => String(index)),
  );
  for (const parser of parsers) parser.close();
  expect(stanzas.every((stanza) => stanza.child('b', NS.client)?.text === 'x')).toBe(true);
});

test.each([
  [null, 'options is not an object'],
  [5, 'options is not an object'],
  ['websocket', 'options is not an object'],
  [
    { foo: 1 },
    "the option 'foo' is not known; the options are framing, limits, lenientBom, addresses, engine",
  ],
  [{ maxDepth: 5 }, 'maxDepth is no option but a limit: { limits: { maxDepth } }'],
  [{ limits: null }, 'limits is not an object'],
])('options %j are refused', (options, reason) => {
  const make = () => new StreamParser(options as unknown as StreamParserOptions);
  expect(make).toThrow(UsageError);
  expect(make).toThrow(reason);
});

test('a WebSocket that ends between two frames is no event', () => {
  const parser = new StreamParser({ framing: 'websocket' });
  parser.feed("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
  expect(parser.end()).toEqual([]);
});

test.each([[false], [true]])(
  'stanzas that came together keep their own declarations (read later: %s)',
  (isLater) => {
    const parser = new StreamParser();
    const stanzas = stanzasOf(
      parser.feed(
        header +
          "<message><a:x xmlns:a='urn:one' a:n='1'><a:y/></a:x></message> " +
          "<b:message xmlns:b='urn:two' b:n='2'><b:x/></b:message>\n" +
          "<message xmlns:c='urn:three'><c:x c:n='3'><y xmlns='urn:four'>&lt;é</y></c:x></message>",
      ),
    );
    if (isLater) parser.feed("<iq type='get' id='1'><query xmlns='urn:five'/></iq>");
    const [first, second, third] = stanzas;
    expect(first.child('x', 'urn:one')?.child('y', 'urn:one')?.toString()).toBe(
      '<a:y xmlns="jabber:client" xmlns:a="urn:one"/>',
    );
    expect(first.child('x')?.attr('n', 'urn:one')).toBe('1');
    expect([second.ns, second.attr('n', 'urn:two')]).toEqual(['urn:two', '2']);
    expect(second.children).toHaveLength(1);
    expect(second.child('x', 'urn:two')?.toString(NS.client)).toBe('<b:x xmlns:b="urn:two"/>');
    expect(third.child('x', 'urn:three')?.attr('n', 'urn:three')).toBe('3');
    expect(third.child('x')?.child('y', 'urn:four')?.text).toBe('<é');
    expect(third.toString(NS.client)).toBe(
      "<message xmlns:c='urn:three'><c:x c:n='3'><y xmlns='urn:four'>&lt;é</y></c:x></message>",
    );
  },
);
