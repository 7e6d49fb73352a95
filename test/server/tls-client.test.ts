/*
 * The client's side of a stream against the server over real TLS: channel binding (RFC 9266, RFC 5929), SASL2
 * with Bind 2 (XEP-0388, XEP-0386), and a man between them.
 */
import { createServer as createTlsServer, connect as connectTls } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { xml } from 'tercet';
import { developmentCertificate, listen } from 'tercet/node';
import type { Certificate, Listening } from 'tercet/node';
import { createServer } from 'tercet/server';
import type { Server } from 'tercet/server';
import { makeAccounts } from './play.js';
import { SocketClient, seesEndPoint, seesExporter } from '../protocol/socket-client.js';
import type { Way } from '../protocol/socket-client.js';

let server: Server;
let listening: Listening;
let certificate: Certificate;
const login = { port: 0, password: 'juliet' };
const direct = { port: 0, password: 'juliet' };
const clientId = '0b9d5e28-1df8-4f6b-9a44-4f6b7f1f30b2';

beforeAll(async () => {
  certificate = await developmentCertificate({ domain: 'localhost', names: ['127.0.0.1'] });
  server = createServer({ domain: 'localhost', accounts: await makeAccounts('juliet', 'romeo') });
  listening = await listen(server, { port: 0, tlsPort: 0, certificate, isTlsRequired: true });
  login.port = listening.tcp?.port ?? 0;
  direct.port = listening.tls?.port ?? 0;
});

afterAll(() => listening.close(200));

/** Has a session by this mechanism, and is answered in it. */
async function proves(client: SocketClient, mechanism: string): Promise<void> {
  await client.arrive();
  expect(client.reason).toBeUndefined();
  expect(client.stream.mechanism).toBe(mechanism);
  client.ping('lives');
  await expect
    .poll(() => client.stanzas.some((stanza) => stanza.attr('id') === 'lives'))
    .toBe(true);
  client.close();
  await expect.poll(() => client.reason).toEqual({ kind: 'closed' });
}

const nothing = (): Record<string, never> => ({});

describe.each([true, false])('channel binding, with SASL2: %s', (hasSasl2) => {
  test.each([
    ['tls-exporter', { look: seesExporter }, 'SCRAM-SHA-256-PLUS'],
    ['tls-server-end-point', { look: seesEndPoint }, 'SCRAM-SHA-256-PLUS'],
    [
      'TLS 1.2 and the certificate',
      { look: seesEndPoint, maxVersion: 'TLSv1.2' },
      'SCRAM-SHA-256-PLUS',
    ],
    ['nothing that both know', { look: nothing }, 'SCRAM-SHA-256'],
  ] as const)('by %s, after STARTTLS and over direct TLS', async (_name, way, mechanism) => {
    await proves(new SocketClient({ ...login, ...way }, { hasSasl2 }), mechanism);
    await proves(await SocketClient.direct({ ...direct, ...way }, { hasSasl2 }), mechanism);
  });

  test('with SHA-1, where the client wants that', async () => {
    const options = { hasSasl2, mechanisms: ['SCRAM-SHA-1-PLUS'] as const };
    await proves(new SocketClient(login, options), 'SCRAM-SHA-1-PLUS');
  });

  test('exported keys are none of TLS 1.2, where they may not be unique', async () => {
    const way: Way = { ...login, maxVersion: 'TLSv1.2' };
    await proves(new SocketClient({ ...way, look: seesExporter }, { hasSasl2 }), 'SCRAM-SHA-256');
  });

  test('a proof that was made on another connection is worth nothing', async () => {
    const look = (): ReturnType<typeof seesExporter> => ({
      channelBindings: [{ type: 'tls-exporter', data: new Uint8Array(32).fill(7) }],
    });
    const client = await new SocketClient({ ...login, look }, { hasSasl2 }).arrive();
    expect(client.of('ready')).toEqual([]);
    expect(client.reason).toMatchObject({ kind: 'failed', step: 'authentication' });
  });

  test('a man in the middle with a certificate of his own hears no proof that fits', async () => {
    const own = await developmentCertificate({ domain: 'localhost' });
    const man = createTlsServer({ ...own, ALPNProtocols: ['xmpp-client'] }, (victim) => {
      const onward = connectTls({
        port: direct.port,
        host: '127.0.0.1',
        rejectUnauthorized: false,
      });
      victim.pipe(onward).pipe(victim);
      victim.on('error', () => onward.destroy());
      onward.on('error', () => victim.destroy());
    }).listen(0, '127.0.0.1');
    await once(man, 'listening');
    const { port } = man.address() as AddressInfo;
    for (const look of [seesExporter, seesEndPoint]) {
      const client = await SocketClient.direct({ port, password: 'juliet', look }, { hasSasl2 });
      await client.arrive();
      expect(client.of('ready')).toEqual([]);
      client.cut();
    }
    man.close();
  });
});

describe('SASL2 and Bind 2', () => {
  test('the resource is what the client calls itself and a name for the installation', async () => {
    const first = await new SocketClient(login, { clientId, resource: 'tercet' }).arrive();
    const { jid } = first.stream;
    expect(jid).toMatch(/^juliet@localhost\/tercet\.[A-Za-z0-9_-]{12}$/);
    expect(jid).not.toContain(clientId);
    expect(first.stream.management?.id).not.toBe('');
    // The same installation comes again while its old session still stands: that one ends.
    const second = await new SocketClient(login, { clientId, resource: 'tercet' }).arrive();
    expect(second.stream.jid).toBe(jid);
    await expect
      .poll(() => first.reason)
      .toMatchObject({ kind: 'peer-error', condition: 'conflict' });
    const other = await new SocketClient(login, {
      clientId: 'another',
      resource: 'tercet',
    }).arrive();
    expect(other.stream.jid).not.toBe(jid);
    second.close();
    other.close();
    await expect.poll(() => second.reason).toEqual({ kind: 'closed' });
  });

  test('another account with the same id learns nothing of it', async () => {
    const juliet = await new SocketClient(login, { clientId }).arrive();
    const romeo = await new SocketClient(
      { ...login, password: 'romeo' },
      { clientId, username: 'romeo' },
    ).arrive();
    expect(romeo.stream.jid.split('/')[1]).not.toBe(juliet.stream.jid.split('/')[1]);
    juliet.close();
    romeo.close();
  });

  test('messages are routed between a session of each kind', async () => {
    const juliet = await new SocketClient(login, { clientId, resource: 'new' }).arrive();
    const romeo = await new SocketClient(
      { ...login, password: 'romeo' },
      { username: 'romeo', resource: 'old', hasSasl2: false },
    ).arrive();
    const say = (from: SocketClient, to: string, body: string): void =>
      from.write(
        xml('message', { xmlns: 'jabber:client', to, type: 'chat' }, xml('body', {}, body)),
      );
    const hears = (client: SocketClient, body: string): Promise<void> =>
      expect.poll(() => client.stanzas.map((stanza) => stanza.child('body')?.text)).toContain(body);
    say(juliet, 'romeo@localhost/old', 'to the old');
    await hears(romeo, 'to the old');
    say(romeo, juliet.stream.jid, 'to the new');
    await hears(juliet, 'to the new');
    juliet.close();
    romeo.close();
  });

  test('a lost session goes on within authentication', async () => {
    const first = await new SocketClient(login, { clientId }).arrive();
    first.ping('before');
    await expect.poll(() => first.stanzas.length).toBe(1);
    first.ping('lost');
    first.cut();
    await expect.poll(() => first.reason).toEqual({ kind: 'disconnected' });
    const { management, jid } = first.stream;
    if (!management) throw new Error('there is no session');
    const second = await new SocketClient(login, {
      clientId,
      resume: { management, jid },
    }).arrive();
    expect(second.of('ready')).toEqual([{ type: 'ready', jid, isResumed: true }]);
    await expect.poll(() => second.stanzas.map((stanza) => stanza.attr('id'))).toContain('lost');
    second.close();
    await expect.poll(() => second.reason).toEqual({ kind: 'closed' });
  });

  test('it is not offered in clear, nor where it is switched off', async () => {
    const off = createServer({
      domain: 'localhost',
      accounts: await makeAccounts('juliet'),
      hasSasl2: false,
    });
    const there = await listen(off, { port: 0, certificate });
    const client = await new SocketClient({ ...login, port: there.tcp?.port ?? 0 }).arrive();
    expect(client.of('ready')).toHaveLength(1);
    expect(client.stream.jid).not.toContain('.');
    client.close();
    await there.close(200);
  });
});
