/*
 * Input that no client should send, over sockets, to a server that serves others meanwhile: each is answered with
 * the stream error that RFC 6120 asks for, said once, before the server closes the stream and the connection. The
 * other client notices nothing, and nothing is logged as a fault.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tcpHeader } from '../protocol/host.js';
import { Wire, soon, stage } from './hostile-wire.js';
import type { Stage } from './hostile-wire.js';

let theStage: Stage;
let witness: Wire;
let ticking: ReturnType<typeof setInterval>;

beforeAll(async () => {
  // None of these clients closes its stream, so each is waited for: not for two seconds, looked at four times a second.
  theStage = await stage({ closeMs: 20 });
  ticking = setInterval(() => theStage.server.tick(), 10);
  witness = await Wire.bound(theStage.port, 'romeo');
});

afterEach(async () => {
  await witness.pings();
  await soon(() => expect(theStage.server.connectionCount).toBe(1));
  expect(theStage.log.filter(({ level }) => level === 'error')).toEqual([]);
});

afterAll(async () => {
  expect(witness.text).not.toContain('stream:error');
  witness.end();
  clearInterval(ticking);
  await theStage.close();
});

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

type Case = readonly [name: string, input: string | Uint8Array, condition: string];

/** Wherever elements of the first level can be. */
const anywhere: readonly Case[] = [
  ['a comment', '<!-- hello -->', 'restricted-xml'],
  ['a comment inside a stanza', '<message><!-- hello --></message>', 'restricted-xml'],
  ['a processing instruction', '<?php echo 1 ?>', 'restricted-xml'],
  ['a document type', '<!DOCTYPE message [<!ENTITY a "aaaa">]>', 'restricted-xml'],
  ['an entity that nobody declared', '<message><body>&foo;</body></message>', 'restricted-xml'],
  ['a reference to a control character', '<message><body>&#1;</body></message>', 'not-well-formed'],
  ['a reference beyond Unicode', '<message><body>&#x110000;</body></message>', 'not-well-formed'],
  ['a control character', '<message><body>\u0001</body></message>', 'not-well-formed'],
  ['an attribute twice', "<message id='1' id='2'/>", 'not-well-formed'],
  [
    'an attribute twice by two prefixes',
    "<message xmlns:a='urn:x' xmlns:b='urn:x' a:c='1' b:c='2'/>",
    'not-well-formed',
  ],
  ['a prefix that nobody bound', '<message><a:b/></message>', 'not-well-formed'],
  ['a prefix that is unbound', "<message xmlns:a=''/>", 'not-well-formed'],
  ['the wrong end tag', '<message><body></message></body>', 'not-well-formed'],
  [']]> in text', '<message><body>a ]]> b</body></message>', 'not-well-formed'],
  ['a < in a value', "<message id='<'/>", 'not-well-formed'],
  ['a value without quotes', '<message id=1/>', 'not-well-formed'],
  ['text between stanzas', 'hello', 'bad-format'],
  [
    'bytes that are no UTF-8',
    bytes('<message><body>', [0xff], '</body></message>'),
    'unsupported-encoding',
  ],
  [
    'an overlong slash',
    bytes('<message><body>', [0xc0, 0xaf], '</body></message>'),
    'unsupported-encoding',
  ],
  [
    'a surrogate',
    bytes('<message><body>', [0xed, 0xa0, 0x80], '</body></message>'),
    'unsupported-encoding',
  ],
  ['20,000 levels', '<message>'.repeat(20_000), 'policy-violation'],
  [
    '5,000 attributes',
    `<message ${Array.from({ length: 5000 }, (_, index) => `a${index}=''`).join(' ')}/>`,
    'policy-violation',
  ],
  ['300 kB of an attribute', `<message id='${'x'.repeat(300_000)}`, 'policy-violation'],
  ['300 kB of a name', `<${'x'.repeat(300_000)}`, 'policy-violation'],
  ['300 kB of text', `<message><body>${'x'.repeat(300_000)}`, 'policy-violation'],
  ['300 kB of CDATA', `<message><body><![CDATA[${'x'.repeat(300_000)}`, 'policy-violation'],
  ['300 kB of white space in a tag', `<message ${' '.repeat(300_000)}`, 'policy-violation'],
  [
    '300 namespaces',
    `<message ${Array.from({ length: 300 }, (_, index) => `xmlns:a${index}='urn:a'`).join(' ')}/>`,
    'policy-violation',
  ],
  ['an element of no kind', "<ping xmlns='urn:example:none'/>", 'unsupported-stanza-type'],
  ['features of its own', '<stream:features/>', 'unsupported-stanza-type'],
];

describe('before authentication', () => {
  test.each(anywhere)('%s', async (_name, input, condition) => {
    const wire = await Wire.open(theStage.port);
    wire.say(tcpHeader);
    await wire.hears('</stream:features>');
    wire.say(input);
    await wire.endsWith(condition);
  });

  test.each<Case>([
    ['a message', "<message to='romeo@localhost'><body>now</body></message>", 'not-authorized'],
    ['presence', '<presence/>', 'not-authorized'],
    ['a request', "<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>", 'not-authorized'],
    [
      'a resource',
      "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
      'not-authorized',
    ],
    ['11 kB of a stanza', `<message><body>${'x'.repeat(11_000)}`, 'policy-violation'],
    ['40 levels', '<message>'.repeat(40), 'policy-violation'],
  ])('%s', async (_name, input, condition) => {
    const wire = await Wire.open(theStage.port);
    wire.say(tcpHeader).say(input);
    await wire.endsWith(condition);
    expect(witness.text).not.toContain('<message');
  });
});

describe('in place of a stream header', () => {
  const withHeader = (from: string, to: string): string => tcpHeader.replace(from, to);
  const declaration = "<?xml version='1.0'?>";

  test.each<Case>([
    [
      'another namespace of streams',
      withHeader('etherx.jabber.org', 'example.com'),
      'invalid-namespace',
    ],
    [
      'another prefix',
      withHeader('<stream:stream', '<s:stream').replace('xmlns:stream', 'xmlns:s'),
      'bad-namespace-prefix',
    ],
    [
      'another namespace of stanzas',
      withHeader('jabber:client', 'jabber:nobody'),
      'invalid-namespace',
    ],
    [
      'an encoding that is not UTF-8',
      withHeader("'1.0'?", "'1.0' encoding='ISO-8859-1'?"),
      'unsupported-encoding',
    ],
    ['UTF-16', Buffer.from(`\ufeff${tcpHeader}`, 'utf16le'), 'unsupported-encoding'],
    ['a byte order mark', `\ufeff${tcpHeader}`, 'not-well-formed'],
    ['XML 1.1', withHeader("'1.0'?", "'1.1'?"), 'not-well-formed'],
    ['a document type', `${declaration}<!DOCTYPE a>`, 'restricted-xml'],
    ['a comment', '<!-- -->', 'restricted-xml'],
    ['another host', withHeader('localhost', 'example.com'), 'host-unknown'],
    ['a host that is no domain', withHeader('localhost', 'a@b'), 'host-unknown'],
    ['HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'not-well-formed'],
    ['TLS', bytes([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), 'not-well-formed'],
    ['a header without end', `<stream:stream to='${'x'.repeat(20_000)}`, 'policy-violation'],
    ['300 attributes', `<stream:stream ${"a='1' ".repeat(300)}`, 'policy-violation'],
  ])('%s', async (_name, input, condition) => {
    const wire = await Wire.open(theStage.port);
    wire.say(input);
    await wire.endsWith(condition);
    expect(wire.text.match(/<stream:stream /g)).toHaveLength(1);
  });
});

describe('with a session', () => {
  test.each(anywhere)('%s', async (_name, input, condition) => {
    const wire = await Wire.bound(theStage.port);
    wire.say(input);
    await wire.endsWith(condition);
  });

  test.each<Case>([
    ['a second header', tcpHeader, 'restricted-xml'],
    [
      'a second header without a declaration',
      `${tcpHeader.replace(/^<\?.*?\?>/, '')}</stream:stream>`,
      'unsupported-stanza-type',
    ],
    [
      'authentication again',
      "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AA==</auth>",
      'unsupported-stanza-type',
    ],
    ['STARTTLS', "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", 'unsupported-stanza-type'],
    ["a server's stanza", "<message xmlns='jabber:server'/>", 'unsupported-stanza-type'],
    [
      'an element that begins like a stanza',
      "<mood xmlns='urn:example:none'/>",
      'unsupported-stanza-type',
    ],
    ['70,000 children', `<message>${'<a/>'.repeat(70_000)}`, 'policy-violation'],
  ])('%s', async (_name, input, condition) => {
    const wire = await Wire.bound(theStage.port);
    wire.say(input);
    await wire.endsWith(condition);
  });

  test('what comes behind the fault in the same packet is not acted on', async () => {
    const wire = await Wire.bound(theStage.port);
    const message = "<message to='romeo@localhost/balcony'><body>behind</body></message>";
    wire.say(
      `<message to='romeo@localhost/balcony'><body>before</body></message><!-- -->${message}`,
    );
    await wire.endsWith('restricted-xml');
    await witness.hears('before');
    await witness.pings();
    expect(witness.text).not.toContain('behind');
  });

  test('a stanza is from whom it came, whatever it says', async () => {
    const wire = await Wire.bound(theStage.port);
    wire.say(
      "<message from='admin@localhost/root' to='romeo@localhost/balcony'><body>trust me</body></message>",
    );
    await witness.hears('trust me');
    expect(witness.text).not.toContain('admin@localhost');
    wire.end();
  });
});
