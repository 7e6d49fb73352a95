/*
 * What the trace shows of a stream: all of it but what is secret, wherever its bytes are cut.
 */
import { describe, expect, test } from 'vitest';
import { connect } from 'tercet/client';
import type { ConnectOptions, TraceEntry, Transport } from 'tercet/client';
import { createServer, MemoryAccounts } from 'tercet/server';
import { tcpFraming } from 'tercet/transport';
import { Line } from './line.js';
import { Mask } from '../../dist/bindings/client/mask.js';

const encoder = new TextEncoder();

/** What is shown of a text that comes so many bytes at a time. */
function shownOf(text: string, size = Infinity): string {
  const mask = new Mask();
  const bytes = encoder.encode(text);
  let shown = '';
  for (let start = 0; start < bytes.length; start += size) {
    shown += mask.push(bytes.subarray(start, start + size));
  }
  return shown;
}

const header =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' " +
  "xmlns:stream='http://etherx.jabber.org/streams' from='localhost' id='a>b' version='1.0'>";

describe('hidden is', () => {
  test.each<[string, string, string]>([
    [
      'a challenge',
      '<challenge xmlns="urn:x">c2VjcmV0</challenge>',
      '<challenge xmlns="urn:x">***</challenge>',
    ],
    [
      'the text of a success, not its elements',
      "<s:success xmlns:s='urn:xmpp:sasl:2'>dj0x<additional-data>eA==</additional-data>" +
        "<authorization-identifier>juliet@localhost</authorization-identifier><a b='c'>d</a></s:success>",
      "<s:success xmlns:s='urn:xmpp:sasl:2'>***<additional-data>***</additional-data>" +
        "<authorization-identifier>juliet@localhost</authorization-identifier><a b='c'>***</a></s:success>",
    ],
    [
      'what stands in a section of CDATA',
      '<password><![CDATA[a<b>]]c]]>d</password><b><![CDATA[<i>]]]></b>',
      '<password>***</password><b><![CDATA[<i>]]]></b>',
    ],
    [
      'what stands beside and inside other elements',
      "<auth mechanism='PLAIN'>AAA<x y='BBB'/>CCC<auth>DDD</auth>EEE</auth>and so on",
      "<auth mechanism='PLAIN'>***</auth>and so on",
    ],
    ['nothing of an empty element', '<response/>text<a b="c>d"/>', '<response/>text<a b="c>d"/>'],
    [
      'the token of an element',
      "<token xmlns='urn:xmpp:fast:0' token='abc' expiry='now'/>",
      "<token xmlns='urn:xmpp:fast:0' token='***' expiry='now'/>",
    ],
    [
      'an attribute with a prefix',
      "<a xmlns:x='urn:x' x:token='abc' x:pass='d'/>",
      "<a xmlns:x='urn:x' x:token='***' x:pass='d'/>",
    ],
    [
      'an attribute that stands close to the one before it',
      `<a b='c'token="abc"d='e'/>`,
      `<a b='c'token="***"d='e'/>`,
    ],
    [
      'an attribute with spaces around its sign',
      "<a token \n=\t 'abc' b='c'/>",
      "<a token \n=\t '***' b='c'/>",
    ],
    [
      'the password of a room and of an invitation (XEP-0045, XEP-0249)',
      "<x xmlns='http://jabber.org/protocol/muc'><password>cauldron</password></x>" +
        "<x xmlns='jabber:x:conference' jid='a@b' password='cauldron'/>",
      "<x xmlns='http://jabber.org/protocol/muc'><password>***</password></x>" +
        "<x xmlns='jabber:x:conference' jid='a@b' password='***'/>",
    ],
    [
      'what is registered, and logs in as of old (XEP-0077, XEP-0078, XEP-0114)',
      '<query xmlns="jabber:iq:auth"><username>bill</username><digest>48fc</digest></query>' +
        '<r:password xmlns:r="jabber:iq:register">s3</r:password><handshake>aaee</handshake >',
      '<query xmlns="jabber:iq:auth"><username>bill</username><digest>***</digest></query>' +
        '<r:password xmlns:r="jabber:iq:register">***</r:password><handshake>***</handshake >',
    ],
    [
      'fields of forms that sound like it (XEP-0004)',
      "<field var='user'><value>bill</value></field><field type='text-private' var='x'>" +
        "<value>one</value></field><field var = 'Password-Verify'><value>two</value><value>three" +
        "</value></field><field var='muc#roomconfig_roomsecret' type='text-single'><value>four</value></field>",
      "<field var='user'><value>bill</value></field><field type='text-private' var='x'>" +
        "***</field><field var = 'Password-Verify'>***</field>" +
        "<field var='muc#roomconfig_roomsecret' type='text-single'>***</field>",
    ],
    [
      'a field whose name is not plain to see',
      `<field var='&#112;assword'><value>one</value></field><field var='${'x'.repeat(300)}password'>` +
        '<value>two</value></field>',
      `<field var='&#112;assword'>***</field><field var='${'x'.repeat(300)}password'>***</field>`,
    ],
    [
      'headers for an upload (XEP-0363)',
      "<header name='Authorization'>Basic Og==</header><header name='Expires'>now</header>",
      "<header name='Authorization'>***</header><header name='Expires'>now</header>",
    ],
  ])('%s', (_name, text, shown) => {
    for (const size of [1, 2, 3, 5, 7, 11, Infinity]) {
      expect(shownOf(`${header}<f>é \u{1f339}${text}</f>`, size)).toBe(
        `${header}<f>é \u{1f339}${shown}</f>`,
      );
    }
  });

  test.each([
    ['an end that does not match', '<a/><auth>one</b>two</auth>', '<a/><auth>***'],
    ['an end inside that does not', '<auth><b>one</auth>two</b>', '<auth>***'],
    ['a value without quotes', '<a token=one>two</a>', '<a token=***'],
    ['a tag in a value', "<a b='c<auth>one</auth>", "<a b='c***"],
    ['a comment', '<a/><!-- <b> --><auth>one</auth>', '<a/>***'],
    ['a document type', "<!DOCTYPE a [<!ENTITY b 'one'>]><a>&b;</a>", '***'],
    ['another instruction', '<?php one ?>', '***'],
    ['an attribute without a value', '<a token >one</a>', '<a token ***'],
    ['no name', '< auth>one</auth>', '***'],
    ['a name out of bounds', `<${'a'.repeat(300)}auth>one</a>`, `<${'a'.repeat(256)}***`],
    [
      'too much inside',
      `<password>${'<a>'.repeat(300)}one${'</a>'.repeat(300)}</password>two`,
      '<password>***',
    ],
  ])('all that comes after %s', (_name, text, shown) => {
    for (const size of [1, 2, 3, Infinity]) expect(shownOf(text, size)).toBe(shown);
  });
});

const session =
  `${header}<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>` +
  "<mechanism>SCRAM-SHA-1</mechanism></mechanisms></stream:features><challenge xmlns='urn:x'>c2VjcmV0" +
  "c2VjcmV0</challenge><s:success xmlns:s='urn:xmpp:sasl:2'><s:additional-data>dj1zZWNyZXQ=" +
  "</s:additional-data><token xmlns='urn:xmpp:fast:0' token=\"hunter2\"/></s:success><iq id='1'><x " +
  "xmlns='jabber:x:data'><field type='text-private' var='p'><value>hunter2</value></field><field " +
  'var="new-pass&#119;ord"><value><![CDATA[hunter2]]></value></field><field var=\'nick\'>' +
  '<value>Rosalinde ♥ \u{1f339}</value></field></x></iq><message><body>a < b is &lt;, not >' +
  '</body></message></stream:stream>';

describe('what is shown does not depend on where the bytes are cut:', () => {
  const text = session.replace('a < b is ', '');
  const whole = shownOf(text);

  test('no secret is in it, and all else is', () => {
    expect(whole).not.toMatch(/c2Vjcm|dj1zZW|hunter2/);
    expect(whole).toContain('<value>Rosalinde ♥ \u{1f339}</value>');
    expect(whole).toContain('<body>&lt;, not ></body></message></stream:stream>');
    expect(whole.match(/\*\*\*/g)).toHaveLength(5);
  });

  test('in two, at each place', () => {
    const bytes = encoder.encode(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const mask = new Mask();
      expect(mask.push(bytes.subarray(0, cut)) + mask.push(bytes.subarray(cut))).toBe(whole);
    }
  });

  test('in pieces of one size', () => {
    for (const size of [1, 2, 3, 4, 5, 13]) expect(shownOf(text, size)).toBe(whole);
  });

  test('nor does what is shown of a broken one', () => {
    const broken = shownOf(session);
    expect(broken).toMatch(/<body>a \*\*\*$/);
    for (const size of [1, 2, 3, 4, 5, 13]) expect(shownOf(session, size)).toBe(broken);
  });
});

test.each([
  ['a value', (piece: string) => `<a b='${piece}`],
  ['a value that says what an element is', (piece: string) => `<field var='${piece}`],
  ['a text', (piece: string) => `<a>${piece}`],
  ['a secret', (piece: string) => `<auth>${piece}`],
  ['a section', (piece: string) => `<a><![CDATA[${piece}`],
  ['a tag', (piece: string) => `<a ${" b='c'".repeat(piece.length / 6)}`],
])('%s without an end costs as much at its end as at its beginning', (_name, open) => {
  const mask = new Mask();
  const piece = encoder.encode('x'.repeat(50));
  const start = performance.now();
  mask.push(encoder.encode(open('x'.repeat(2_000_000))));
  for (let count = 0; count < 20_000; count++) mask.push(piece);
  // Quadratic: minutes.
  expect(performance.now() - start).toBeLessThan(5000);
});

/** A server that says these things, and then is gone. */
async function traced(text: string, size: number): Promise<string> {
  const entries: TraceEntry[] = [];
  const transport: Transport = {
    schemes: ['xmpp:'],
    framing: tcpFraming,
    discover: () => Promise.resolve(['xmpp://localhost']),
    open: (_endpoint, events) => {
      const bytes = encoder.encode(text);
      setTimeout(() => {
        for (let start = 0; start < bytes.length; start += size) {
          events.receive(bytes.subarray(start, start + size));
        }
        events.disconnected();
      });
      const nothing = (): void => undefined;
      return Promise.resolve({
        ...{ isEncrypted: true, bufferedBytes: 0 },
        ...{ write: nothing, close: nothing, destroy: nothing },
      });
    },
  };
  const trace = (entry: TraceEntry): void => void entries.push(entry);
  const options = { jid: 'juliet@localhost', password: 'balcony', transports: [transport], trace };
  await expect(connect(options)).rejects.toThrow();
  return entries
    .flatMap(({ direction, text: shown }) => (direction === 'in' ? shown : []))
    .join('');
}

test('the hook is told of it as it comes', async () => {
  const text = `${header}<f><password>one</password>two</f>`;
  const shown = `${header}<f><password>***</password>two</f>`;
  for (const size of [1, 7, 1000]) expect(await traced(text, size)).toBe(shown);
});

test.each<[string, ConnectOptions['mechanisms'], string]>([
  ['SASL2 and Bind 2', undefined, 'juliet@localhost'],
  ['SASL2 and PLAIN', ['PLAIN'], 'juliet@localhost'],
  ['SASL2 and a resource', ['SCRAM-SHA-1'], 'juliet@localhost/balcony'],
])('a whole session with %s shows no proof', async (_name, mechanisms, jid) => {
  const accounts = new MemoryAccounts({ iterationCount: 4096 });
  await accounts.set('juliet', 'localhost', 'a pass phrase');
  const transports = [new Line(createServer({ domain: 'localhost', accounts }))];
  let shown = '';
  const client = await connect({
    ...{ jid, password: 'a pass phrase', transports },
    ...(mechanisms && { mechanisms }),
    trace: ({ text }) => void (shown += text),
  });
  await client.close();
  expect(shown).toContain('urn:xmpp:sasl:2');
  expect(shown).toContain('<authorization-identifier>juliet@localhost');
  // Whatever is base64: messages of SCRAM and PLAIN.
  const decoded = (shown.match(/[A-Za-z0-9+/]{8,}={0,2}/g) ?? []).map((text) =>
    Buffer.from(text, 'base64').toString(),
  );
  expect(`${shown}${decoded.join(' ')}`).not.toMatch(/pass phrase|[rspv]=[A-Za-z0-9+/]/);
});
