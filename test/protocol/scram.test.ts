/*
 * SCRAM against the examples of RFC 5802 and RFC 7677, both sides of it, and what must be refused. No
 * stream and no XML: the machines of a mechanism alone, with WebCrypto as the host's.
 */
import { expect, test } from 'vitest';
import {
  SaslServer,
  ScramClient,
  computeScramProof,
  deriveScramKeys,
  verifyPassword,
  verifyScramProof,
} from 'tercet/protocol';
import type { MechanismName, SaslStep, ScramHash } from 'tercet/protocol';

interface Example {
  readonly mechanism: MechanismName;
  readonly hash: ScramHash;
  readonly clientNonce: string;
  readonly serverNonce: string;
  readonly salt: string;
  readonly clientFirst: string;
  readonly serverFirst: string;
  readonly clientFinal: string;
  readonly serverFinal: string;
}

/** User `user`, password `pencil`, 4096 iterations. */
const examples: readonly Example[] = [
  {
    // RFC 5802, section 5.
    mechanism: 'SCRAM-SHA-1',
    hash: 'SHA-1',
    clientNonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverNonce: '3rfcNHYJY1ZVvWVs7j',
    salt: 'QSXCR+Q6sek8bf92',
    clientFirst: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    serverFirst: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    clientFinal:
      'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    serverFinal: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    // RFC 7677, section 3.
    mechanism: 'SCRAM-SHA-256',
    hash: 'SHA-256',
    clientNonce: 'rOprNGfwEbeRWgbNEkqO',
    serverNonce: '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    clientFirst: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    serverFirst:
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    clientFinal:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,' +
      'p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
];

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

function serverFor({ mechanism, serverNonce }: Example): SaslServer {
  return new SaslServer({ mechanisms: [mechanism], maxAttempts: 5, nonce: () => serverNonce });
}

function expectStep<T extends SaslStep['type']>(
  step: SaslStep,
  type: T,
): Extract<SaslStep, { type: T }> {
  expect(step.type).toBe(type);
  return step as Extract<SaslStep, { type: T }>;
}

/** The server's first two steps, up to its challenge. */
function challenge(server: SaslServer, example: Example): void {
  const check = expectStep(server.start(example.mechanism, encode(example.clientFirst)), 'check');
  expect(check.question).toEqual({ kind: 'scram-salt', hash: example.hash, username: 'user' });
  const salt = fromBase64(example.salt);
  const step = server.answer({ kind: 'salt', salt, iterationCount: 4096 });
  expect(decode(expectStep(step, 'challenge').data)).toBe(example.serverFirst);
}

for (const example of examples) {
  test(`${example.mechanism}: the server's side of the example`, async () => {
    const { hash } = example;
    const server = serverFor(example);
    challenge(server, example);
    const { question } = expectStep(server.respond(encode(example.clientFinal)), 'check');
    if (question.kind !== 'scram-proof') throw new Error('a proof was expected');
    const keys = await deriveScramKeys(hash, 'pencil', fromBase64(example.salt), 4096);
    const { authMessage, proof } = question;
    const serverSignature = await verifyScramProof(hash, keys, authMessage, proof);
    if (!serverSignature) throw new Error('the proof was refused');
    const step = server.answer({ kind: 'accepted', local: 'user', serverSignature });
    const success = expectStep(step, 'success');
    expect(success.local).toBe('user');
    expect(decode(success.data)).toBe(example.serverFinal);
  });

  test(`${example.mechanism}: the client's side of the example`, async () => {
    const client = new ScramClient(example.hash, 'user', example.clientNonce);
    expect(decode(client.start())).toBe(example.clientFirst);
    const question = client.question(encode(example.serverFirst));
    if (!question) throw new Error('the server was not believed');
    const proof = await computeScramProof(question, 'pencil');
    expect(decode(client.respond(proof))).toBe(example.clientFinal);
    expect(client.finish(encode(example.serverFinal))).toBe(true);
  });

  test(`${example.mechanism}: another password proves nothing`, async () => {
    const { hash } = example;
    const salt = fromBase64(example.salt);
    const keys = await deriveScramKeys(hash, 'pencil', salt, 4096);
    const client = new ScramClient(hash, 'user', example.clientNonce);
    const question = client.question(encode(example.serverFirst));
    if (!question) throw new Error('the server was not believed');
    const { proof, serverSignature } = await computeScramProof(question, 'crayon');
    expect(await verifyScramProof(hash, keys, question.authMessage, proof)).toBeUndefined();
    expect(
      await verifyScramProof(hash, keys, question.authMessage, proof.slice(1)),
    ).toBeUndefined();
    client.respond({ proof, serverSignature });
    expect(client.finish(encode(example.serverFinal))).toBe(false);
    expect(await verifyPassword(hash, keys, 'pencil')).toBe(true);
    expect(await verifyPassword(hash, keys, 'Pencil')).toBe(false);
  });
}

const [, sha256] = examples;

test.each([
  ['channel binding, which no mechanism here has', 'p=tls-exporter,,n=user,r=abc'],
  ['an unknown flag', 'x,,n=user,r=abc'],
  ['a mandatory extension', 'n,,m=1,n=user,r=abc'],
  ['no user name', 'n,,n=,r=abc'],
  ['an equals sign that escapes nothing', 'n,,n=us=er,r=abc'],
  ['no nonce', 'n,,n=user,r='],
  ['a nonce that is not printable', 'n,,n=user,r=a\u0001b'],
  ['nothing', ''],
])('client-first with %s is malformed', (_name, message) => {
  const step = serverFor(sha256).start('SCRAM-SHA-256', encode(message));
  expect(expectStep(step, 'failure').condition).toBe('malformed-request');
});

test('client-first that is not UTF-8 is malformed', () => {
  const step = serverFor(sha256).start('SCRAM-SHA-256', new Uint8Array([0x6e, 0xff]));
  expect(expectStep(step, 'failure').condition).toBe('malformed-request');
});

test('commas and equals signs of a user name are unescaped, an identity is kept for later', () => {
  const message = encode('y,a=a=2Cb,n=us=3Der=2C,r=abc');
  const { question } = expectStep(serverFor(sha256).start('SCRAM-SHA-256', message), 'check');
  expect(question).toMatchObject({ username: 'us=er,' });
});

test.each([
  ['another nonce', 'c=biws,r=other,p=AAAA', 'not-authorized'],
  [
    'another GS2 header',
    `c=eSws,r=${sha256.clientNonce}${sha256.serverNonce},p=AAAA`,
    'not-authorized',
  ],
  ['no proof', `c=biws,r=${sha256.clientNonce}${sha256.serverNonce}`, 'malformed-request'],
  [
    'a proof that is not base64',
    `c=biws,r=${sha256.clientNonce}${sha256.serverNonce},p=A?`,
    'malformed-request',
  ],
])('client-final with %s fails', (_name, message, condition) => {
  const server = serverFor(sha256);
  challenge(server, sha256);
  expect(expectStep(server.respond(encode(message)), 'failure').condition).toBe(condition);
});

test('messages out of order fail, and so does anything after the end', () => {
  const server = serverFor(sha256);
  expectStep(server.respond(encode(sha256.clientFinal)), 'failure');
  expectStep(server.answer({ kind: 'accepted', local: 'user' }), 'failure');
  expectStep(server.start('SCRAM-SHA-256', encode(sha256.clientFirst)), 'check');
  expectStep(server.respond(encode(sha256.clientFinal)), 'failure');
});

test.each([
  ["a nonce that does not start with the client's", 'r=other,s=AAAA,i=4096'],
  ['no nonce of its own', `r=${sha256.clientNonce},s=AAAA,i=4096`],
  ['fewer iterations than RFC 7677 allows', `r=${sha256.clientNonce}x,s=AAAA,i=4095`],
  ['more iterations than a client should compute', `r=${sha256.clientNonce}x,s=AAAA,i=999999999`],
  ['a salt that is not base64', `r=${sha256.clientNonce}x,s=?,i=4096`],
  ['an error', 'e=other-error'],
])('a client does not believe a server with %s', (_name, message) => {
  const client = new ScramClient('SHA-256', 'user', sha256.clientNonce);
  expect(client.question(encode(message))).toBeUndefined();
});

test('PLAIN is one message of three fields', () => {
  const server = new SaslServer({ mechanisms: ['PLAIN'], maxAttempts: 5, nonce: () => 'n' });
  const { question } = expectStep(server.start('PLAIN', encode('\0juliet\0balcony')), 'check');
  expect(question).toEqual({ kind: 'plain', username: 'juliet', password: 'balcony' });
  const success = server.answer({ kind: 'accepted', local: 'juliet' });
  expect(success).toMatchObject({ type: 'success', local: 'juliet', authzid: '' });
  for (const message of ['juliet\0balcony', '\0juliet\0', '\0\0balcony', '\0a\0b\0c', '']) {
    const step = server.start('PLAIN', encode(message));
    expect(expectStep(step, 'failure').condition).toBe('malformed-request');
  }
});

test('a mechanism that was not offered is invalid, and attempts are counted', () => {
  const server = new SaslServer({ mechanisms: ['PLAIN'], maxAttempts: 2, nonce: () => 'n' });
  expect(server.start('SCRAM-SHA-1', undefined)).toEqual({
    type: 'failure',
    condition: 'invalid-mechanism',
  });
  expect(server.isExhausted).toBe(false);
  server.start('ANONYMOUS', undefined);
  expect(server.isExhausted).toBe(true);
});
