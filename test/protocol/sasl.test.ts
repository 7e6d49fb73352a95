/*
 * What a server offers and takes besides passwords: channel binding, guests, certificates. The examples of
 * SCRAM itself are in scram.test.ts.
 */
import { describe, expect, test } from 'vitest';
import {
  SaslServer,
  ScramClient,
  computeScramProof,
  deriveScramKeys,
  mechanismNames,
  verifyScramProof,
} from 'tercet/protocol';
import type { ChannelBinding, ClientBinding, MechanismName, SaslStep } from 'tercet/protocol';
import { Host, tcpHeader } from './host.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const exporter: ChannelBinding = { type: 'tls-exporter', data: encode('an exported secret') };
const endPoint: ChannelBinding = { type: 'tls-server-end-point', data: encode('a hash') };

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const auth = (mechanism: string, text?: string): string =>
  `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='${mechanism}'>${text === undefined ? '' : encoded(text) || '='}</auth>`;

function serverWith(bindings: readonly ChannelBinding[], mechanisms = mechanismNames): SaslServer {
  let count = 0;
  const nonce = (): string => `server-${++count}`;
  const server = new SaslServer({ mechanisms, maxAttempts: 5, nonce });
  server.secured({ channelBindings: bindings });
  return server;
}

/** The whole exchange; how it ends. */
async function exchange(
  server: SaslServer,
  mechanism: MechanismName,
  binding: ClientBinding,
): Promise<SaslStep> {
  const salt = encode('0123456789abcdef');
  const keys = await deriveScramKeys('SHA-256', 'balcony', salt, 4096);
  const client = new ScramClient('SHA-256', 'juliet', 'client', binding);
  const first = server.start(mechanism, client.start());
  if (first.type !== 'check') return first;
  const challenge = server.answer({ kind: 'salt', salt, iterationCount: 4096 });
  if (challenge.type !== 'challenge') return challenge;
  const question = client.question(challenge.data);
  if (!question) throw new Error('the client does not trust the challenge');
  const last = server.respond(client.respond(await computeScramProof(question, 'balcony')));
  if (last.type !== 'check' || last.question.kind !== 'scram-proof') return last;
  const { authMessage, proof } = last.question;
  const serverSignature = await verifyScramProof('SHA-256', keys, authMessage, proof);
  return server.answer(
    serverSignature
      ? { kind: 'accepted', local: 'juliet', serverSignature }
      : { kind: 'refused', condition: 'not-authorized' },
  );
}

describe('channel binding', () => {
  test.each([exporter, endPoint])(
    'with $type succeeds where both see the same',
    async (binding) => {
      const server = serverWith([endPoint, exporter]);
      expect(await exchange(server, 'SCRAM-SHA-256-PLUS', binding)).toMatchObject({
        type: 'success',
        local: 'juliet',
      });
    },
  );

  test.each<[string, MechanismName, ClientBinding, string]>([
    [
      'to another channel',
      'SCRAM-SHA-256-PLUS',
      { ...exporter, data: encode('of another connection') },
      'not-authorized',
    ],
    ['of a type that was not offered', 'SCRAM-SHA-256-PLUS', endPoint, 'malformed-request'],
    ['under a mechanism without it', 'SCRAM-SHA-256', exporter, 'malformed-request'],
    ['that is missing', 'SCRAM-SHA-256-PLUS', 'none', 'malformed-request'],
    [
      'that somebody on the way took out of the offer',
      'SCRAM-SHA-256',
      'not-offered',
      'not-authorized',
    ],
  ])('%s fails', async (_name, mechanism, binding, condition) => {
    expect(await exchange(serverWith([exporter]), mechanism, binding)).toEqual({
      type: 'failure',
      condition,
    });
  });

  test('is optional for clients that have none, and for servers that offer none', async () => {
    expect(await exchange(serverWith([exporter]), 'SCRAM-SHA-256', 'none')).toMatchObject({
      type: 'success',
    });
    expect(await exchange(serverWith([]), 'SCRAM-SHA-256', 'not-offered')).toMatchObject({
      type: 'success',
    });
  });

  test('is offered where the host has it', () => {
    const host = new Host({ tls: 'offered' });
    host.say(tcpHeader);
    expect(host.heard).not.toContain('PLUS');
    host.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").forget();
    host.take(host.stream.secured(0, { channelBindings: [endPoint, exporter] })).say(tcpHeader);
    const { heard } = host;
    expect(heard).toContain(
      '<mechanism>SCRAM-SHA-256-PLUS</mechanism><mechanism>SCRAM-SHA-1-PLUS</mechanism>' +
        '<mechanism>SCRAM-SHA-256</mechanism>',
    );
    expect(heard).toContain(
      '<sasl-channel-binding xmlns="urn:xmpp:sasl-cb:0">' +
        '<channel-binding type="tls-exporter"/><channel-binding type="tls-server-end-point"/>',
    );
  });

  test('under a mechanism that was not offered is an invalid mechanism', () => {
    const host = new Host();
    host.say(tcpHeader).say(auth('SCRAM-SHA-256-PLUS', 'p=tls-exporter,,n=a,r=b'));
    expect(host.heard).toContain('<invalid-mechanism/>');
  });
});

describe('guests', () => {
  const anonymous = { mechanisms: ['ANONYMOUS'] } as const;

  test('get the account that the host makes up', () => {
    const host = new Host(anonymous);
    host.auth = { kind: 'accepted', local: 'guest-1' };
    host.say(tcpHeader);
    expect(host.heard).toContain('<mechanism>ANONYMOUS</mechanism></mechanisms>');
    host.say(auth('ANONYMOUS', 'a visitor')).say(tcpHeader);
    expect(host.of('identityCheck').map(({ question }) => question)).toEqual([
      { kind: 'anonymous', trace: 'a visitor' },
    ]);
    host.say("<iq id='b' type='set'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    expect(host.of('bind')).toEqual([expect.objectContaining({ local: 'guest-1' })]);
  });

  test('may say nothing, and are turned away where the host says so', () => {
    const host = new Host(anonymous);
    host.auth = { kind: 'refused', condition: 'not-authorized' };
    host.say(tcpHeader).say(auth('ANONYMOUS')).forget();
    host.say("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    expect(host.heard).toContain('<not-authorized/>');
  });

  test('may not say much', () => {
    const host = new Host(anonymous);
    host.say(tcpHeader).say(auth('ANONYMOUS', 'x'.repeat(256)));
    expect(host.heard).toContain('<malformed-request/>');
  });
});

describe('certificates', () => {
  const external = { isEncrypted: true, mechanisms: ['EXTERNAL', 'PLAIN'] } as const;
  const certified = { ...external, tlsFacts: { isPeerCertified: true } };

  test('are asked about where the client has shown one', () => {
    const host = new Host(certified);
    host.say(tcpHeader);
    expect(host.heard).toContain('<mechanism>EXTERNAL</mechanism>');
    host.say(auth('EXTERNAL', 'juliet@localhost'));
    expect(host.of('identityCheck').map(({ question }) => question)).toEqual([
      { kind: 'external', authzid: 'juliet@localhost' },
    ]);
    expect(host.heard).toContain('<success');
  });

  test('say who it is where the client does not', () => {
    const host = new Host(certified);
    host.say(tcpHeader).say(auth('EXTERNAL', ''));
    expect(host.of('identityCheck').map(({ question }) => question)).toEqual([
      { kind: 'external', authzid: '' },
    ]);
  });

  test('are not offered to a client without one', () => {
    const host = new Host(external);
    host.say(tcpHeader);
    expect(host.heard).not.toContain('EXTERNAL');
    host.say(auth('EXTERNAL', ''));
    expect(host.heard).toContain('<invalid-mechanism/>');
  });
});
