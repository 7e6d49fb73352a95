/*
 * The client's side of a stream. First against the server's side of this package, in memory; then against
 * what servers should not say, written out.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { UsageError, xml } from 'tercet';
import { ClientStream } from 'tercet/protocol';
import type { ChannelBinding, ClientStreamOptions, StreamEffect } from 'tercet/protocol';
import { tcpFraming, webSocketFraming } from 'tercet/transport';
import { Pair, sessions } from './pair.js';
import type { PairOptions } from './pair.js';

const exporter: ChannelBinding = { type: 'tls-exporter', data: new Uint8Array(32).fill(7) };
const message = xml(
  'message',
  { xmlns: 'jabber:client', to: 'romeo@localhost' },
  xml('body', {}, 'Hi'),
);

const paths: [string, PairOptions][] = [
  ['STARTTLS, SASL2 and Bind 2', {}],
  ['STARTTLS and the SASL of RFC 6120', { client: { hasSasl2: false } }],
  ['a server that has no SASL2', { server: { hasSasl2: false } }],
  ['direct TLS', { client: { isEncrypted: true }, server: { isEncrypted: true } }],
  ['PLAIN alone', { client: { mechanisms: ['PLAIN'] } }],
  ['SCRAM-SHA-1 alone', { client: { mechanisms: ['SCRAM-SHA-1'] } }],
  ['in clear', { client: { tls: 'never' }, server: { tls: 'none' } }],
  ['a server without stream management', { server: { management: undefined } }],
  [
    'WebSocket',
    {
      client: { framing: webSocketFraming, isEncrypted: true },
      server: { framing: webSocketFraming, isEncrypted: true },
    },
  ],
  [
    'WebSocket and the SASL of RFC 6120',
    {
      client: { framing: webSocketFraming, isEncrypted: true, hasSasl2: false },
      server: { framing: webSocketFraming, isEncrypted: true },
    },
  ],
];

beforeEach(() => sessions.clear());

const endOf = (effects: readonly StreamEffect[]) =>
  effects.flatMap((effect) => (effect.type === 'ended' ? [effect.reason] : []));

describe('the way in', () => {
  test.each(paths)('over %s', async (_name, options) => {
    const pair = await new Pair(options).start();
    expect(endOf(pair.atClient)).toEqual([]);
    expect(pair.of('ready')).toHaveLength(1);
    expect(pair.client.jid).toMatch(/^juliet@localhost\/balcony/);
    expect(pair.server.isBound).toBe(true);
    pair.takeClient(pair.client.write(message, 0));
    await pair.settle();
    expect(pair.ofServer('stanza').map(({ stanza }) => stanza.child('body')?.text)).toEqual(['Hi']);
    pair.takeClient(pair.client.close(undefined, 0));
    await pair.settle();
    expect(endOf(pair.atClient)).toEqual([{ kind: 'closed' }]);
    expect(endOf(pair.atServer)).toEqual([{ kind: 'closed' }]);
    expect(pair.atClient.at(-1)).toEqual({ type: 'close' });
    expect(pair.atServer.at(-1)).toEqual({ type: 'close' });
  });

  test.each(paths)('byte by byte over %s', async (_name, options) => {
    const pair = await new Pair({ ...options, pieceLength: 1 }).start();
    expect(pair.of('ready')).toHaveLength(1);
  });

  test('nothing secret and no name goes out before TLS', async () => {
    const pair = await new Pair().start();
    const clear = pair.said.slice(0, pair.said.indexOf('<starttls'));
    expect(clear).not.toContain('juliet');
    expect(pair.said).toContain('from="juliet@localhost"');
    expect(pair.said).not.toContain('balcony</password>');
  });

  test('takes the strongest mechanism that both have', async () => {
    const tls = { channelBindings: [exporter] };
    const pair = await new Pair({ clientTls: tls, serverTls: tls }).start();
    expect(pair.client.mechanism).toBe('SCRAM-SHA-256-PLUS');
    expect(pair.of('ready')).toHaveLength(1);
    const without = await new Pair({ serverTls: tls }).start();
    expect(without.client.mechanism).toBe('SCRAM-SHA-256');
    expect(without.of('ready')).toHaveLength(1);
  });

  test.each(['ANONYMOUS', 'EXTERNAL'] as const)('with %s needs no password', async (mechanism) => {
    const pair = await new Pair({
      client: { mechanisms: [mechanism] },
      server: { mechanisms: [mechanism] },
      serverTls: { isPeerCertified: true },
    }).start();
    expect(pair.of('proof')).toEqual([]);
    expect(pair.of('ready')).toHaveLength(1);
  });

  test('asks once more without a resource that is taken', async () => {
    const pair = new Pair({ client: { hasSasl2: false } });
    pair.bind = [
      { kind: 'refused', condition: 'conflict' },
      { kind: 'bound', resource: 'other' },
    ];
    await pair.start();
    expect(pair.client.jid).toBe('juliet@localhost/other');
    expect(pair.ofServer('bind').map(({ resource }) => resource)).toEqual(['balcony', undefined]);
  });

  test('installs itself under a name of its own with SASL2', async () => {
    const pair = await new Pair({ client: { clientId: 'd4565fa7' } }).start();
    expect(pair.client.jid).toBe('juliet@localhost/balcony.d4565fa7');
  });
});

describe('no way in', () => {
  const failed = (step: string, condition: string, hasClassicSasl = false) => [
    { kind: 'failed', step, condition, hasClassicSasl },
  ];

  test.each([true, false])('with a wrong password (SASL2: %s)', async (hasSasl2) => {
    const pair = await new Pair({ client: { hasSasl2 }, password: 'orchard' }).start();
    expect(endOf(pair.atClient)).toEqual(failed('authentication', 'not-authorized'));
    expect(pair.of('proof')).toHaveLength(1);
    expect(pair.atClient.at(-1)).toEqual({ type: 'close' });
  });

  test('where TLS is taken out of the offer', async () => {
    const pair = await new Pair({ server: { tls: 'none' } }).start();
    expect(endOf(pair.atClient)).toEqual(failed('tls', 'unsupported-feature'));
    expect(pair.said).not.toContain('auth');
  });

  test('where PLAIN is all there is, in clear', async () => {
    const pair = await new Pair({
      client: { tls: 'never' },
      server: { tls: 'none', mechanisms: ['PLAIN'] },
    }).start();
    expect(endOf(pair.atClient)).toEqual(failed('authentication', 'invalid-mechanism'));
  });

  test('where channel binding is taken out of the offer', async () => {
    const tls = { channelBindings: [exporter] };
    const pair = await new Pair({
      clientTls: tls,
      serverTls: tls,
      tamper: (text) => text.replaceAll(/<mechanism>[A-Z0-9-]+-PLUS<\/mechanism>/g, ''),
    }).start();
    expect(endOf(pair.atClient)).toEqual(failed('authentication', 'not-authorized'));
  });

  test('where the channel is another one at the other end', async () => {
    const pair = await new Pair({
      clientTls: { channelBindings: [exporter] },
      serverTls: { channelBindings: [{ ...exporter, data: new Uint8Array(32) }] },
    }).start();
    expect(endOf(pair.atClient)).toEqual(failed('authentication', 'not-authorized'));
    expect(pair.client.mechanism).toBe('SCRAM-SHA-256-PLUS');
  });

  test('where the server does not know the password either', async () => {
    const pair = await new Pair({
      tamper: (text) => text.replace(/(<additional-data>)[^<]*/, `$1${btoa('v=cm9tZW8=')}`),
    }).start();
    expect(endOf(pair.atClient)).toEqual(failed('authentication', 'server-not-authenticated'));
    expect(pair.of('ready')).toEqual([]);
  });

  test('where a success comes before its time', async () => {
    const pair = await new Pair({
      client: { hasSasl2: false },
      tamper: (text) =>
        text.replace(
          /<challenge .*<\/challenge>/,
          '<success xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/>',
        ),
    }).start();
    expect(endOf(pair.atClient)).toEqual(failed('authentication', 'server-not-authenticated'));
  });

  test('where a better mechanism is refused so that a worse one is taken', async () => {
    const refuse = (text: string): string =>
      text.replace(
        /<challenge .*<\/challenge>/,
        '<failure xmlns="urn:xmpp:sasl:2"><invalid-mechanism xmlns="urn:ietf:params:xml:ns:xmpp-sasl"/></failure>',
      );
    const pair = await new Pair({ tamper: refuse }).start();
    expect(pair.said).toContain('SCRAM-SHA-1');
    expect(pair.said).not.toContain('PLAIN');
    // Another stream may do without SASL2; whether it should is the host's to say.
    expect(endOf(pair.atClient)).toEqual(failed('authentication', 'aborted', true));
  });

  test('where no resource is left', async () => {
    const pair = new Pair({ client: { hasSasl2: false } });
    pair.bind = [{ kind: 'refused', condition: 'resource-constraint' }];
    await pair.start();
    expect(endOf(pair.atClient)).toEqual(failed('binding', 'resource-constraint'));
  });

  test('where the server is too slow', () => {
    const client = new ClientStream({ ...options, negotiationMs: 100 });
    client.open(0);
    expect(endOf(client.tick(100))).toEqual([
      expect.objectContaining({ kind: 'error', condition: 'connection-timeout' }),
    ]);
  });
});

describe('stream management', () => {
  const managed = { client: { management: {} } };

  test.each([true, false])('is enabled where both have it (SASL2: %s)', async (hasSasl2) => {
    const pair = await new Pair({ client: { management: {}, hasSasl2 } }).start();
    expect(pair.client.management?.id).toBe('session-1');
    expect(pair.client.management?.maxSeconds).toBe(300);
    expect(pair.of('ready')).toHaveLength(1);
    for (let count = 1; count <= 8; count++) pair.takeClient(pair.client.write(message, 0, count));
    await pair.settle();
    expect(pair.of('acked').flatMap(({ stanzas }) => stanzas.map(({ tag }) => tag))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ]);
  });

  test.each([true, false])('goes on after a loss (SASL2: %s)', async (hasSasl2) => {
    const first = await new Pair(managed).start();
    first.takeClient(first.client.write(message, 0, 1));
    await first.settle();
    const lost = first.client.write(message, 0, 2);
    const delivered = new TextEncoder().encode('<message id="late"/>');
    first.server.sent(delivered);
    first.cut();
    expect(lost).toHaveLength(1);
    expect(first.of('ended')).toEqual([expect.objectContaining({ isResumable: true })]);
    const { management } = first.client;
    if (!management || !first.server.management) throw new Error('there is no session');
    sessions.set(management.id, first.server.management);

    const resume = { management, jid: first.client.jid };
    const second = await new Pair({ client: { management: {}, hasSasl2, resume } }).start();
    expect(second.of('ready')).toEqual([{ type: 'ready', jid: first.client.jid, isResumed: true }]);
    expect(second.of('acked').flatMap(({ stanzas }) => stanzas.map(({ tag }) => tag))).toEqual([1]);
    expect(second.ofServer('stanza')).toHaveLength(1);
    expect(second.of('stanza').map(({ stanza }) => stanza.attr('id'))).toEqual(['late']);
    expect(second.ofServer('bind')).toEqual([]);
  });

  test.each([true, false])(
    'starts over where the session is gone (SASL2: %s)',
    async (hasSasl2) => {
      const first = await new Pair(managed).start();
      const { management, jid } = first.client;
      if (!management) throw new Error('there is no session');
      const second = await new Pair({
        client: { management: {}, hasSasl2, resume: { management, jid } },
      }).start();
      expect(second.of('ready')).toEqual([expect.objectContaining({ isResumed: false })]);
      expect(second.client.management).not.toBe(management);
      expect(second.said.match(/<resume /g)).toHaveLength(1);
    },
  );
});

describe('a session', () => {
  test('answers pings by itself', async () => {
    const pair = await new Pair({ server: { liveness: { pingMs: 100, timeoutMs: 50 } } }).start();
    pair.now = 100;
    pair.takeServer(pair.server.tick(100));
    await pair.settle();
    expect(pair.heard).toContain('<ping xmlns="urn:xmpp:ping"/>');
    expect(pair.of('stanza')).toEqual([]);
    pair.takeServer(pair.server.tick(150));
    expect(endOf(pair.atServer)).toEqual([]);
  });

  test('asks a silent server', async () => {
    const pair = await new Pair({ client: { liveness: { pingMs: 100, timeoutMs: 50 } } }).start();
    expect(pair.client.tick(100).map(({ type }) => type)).toContain('send');
    expect(endOf(pair.client.tick(150))).toEqual([
      expect.objectContaining({ condition: 'connection-timeout' }),
    ]);
  });

  test.each([
    ['over TCP', {}, 'b.example:5222'],
    [
      'over WebSocket',
      {
        client: { framing: webSocketFraming, isEncrypted: true },
        server: { framing: webSocketFraming, isEncrypted: true },
      },
      'wss://b.example/xmpp',
    ],
  ])('is told where else to go %s', async (_name, setting, elsewhere) => {
    const pair = await new Pair(setting).start();
    pair.takeServer(pair.server.close({ elsewhere }, 0));
    await pair.settle();
    expect(endOf(pair.atClient)).toEqual([
      { kind: 'peer-error', condition: 'see-other-host', elsewhere },
    ]);
  });

  test('cannot send before it begins', () => {
    const client = new ClientStream(options);
    client.open(0);
    expect(() => client.write(message, 0)).toThrow(UsageError);
  });
});

const options: ClientStreamOptions = {
  framing: tcpFraming,
  domain: 'localhost',
  username: 'juliet',
  random: (count) => new Uint8Array(count).fill(1),
};

describe('a server that speaks out of order', () => {
  const streams = "xmlns:stream='http://etherx.jabber.org/streams'";
  const header = (attributes: string) =>
    `<stream:stream xmlns='jabber:client' ${streams} ${attributes}>`;
  const hello = header("from='localhost' id='1' version='1.0'");
  const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
  const features = `<stream:features>${starttls}</stream:features>`;
  const proceed = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

  function hear(...texts: string[]): StreamEffect[] {
    const client = new ClientStream(options);
    const effects = client.open(0);
    for (const text of texts) effects.push(...client.receive(new TextEncoder().encode(text), 0));
    return effects;
  }

  test.each([
    [
      'another stream namespace',
      ["<stream:stream xmlns='jabber:client' xmlns:stream='x' version='1.0'>"],
      'invalid-namespace',
    ],
    [
      'another prefix',
      [`<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams' version='1.0'>`],
      'bad-namespace-prefix',
    ],
    [
      'another content namespace',
      [`<stream:stream xmlns='jabber:server' ${streams} version='1.0'>`],
      'invalid-namespace',
    ],
    ['no version', [header("from='localhost'")], 'unsupported-version'],
    ['another name', [header("from='example.com' version='1.0'")], 'invalid-from'],
    ['a stanza before authentication', [hello, '<message/>'], 'not-authorized'],
    [
      'a success that nobody asked for',
      [hello, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"],
      'unsupported-stanza-type',
    ],
    ['proceed that nobody asked for', [hello, proceed], 'unsupported-stanza-type'],
    ['a comment', [hello, '<!-- -->'], 'restricted-xml'],
    ['text', ['HTTP/1.1 400 Bad Request'], 'not-well-formed'],
    ['a stanza behind <proceed/>', [hello, features, `${proceed}<message/>`], 'policy-violation'],
    [
      'features behind <proceed/>',
      [hello, features, `${proceed}${hello}${features}`],
      'policy-violation',
    ],
  ])('%s ends the stream', (_name, texts, condition) => {
    const effects = hear(...texts);
    expect(endOf(effects)).toEqual([expect.objectContaining({ kind: 'error', condition })]);
    expect(effects.some(({ type }) => type === 'upgradeTls' || type === 'stanza')).toBe(false);
  });

  test('a refusal of TLS is no way in', () => {
    const effects = hear(hello, features, "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    expect(endOf(effects)).toEqual([expect.objectContaining({ step: 'tls' })]);
  });

  test('bytes in clear after <proceed/> end it without a word', () => {
    const client = new ClientStream(options);
    client.open(0);
    const encode = (text: string) => new TextEncoder().encode(text);
    client.receive(encode(hello + features), 0);
    expect(client.receive(encode(proceed), 0)).toEqual([{ type: 'upgradeTls' }]);
    const effects = client.receive(encode(features), 0);
    expect(effects.some(({ type }) => type === 'send')).toBe(false);
    expect(endOf(effects)).toEqual([expect.objectContaining({ condition: 'policy-violation' })]);
  });

  test('a stream error is told as it came', () => {
    const error =
      "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    expect(endOf(hear(hello, error))).toEqual([{ kind: 'peer-error', condition: 'host-unknown' }]);
  });
});
