/*
 * What the suites of stanza, strophe.js and @xmpp/jid expect of their parsers and addresses, as cases
 * of our own. Each holds for the original too. What does not hold here comes behind, with the words of
 * the migration page that say so. The transport of components is in strophe.test.ts.
 */
import { readFileSync } from 'node:fs';
import * as originalJid from '@xmpp/jid';
import * as originalJxt from 'stanza/jxt/index.js';
import * as strophe from 'strophe.js';
import * as jxt from 'tercet/compat/jxt';
import { ComponentParser } from 'tercet/compat/strophe';
import * as xmppJid from 'tercet/compat/xmpp-jid';
import { describe, expect, test } from 'vitest';
import { cutInto } from './cuts.js';

function pageOf(name: string): string {
  const path = new URL(`../../docs/migration/${name}.md`, import.meta.url);
  return readFileSync(path, 'utf8').replaceAll(/\s+/g, ' ');
}

describe('jxt of stanza', () => {
  // A CommonJS module: all of its names are on the default export.
  const theirs = Reflect.get(originalJxt, 'default') as unknown as typeof jxt & {
    readonly Registry: new () => { define(definition: object): void };
    childText(ns: null, name: string): unknown;
    attribute(name: string): unknown;
  };
  const faces: readonly (readonly [string, typeof jxt])[] = [
    ['the original', theirs],
    ['this one', jxt],
  ];

  describe.each(faces)('%s', (_name, face) => {
    test.each([
      '</error>',
      '<a></b>',
      '<0/>',
      '<a</>',
      '<a / >',
      '<a>< /a>',
      '<a></ a>',
      '<a></a  b>',
      '<a></a/>',
      '<a<',
      '<a <',
      '<a b<',
      '<a b <',
      '<a b =<',
      '<a b = <',
      '<a b = "<',
      "<a b = '<",
      '<a b = ""<',
      '<a 0="1"/>',
      '<a b/>',
      '<a b></a>',
      '<a b />',
      '<a b "x"/>',
      '<a b=="x"/>',
      '<?xml ? >',
      '<?x1 ?>',
      '<?xm1 ?>',
      '<?xml1 ?>',
      '<a><![CDATA</a>',
      '<a><![C</a>',
      '<a><![</a>',
      '<!DOCTYPE a><a/>',
      '<!ENTITY b "c"><a/>',
      '<?xml-stylesheet a="b"?><a/>',
      '<?xml version="1.0"?><?xml version="1.0"?><a/>',
      '<a>&b;</a>',
      '<a b="&c;"/>',
      '<a b="1" b="2"/>',
    ])('%s throws', (source) => {
      expect(() => face.parse(source)).toThrow();
    });

    test('comments, if they are allowed', () => {
      const source = '<!-- x --> <a><!-- <b>no</b> --><b>yes</b></a>';
      expect(face.parse(source, { allowComments: true })?.getChild('b')?.getText()).toBe('yes');
      expect(() => face.parse(source, { allowComments: false })).toThrow();
    });

    test('references, white space around "=" and CDATA', () => {
      const root = face.parse('<a  b  =  "&quot;1&quot;">&#88;&#77;<![CDATA[<>]]></a   >');
      expect([root?.getAttribute('b'), root?.getText()]).toEqual(['"1"', 'XM<>']);
      expect(face.parse('<a><![CDATA[]]></a>')?.children).toEqual([]);
    });

    test.each(['<?xml version="1.0"?><a />', '<!-- --><a />', '<a></a   >', "<a b='1' ></a>"])(
      '%s in any two pieces is one element',
      (source) => {
        for (let cut = 0; cut <= source.length; cut++) {
          const ends: string[] = [];
          const parser = new face.Parser({ allowComments: true });
          parser.on('endElement', (name: string) => ends.push(name));
          parser.write(source.slice(0, cut));
          parser.end(source.slice(cut));
          parser.write('<ignored/>');
          expect(ends).toEqual(['a']);
        }
      },
    );

    const streamNs = 'http://etherx.jabber.org/streams';

    /** What comes out of a stream, or its error. */
    async function dataOf(pieces: readonly string[], options: object = {}): Promise<unknown[]> {
      const registry = new theirs.Registry();
      registry.define({
        element: 'message',
        fields: { body: theirs.childText(null, 'body'), id: theirs.attribute('id') },
        namespace: 'jabber:client',
        path: 'message',
      });
      registry.define({ element: 'stream', namespace: streamNs, path: 'stream' });
      const parser = new face.StreamParser({ registry, ...options });
      const data: unknown[] = [];
      parser.on('data', ({ event, kind, stanza }: jxt.StreamData) => {
        data.push(event === undefined ? stanza : `${event} ${String(kind)}`);
      });
      parser.on('error', ({ isJXTError, condition }: jxt.JXTError) => {
        data.push([isJXTError, condition]);
      });
      for (const piece of pieces) if (!parser.destroyed) parser.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return data;
    }

    const message = "<message xmlns='jabber:client' id='1'><body>Hi</body></message>";
    const header = `<stream:stream xmlns:stream='${streamNs}' xmlns='jabber:client'>`;
    const wrapped = { wrappedStream: true, rootKey: 'stream' };

    test('frames, in pieces and by the character', async () => {
      expect(
        await dataOf(['<message xmlns="jabber:client" id="1">', '<body>Hi</body>', '</message>']),
      ).toEqual([{ id: '1', body: 'Hi' }]);
      const source =
        '<?xml version="1.0" encoding="utf-8"?>\n ' + message.replace('Hi', '&quot;<![CDATA["]]>');
      expect(await dataOf(source.split(''))).toEqual([{ id: '1', body: '""' }]);
      expect(await dataOf(['<message/>'])).toEqual([]);
    });

    test('a stream', async () => {
      expect(
        await dataOf(
          [header, '<message id="1">', '<body>Hi</body></message>', '</stream:stream>'],
          wrapped,
        ),
      ).toEqual(['stream-start stream', { id: '1', body: 'Hi' }, 'stream-end stream']);
    });

    test.each([
      ['another root', [message.slice(0, 40)], wrapped, 'unknown-stream-root'],
      ['a root that nobody knows', ['<message/>'], { wrappedStream: true }, 'not-well-formed'],
      [
        'an end tag that does not match',
        ["<message xmlns='jabber:client'>", '</presence>'],
        {},
        'not-well-formed',
      ],
      ['an end before the start', ['</stream:stream>'], wrapped, 'not-well-formed'],
      [
        'something behind the end',
        [header, '</stream:stream><extra />'],
        wrapped,
        'already-closed',
      ],
      [
        'a comment',
        ['<!-- x -->'],
        { wrappedStream: true, allowComments: false },
        'restricted-xml',
      ],
    ] as const)('%s', async (_title, pieces, options, condition) => {
      const data = await dataOf(pieces, options);
      expect(data.at(-1)).toEqual([true, condition]);
    });
  });

  test('what cannot hold stands on the page', () => {
    // Their suite reads template strings whose declaration stands in the second line.
    const source = '\n <?xml version="1.0"?>\n<a/>';
    expect(theirs.parse(source)?.name).toBe('a');
    expect(() => jxt.parse(source)).toThrow(jxt.JXTError);
    expect(pageOf('jxt')).toContain('an XML declaration with anything before it');
  });
});

describe('ComponentParser of strophe.js', () => {
  type ParserClass = new (handlers: {
    onStreamStart(attrs: Record<string, string>): void;
    onStanza(stanza: Element): void;
    onStreamEnd(): void;
    onError(error: Error): void;
  }) => { write(chunk: string | Buffer): void };
  const faces: readonly (readonly [string, ParserClass])[] = [
    ['the original', Reflect.get(strophe, 'ComponentParser') as ParserClass],
    ['this one', ComponentParser],
  ];
  const header =
    "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' " +
    "xmlns='jabber:component:accept' from='echo.example' id='1'>";

  test.each(faces)('%s', (_name, type) => {
    for (const size of [0, 1, 3, 50]) {
      const calls: string[] = [];
      const parser = new type({
        onStreamStart: ({ id, from }) => calls.push(`${id} ${from}`),
        onStanza: (stanza) => {
          const [body] = stanza.getElementsByTagName('body');
          const text = (body as Element | undefined)?.textContent ?? '';
          calls.push(`${stanza.nodeName} ${stanza.getAttribute('to') ?? ''} ${text}`);
        },
        onStreamEnd: () => calls.push('end'),
        onError: () => calls.push('error'),
      });
      const source =
        `${header}  <presence/><message to='a@b'><body>caf\u00e9 \u{1f600}</body></message> ` +
        "<iq type='result' id='1'/></stream:stream>";
      for (const piece of cutInto(source, size)) parser.write(piece);
      expect(calls).toEqual([
        '1 echo.example',
        'presence  ',
        'message a@b caf\u00e9 \u{1f600}',
        'iq  ',
        'end',
      ]);
    }
    let errors = 0;
    const parser = new type({
      onStreamStart: () => undefined,
      onStanza: () => undefined,
      onStreamEnd: () => undefined,
      onError: () => errors++,
    });
    parser.write(Buffer.from(`${header}<message></presence>`));
    expect(errors).toBe(1);
  });
});

describe('@xmpp/jid', () => {
  const faces: readonly (readonly [string, typeof xmppJid])[] = [
    ['the original', originalJid],
    ['this one', xmppJid],
  ];

  describe.each(faces)('%s', (_name, { jid, JID, parse, equal, default: face }) => {
    test('addresses are equal but for the case of resources', () => {
      const same = (one: string, other: string): boolean => jid(one).equals(jid(other));
      expect(same('foo@bar/baz', 'foo@bar/baz')).toBe(true);
      expect(same('foo@bar/baz', 'quux@bar/baz')).toBe(false);
      expect(same('foo@bar/baz', 'FOO@BAR/baz')).toBe(true);
      expect(same('foo@bar/baz', 'foo@bar/Baz')).toBe(false);
      expect(same('f\u00f6\u00f6@b\u00e4r/ba\u00df', 'f\u00d6\u00f6@B\u00c4R/ba\u00df')).toBe(true);
      expect(jid('romeo@example.net/1').bare().equals(jid('romeo@example.net'))).toBe(true);
    });

    test('equal asks the first', () => {
      const one = jid('foo');
      const asked: unknown[] = [];
      one.equals = (other) => asked.push(other) > 0;
      const other = jid('bar');
      expect(equal(one, other)).toBe(true);
      expect(asked).toEqual([other]);
    });

    test('the parts, and the whole', () => {
      const partsOf = (source: string): string[] => {
        const address = parse(source);
        return [address.getLocal(), address.getDomain(), address.getResource(), String(address)];
      };
      expect(partsOf('d')).toEqual(['', 'd', '', 'd']);
      expect(partsOf('u@d')).toEqual(['u', 'd', '', 'u@d']);
      expect(partsOf('d/r')).toEqual(['', 'd', 'r', 'd/r']);
      expect(partsOf('u@d/r@s')).toEqual(['u', 'd', 'r@s', 'u@d/r@s']);
      expect(partsOf('u@d/r/s')).toEqual(['u', 'd', 'r/s', 'u@d/r/s']);
      expect(partsOf('\u00f6ko.de')[1]).toBe('\u00f6ko.de');
      expect(partsOf('f u@d')[3]).toBe(String.raw`f\20u@d`);
    });

    test('it can be called with one argument, with parts, and with new', () => {
      expect(face.JID).toBe(JID);
      expect(String(jid('foo@bar'))).toBe('foo@bar');
      expect(String(face('foo', 'bar', 'baz'))).toBe('foo@bar/baz');
      const Constructor = face as unknown as new (...parts: string[]) => xmppJid.JID;
      const made = new Constructor('foo', 'bar', 'baz');
      expect([made instanceof JID, String(made), made.toString()]).toEqual([
        true,
        'foo@bar/baz',
        'foo@bar/baz',
      ]);
    });
  });

  test('what cannot hold stands on the page', () => {
    // Their suite keeps U+001A in a localpart.
    expect(originalJid.jid('test\u001a@example.com').local).toBe('test\u001a');
    expect(() => xmppJid.jid('test\u001a@example.com')).toThrow(
      expect.objectContaining({ part: 'local' }),
    );
    expect(pageOf('xmpp-jid')).toContain('control characters');
  });
});
