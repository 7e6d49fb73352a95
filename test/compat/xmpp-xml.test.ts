/*
 * @xmpp/xml (and the parser of @xmpp/websocket) and tercet/compat/xmpp-xml beside each other: the
 * same events with the same elements for what both read; then the faults of the original, each shown
 * there and absent here.
 */
import { EventEmitter } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import OriginalFramedParser from '@xmpp/websocket/lib/FramedParser.js';
import * as original from '@xmpp/xml';
import originalParse from '@xmpp/xml/lib/parse.js';
import * as own from 'tercet/compat/xmpp-xml';
import { describe, expect, test } from 'vitest';
import { cutInto, cuts } from './cuts.js';
import { chat, header, streams, variety } from './streams.js';

type Pieces = readonly (string | Uint8Array)[];

/** What a parser says: elements as text, with the name of their parent; errors by their name. */
function eventsOf(parser: own.Parser, pieces: Pieces): string[] {
  const events: string[] = [];
  // What the original's root collects in the course of time is compared elsewhere.
  for (const name of ['start', 'end'])
    parser.on(name, ({ name: tag, attrs }: own.Element) => {
      events.push(`${name} ${tag} ${JSON.stringify(attrs)}`);
    });
  parser.on('element', (element: own.Element) => {
    events.push(`element ${element.toString()} in ${element.parent?.name ?? 'nothing'}`);
  });
  parser.on('error', (error: Error) => events.push(`error ${error.name}`));
  for (const piece of pieces) parser.write(piece);
  return events;
}

/** Overrides a method, so that all three are called for each token. */
class Slow extends own.Parser {
  override onText(text: string): void {
    super.onText(text);
  }
}

class SlowFrames extends own.FramedParser {
  override onText(text: string): void {
    super.onText(text);
  }
}

describe.each([
  ['Parser', own.Parser],
  ['a subclass of Parser', Slow],
])('%s', (_name, type) => {
  test.each(streams)('says what the original says of %s, however it is cut', (_case, stream) => {
    const expected = eventsOf(new original.Parser(), [stream]);
    for (const size of cuts) expect(eventsOf(new type(), cutInto(stream, size))).toEqual(expected);
  });

  test('has the fields of the original, before and after', () => {
    const states = (parser: own.Parser): unknown[] => {
      const shown = (): unknown[] => [
        Object.keys(parser),
        parser.root?.toString(),
        parser.cursor?.toString(),
        parser.root?.children.length,
      ];
      const states = [shown()];
      for (const piece of [header, '<message>', '<body>Hi', '</body>', '</message>', '<iq/>']) {
        parser.write(piece);
        states.push(shown());
      }
      return states;
    };
    expect(states(new type())).toEqual(states(new original.Parser()));
    expect(new type()).toBeInstanceOf(EventEmitter);
  });

  test('elements are ordinary and stay changeable', () => {
    const parser = new type();
    const elements: own.Element[] = [];
    parser.on('element', (element: own.Element) => elements.push(element));
    parser.write(`${header}<message to='a'><body>Hi</body></message>`);
    const [message] = elements;
    expect(message.parent).toBe(parser.root);
    expect(message.getNS()).toBe('jabber:client');
    message.attrs.to = 'b';
    message.children.push('text');
    expect(message.toString()).toBe('<message to="b"><body>Hi</body>text</message>');
  });

  test('drops keepalives, so that the root keeps nothing', () => {
    const grown = (parser: own.Parser): number | undefined => {
      parser.write(header);
      for (let minute = 0; minute < 100; minute++) parser.write(' <presence/>');
      return parser.root?.children.length;
    };
    expect([grown(new original.Parser()), grown(new type())]).toEqual([100, 0]);
  });

  test('says nothing after a fault', () => {
    const pieces = [header, '<a></b>', '<c/>', '</stream:stream>'];
    expect(eventsOf(new original.Parser(), pieces).length).toBeGreaterThan(2);
    expect(eventsOf(new type(), pieces).slice(1)).toEqual(['error XMLError']);
  });

  test('says nothing after the end', () => {
    const pieces = [`${header}</stream:stream>`, '<a/>', 'x'];
    expect(eventsOf(new type(), pieces).map((event) => event.split(' ')[0])).toEqual([
      'start',
      'end',
    ]);
  });

  test('refuses a second header, after which the original delivers nothing', () => {
    const pieces = [header, header, '<a/>'];
    expect(eventsOf(new original.Parser(), pieces)).toHaveLength(1);
    expect(eventsOf(new type(), pieces).slice(1)).toEqual(['error XMLError']);
  });

  test('has errors where the original throws', () => {
    for (const source of ['</a>', `${header}<a>&nbsp;</a>`]) {
      expect(() => eventsOf(new original.Parser(), [source])).toThrow();
      expect(eventsOf(new type(), [source]).at(-1)).toBe('error XMLError');
    }
  });

  test('errors say what to tell the peer', () => {
    const errorOf = (source: string): unknown => {
      let seen: unknown;
      const parser = new type();
      parser.on('error', (error: unknown) => (seen = error));
      parser.write(source);
      return seen;
    };
    expect(errorOf('<a><b></a>')).toMatchObject({
      name: 'XMLError',
      message: 'b must be closed.',
      condition: 'not-well-formed',
      offset: 8,
    });
    expect(errorOf('<a>text<b/>')).toMatchObject({
      message: 'text must be a child.',
      condition: 'bad-format',
      offset: 3,
    });
    expect(errorOf('<a><!-- -->')).toMatchObject({ condition: 'restricted-xml' });
    expect(errorOf(`<a><b>${'<c/>'.repeat(300_000)}`)).toMatchObject({
      condition: 'policy-violation',
    });
    expect(errorOf('<a><b></a>')).toBeInstanceOf(own.Parser.XMLError);
  });

  test('a stanza is refused at its limit, wherever it is cut', () => {
    const limits = { maxStanzaBytes: 100 };
    const inside = `<a>${'<b/>'.repeat(23)}</a>`;
    const beyond = `<a>${'<b/>'.repeat(24)}</a>`;
    expect([inside.length, beyond.length]).toEqual([99, 103]);
    for (const size of cuts) {
      const eventNames = (stanza: string): string[] =>
        eventsOf(new type({ limits }), cutInto(`<r>${stanza.repeat(3)}</r>`, size)).map(
          (event) => event.split(' ')[0],
        );
      expect(eventNames(inside)).toEqual(['start', 'element', 'element', 'element', 'end']);
      expect(eventNames(beyond)).toEqual(['start', 'error']);
    }
  });

  test('an exception of a listener loses nothing', () => {
    const names: string[] = [];
    const parser = new type();
    parser.on('element', ({ name }: own.Element) => {
      names.push(name);
      if (name === 'b') throw new Error('of a listener');
    });
    expect(() => parser.write(`${header}<a/><b/><c/>`)).toThrow('of a listener');
    parser.write('<d/>');
    expect(names).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a write from inside a listener waits', () => {
    const names: string[] = [];
    const parser = new type();
    parser.on('element', ({ name }: own.Element) => {
      names.push(name);
      if (name === 'a') parser.write('<inner/>');
    });
    parser.write(`${header}<a/><b/>`);
    expect(names).toEqual(['a', 'b', 'inner']);
  });

  test('elements are of the class that is asked for', () => {
    const Using = type.using(original.Element);
    const elements: own.Element[] = [];
    const parser = new Using();
    parser.on('element', (element: own.Element) => elements.push(element));
    parser.write(`${header}<a b='c'>d</a>`);
    expect(parser).toBeInstanceOf(type);
    expect(elements[0]).toBeInstanceOf(original.Element);
    expect(elements[0]).not.toBeInstanceOf(own.Element);
    expect(Object.keys(elements[0])).toEqual(Object.keys(new original.Element('a')));
    expect(elements[0].toString()).toBe('<a b="c">d</a>');
  });
});

describe.each([
  ['FramedParser', own.FramedParser],
  ['a subclass of FramedParser', SlowFrames],
])('%s', (_name, type) => {
  const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>";
  const close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";

  test('says what the original says of frames', () => {
    // White space between frames is an error of the original's.
    const stanzas = [...chat, ...variety.slice(0, 50)].map((text) => text.trim());
    const frames = [open, ...stanzas, '<close/>', '<a><open/></a>', close];
    const expected = eventsOf(new OriginalFramedParser(), frames);
    expect(expected.length).toBeGreaterThanOrEqual(frames.length);
    expect(eventsOf(new type(), frames)).toEqual(expected);
    expect(
      eventsOf(
        new type(),
        frames.map((frame) => Buffer.from(frame)),
      ),
    ).toEqual(expected);
    expect(eventsOf(new type(), cutInto(frames.join(''), 7))).toEqual(expected);
  });

  test('refuses text between frames', () => {
    const frames = [open, ' \n', '<a/>', 'text', '<b/>'];
    expect(eventsOf(new type(), frames).slice(1)).toEqual([
      'element <a/> in nothing',
      'error XMLError',
    ]);
  });

  test('says nothing after a fault, nor after the end', () => {
    expect(eventsOf(new type(), [open, '<a></b>', '<c/>']).slice(1)).toEqual(['error XMLError']);
    expect(eventsOf(new type(), [open, close, '<c/>'])).toHaveLength(2);
  });
});

test('the parser of frames of @xmpp/websocket works with this class below it', () => {
  // Its source, with Parser and Element from here.
  class Frames extends own.Parser {
    override onStartElement(name: string, attrs: Record<string, string>): void {
      const element = new own.Element(name, attrs);
      this.cursor?.append(element);
      this.cursor = element;
    }

    override onEndElement(): void {
      const { cursor } = this;
      if (cursor?.parent) {
        this.cursor = cursor.parent;
        return;
      }
      this.emit('element', cursor);
      this.cursor = null;
    }
  }
  const frames = ['<a>b<c/></a>', '<d/><e>', 'f</e>', 'text'];
  expect(eventsOf(new Frames(), frames)).toEqual([
    'element <a>b<c/></a> in nothing',
    'element <d/> in nothing',
    'element <e>f</e> in nothing',
    'error XMLError',
  ]);
});

describe('who looks at how stanzas are built sees what the original shows', () => {
  type Library = Pick<typeof own, 'Element' | 'Parser'>;
  const stream = `${header}<a b="1">t&amp;u<c d="2"><e/>v</c>w</a><f/>`;

  /** What is the same in both libraries, in pieces of several sizes. */
  function sameInBoth(scenario: (library: Library, pieces: Pieces) => unknown): void {
    for (const size of [1, 7, stream.length]) {
      const pieces = cutInto(stream, size);
      const expected = scenario(original, pieces);
      expect(scenario(own, pieces)).toEqual(expected);
    }
  }

  test('in an Element whose methods were replaced', () => {
    for (const name of ['append', 't', 'setAttrs'] as const) {
      sameInBoth(({ Element, Parser }, pieces) => {
        const prototype = Element.prototype as unknown as Record<string, unknown>;
        const method = prototype[name] as (this: unknown, value: unknown) => unknown;
        const calls: unknown[] = [];
        const parser = new Parser();
        prototype[name] = function (this: own.Element, value: unknown): unknown {
          calls.push([name, this.name]);
          return method.call(this, value);
        };
        try {
          return [eventsOf(parser, pieces), calls];
        } finally {
          prototype[name] = method;
        }
      });
    }
  });

  test('in a Parser whose methods were replaced', () => {
    for (const name of ['onStartElement', 'onEndElement', 'onText'] as const) {
      sameInBoth(({ Parser }, pieces) => {
        const prototype = Parser.prototype as unknown as Record<string, unknown>;
        const method = prototype[name] as (this: unknown, ...values: unknown[]) => unknown;
        const calls: unknown[] = [];
        const before = new Parser();
        prototype[name] = function (this: unknown, ...values: unknown[]): unknown {
          calls.push(values[0]);
          return method.apply(this, values);
        };
        try {
          return [eventsOf(before, pieces), calls.length, eventsOf(new Parser(), pieces), calls];
        } finally {
          prototype[name] = method;
        }
      });
    }
  });

  test('in a subclass that changes attributes behind the original', () => {
    sameInBoth(({ Parser }, pieces) => {
      class Late extends Parser {
        override onStartElement(name: string, attrs: Record<string, string>): void {
          super.onStartElement(name, attrs);
          attrs.late = 'x';
        }
      }
      return eventsOf(new Late(), pieces);
    });
  });

  test.each(['of a stream', 'of frames'])('in the fields of a parser %s, in a listener', (kind) => {
    const states = (parser: own.Parser, pieces: Pieces): unknown[] => {
      const seen: unknown[] = [];
      for (const event of ['start', 'element', 'end'])
        parser.on(event, (element: own.Element) => {
          const { root, cursor } = parser;
          seen.push([event, element === root, element === cursor, root?.name, cursor?.name]);
        });
      for (const piece of pieces) parser.write(piece);
      return [...seen, parser.root?.name, parser.cursor?.name];
    };
    if (kind === 'of frames') {
      const frames = [
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
        '<a><b/>c</a>',
        '<d>',
        '<e/></d>',
      ];
      expect(states(new own.FramedParser(), frames)).toEqual(
        states(new OriginalFramedParser(), frames),
      );
    } else {
      sameInBoth(({ Parser }, pieces) => states(new Parser(), [...pieces, '</stream:stream>']));
    }
  });

  test('with listeners on the back end', () => {
    sameInBoth(({ Parser }, pieces) => {
      const seen: unknown[] = [];
      const parser = new Parser();
      parser.parser.prependListener('startElement', (name: string, attrs: object) => {
        Object.assign(attrs, { before: name });
      });
      parser.parser.on('startElement', (name: string, attrs: object) => {
        seen.push([name, { ...attrs }]);
        Object.assign(attrs, { after: name });
      });
      parser.parser.on('endElement', (...values: unknown[]) => seen.push(values));
      return [eventsOf(parser, pieces), seen, parser.parser.listenerCount('text')];
    });
  });
});

describe('xml', () => {
  test('builds and carries what the original does', () => {
    expect(Object.keys(own.xml).sort()).toEqual(Object.keys(original.default).sort());
    expect(own.default).toBe(own.xml);
    const build = (xml: typeof own.xml): string =>
      xml('message', { to: 'a', id: null }, xml('body', {}, 'x & y'), [
        xml('x', 'urn:x'),
      ]).toString();
    expect(build(own.xml)).toBe(build(original.default));
  });
});

describe('parse', () => {
  const hostMeta =
    "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n  <Link rel='a' href='b'/>\n" +
    "  <Link rel='c' href='d'/>\n</XRD>";

  test('reads documents as the original does', () => {
    const links = (element: own.Element): unknown[] =>
      element.getChildren('Link').map(({ attrs }) => attrs);
    expect(links(own.parse(hostMeta))).toEqual(links(originalParse(hostMeta)));
    expect(links(own.parse(hostMeta))).toHaveLength(2);
  });

  test('with a declaration and comments', () => {
    const source = `<?xml version="1.0"?><!-- a -->${hostMeta}`;
    expect(own.parse(source).getChildren('Link')).toHaveLength(2);
  });

  test('refuses half of one, which the original takes', () => {
    expect(originalParse('<XRD><Link/>').name).toBe('XRD');
    expect(() => own.parse('<XRD><Link/>')).toThrow(own.XMLError);
    expect(() => own.parse('<XRD></Link>')).toThrow('XRD must be closed.');
  });
});

const examples = new URL('../../../shared/data/xeps.xml', import.meta.url);

test.skipIf(!existsSync(examples))(
  `the examples of the extensions${existsSync(examples) ? '' : ' (skipped: no ../shared/data/xeps.xml)'}`,
  () => {
    const pieces = cutInto(readFileSync(examples, 'utf8'), 1400);
    const others = eventsOf(new original.Parser(), [readFileSync(examples, 'utf8')]);
    const mine = eventsOf(new own.Parser(), pieces);
    expect(mine.length).toBe(others.length);
    expect(mine.at(-1)).toMatch(/^end /);
    // Those with text after CDATA, and with white space in values, which XML normalises.
    const differing = mine.filter((event, index) => event !== others[index]);
    expect(differing.length).toBe(12);
  },
);
