/*
 * The client over Node's sockets against `tercet serve`: STARTTLS, TLS from the start, and WebSocket; a
 * certificate that nobody vouches for; what a lost connection costs.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NS, xml } from 'tercet';
import type { Client } from 'tercet/client';
import { connect, developmentCertificate, listen, tcpTransport } from 'tercet/node';
import type { NodeConnectOptions } from 'tercet/node';
import { createServer, MemoryAccounts } from 'tercet/server';
import { serve } from '../clients/serve.js';
import type { Serving } from '../clients/serve.js';

let serving: Serving;
let ca: string;
const clients: Client[] = [];

beforeAll(async () => {
  serving = await serve();
  ca = readFileSync(serving.authorityPath, 'utf8');
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  expect(await serving.stop()).toBe(0);
});

async function open(service: string, options: Partial<NodeConnectOptions> = {}): Promise<Client> {
  const client = await connect({
    jid: 'juliet@localhost/balcony',
    password: 'balcony',
    service,
    ca,
    ...options,
  });
  clients.push(client);
  return client;
}

const ping = xml('iq', { type: 'get', to: 'localhost' }, xml('ping', { xmlns: NS.ping }));

describe.each<[string, () => string, string]>([
  ['STARTTLS', () => `xmpp://127.0.0.1:${serving.port}`, 'true'],
  ['TLS', () => `xmpps://127.0.0.1:${serving.tlsPort}`, 'true'],
  ['WebSocket', () => serving.webSocket, 'false'],
])('over %s', (_name, service, isEncrypted) => {
  test('a client logs in, asks and leaves', async () => {
    const client = await open(service());
    expect((await client.request(ping)).attr('type')).toBe('result');
    const bound = serving
      .log()
      .split('\n')
      .findLast((line) => line.includes(' bound '));
    expect(bound).toContain(`encrypted=${isEncrypted}`);
    await client.close();
  });

  test('a wrong password rejects', async () => {
    await expect(open(service(), { password: 'orchard' })).rejects.toMatchObject({
      name: 'AuthenticationError',
      condition: 'not-authorized',
    });
  });

  test('much that is sent at once arrives in order', async () => {
    const juliet = await open(service(), { jid: 'juliet@localhost' });
    const romeo = await open(service(), { jid: 'romeo@localhost', password: 'orchard' });
    const to = romeo.jid.toString();
    const count = 3000;
    const bodies: string[] = [];
    const heard = (async () => {
      for await (const stanza of romeo) {
        if (stanza.name === 'message') bodies.push(stanza.child('body')?.text ?? '');
        if (bodies.length === count) return;
      }
    })();
    const text = 'x'.repeat(200);
    await Promise.all(
      Array.from({ length: count }, (_, index) =>
        juliet.send(xml('message', { to, type: 'chat' }, xml('body', {}, `${index} ${text}`))),
      ),
    );
    await heard;
    expect(bodies.map((body) => Number(body.split(' ')[0]))).toEqual(
      Array.from({ length: count }, (_, index) => index),
    );
    await juliet.close();
    await romeo.close();
  });
});

describe.each<[string, () => string]>([
  ['STARTTLS', () => `xmpp://127.0.0.1:${serving.port}`],
  ['TLS', () => `xmpps://127.0.0.1:${serving.tlsPort}`],
])('a certificate that nobody vouches for ends %s', (_name, service) => {
  test('before the account is named', async () => {
    const shown: string[] = [];
    const failure = open(service(), { ca: undefined, trace: ({ text }) => shown.push(text) });
    await expect(failure).rejects.toThrow(/certificate/);
    expect(shown.join('')).not.toMatch(/auth|juliet/);
  });

  test('and one of another domain too', async () => {
    const transports = [tcpTransport({ ca, servername: 'example.com' })];
    const failure = open(service(), { transports });
    await expect(failure).rejects.toThrow(/altnames/);
  });
});

test('a port where nobody listens rejects at once', async () => {
  for (const host of ['127.0.0.1', 'localhost']) {
    await expect(open(`xmpp://${host}:1`)).rejects.toMatchObject({
      name: 'ConnectionError',
      message: expect.stringMatching(/ECONNREFUSED/) as string,
    });
  }
});

test('over WebSocket with TLS, trusting an authority of its own', async () => {
  const accounts = new MemoryAccounts({ iterationCount: 4096 });
  await accounts.set('juliet', 'localhost', 'balcony');
  const { authority, ...certificate } = await developmentCertificate({ domain: 'localhost' });
  const server = createServer({ domain: 'localhost', accounts });
  const listening = await listen(server, { httpPort: 0, certificate, isTlsRequired: true });
  const service = `wss://localhost:${listening.http?.port ?? 0}/xmpp-websocket`;
  const client = await open(service, { ca: authority });
  expect((await client.request(ping)).attr('type')).toBe('result');
  await client.close();
  await expect(open(service)).rejects.toMatchObject({ name: 'ConnectionError' });
  await listening.close(0);
});
