/*
 * Sockets on loopback in this process: TLS where it is required, ports that are all opened or none, and
 * the development authority.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { UsageError } from 'tercet';
import { developmentCertificate, listen } from 'tercet/node';
import type { Certificate, Listening } from 'tercet/node';
import { createServer } from 'tercet/server';
import type { MemoryAccounts } from 'tercet/server';
import { plainAuth, tcpHeader, webSocketHeader } from '../protocol/host.js';
import { makeAccounts } from './play.js';

let accounts: MemoryAccounts;
let certificate: Certificate;

beforeAll(async () => {
  accounts = await makeAccounts('juliet');
  certificate = await developmentCertificate({ domain: 'localhost', names: ['127.0.0.1'] });
});

describe('where TLS is required', () => {
  test('nothing else is offered on TCP, and WebSocket is wss:', async () => {
    const server = createServer({ domain: 'localhost', accounts });
    const listening = await listen(server, {
      port: 0,
      httpPort: 0,
      certificate,
      isTlsRequired: true,
    });
    const socket = connect(listening.tcp?.port ?? 0, '127.0.0.1').setEncoding('utf8');
    let heard = '';
    socket.on('data', (text: string) => (heard += text));
    socket.write(tcpHeader + plainAuth);
    await expect.poll(() => heard).toContain('<encryption-required/>');
    expect(heard).toContain('<required/></starttls>');
    expect(heard).not.toContain('mechanism');
    socket.destroy();

    const url = `wss://localhost:${listening.http?.port ?? 0}/xmpp-websocket`;
    const webSocket = new WebSocket(url, 'xmpp', { ca: certificate.authority, family: 4 });
    await once(webSocket, 'open');
    webSocket.send(webSocketHeader);
    const messages: string[] = [];
    webSocket.on('message', (data: Buffer) => messages.push(data.toString()));
    await expect.poll(() => messages.join('')).toContain('<mechanism>PLAIN</mechanism>');
    const closed = once(webSocket, 'close');
    await listening.close(200);
    await closed;
  });

  test('there must be a certificate', async () => {
    const server = createServer({ domain: 'localhost', accounts });
    await expect(listen(server, { port: 0, isTlsRequired: true })).rejects.toThrow(UsageError);
  });
});

test('ports are opened all or none', async () => {
  const other = createTcpServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const taken = (other.address() as AddressInfo).port;
  const probe = createTcpServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const free = (probe.address() as AddressInfo).port;
  probe.close();
  await once(probe, 'close');
  const server = createServer({ domain: 'localhost', accounts });
  await expect(listen(server, { port: free, httpPort: taken })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
  const again = createTcpServer().listen(free, '127.0.0.1');
  await once(again, 'listening');
  again.close();
  other.close();
});

test('nobody who connects and says nothing holds up the end', async () => {
  const server = createServer({ domain: 'localhost', accounts });
  const listening = await listen(server, { port: 0, tlsPort: 0, httpPort: 0, certificate });
  const silent = [listening.tcp, listening.tls, listening.http].map((address) => {
    const socket = connect(address?.port ?? 0, '127.0.0.1');
    socket.on('error', () => undefined);
    return socket;
  });
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  const closed = silent.map((socket) => once(socket, 'close'));
  for (const socket of silent) socket.resume();
  await listening.close(100);
  await Promise.all(closed);
});

describe('on the HTTP port', () => {
  let listening: Listening;
  beforeAll(async () => {
    const server = createServer({ domain: 'localhost', accounts });
    listening = await listen(server, { port: 0, httpPort: 0, certificate });
  });
  afterAll(() => listening.close(0));

  /** The status line that a request gets. */
  const ask = async (...lines: string[]): Promise<string> => {
    const socket = connect(listening.http?.port ?? 0, '127.0.0.1').setEncoding('utf8');
    socket.write(`${lines.join('\r\n')}\r\nHost: localhost\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [string];
    socket.destroy();
    return answer.split('\r\n')[0];
  };
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];

  test.each(['//', '//:', 'http://[', '/%', '*', '/\\'])('%s is nothing', async (target) => {
    expect(await ask(`GET ${target} HTTP/1.1`)).toBe(
      target === 'http://[' ? 'HTTP/1.1 200 OK' : 'HTTP/1.1 404 Not Found',
    );
    expect(await ask(`GET ${target} HTTP/1.1`, ...upgrade)).toBe('HTTP/1.1 404 Not Found');
  });

  test.each(['/', '/?a=/b', 'http://localhost/', 'http://localhost', 'http://localhost?a'])(
    '%s is the page',
    async (target) => {
      expect(await ask(`GET ${target} HTTP/1.1`)).toBe('HTTP/1.1 200 OK');
    },
  );

  test('a reset after a refused upgrade harms nobody', async () => {
    for (let round = 0; round < 20; round++) {
      const socket = connect(listening.http?.port ?? 0, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`GET /zz HTTP/1.1\r\nHost: x\r\n${upgrade.join('\r\n')}\r\n\r\n`);
      socket.resetAndDestroy();
      await once(socket, 'close');
    }
    expect(await ask('GET / HTTP/1.1')).toBe('HTTP/1.1 200 OK');
  });

  test('the protocol must be xmpp', async () => {
    expect(await ask('GET /xmpp-websocket HTTP/1.1', ...upgrade)).toBe('HTTP/1.1 400 Bad Request');
  });
});

describe('the development authority', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tercet-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is kept, and signs each certificate', async () => {
    const first = await developmentCertificate({ domain: 'localhost', folder });
    const second = await developmentCertificate({ domain: 'localhost', folder });
    expect(first.authorityPath).toBe(join(folder, 'ca.pem'));
    expect(readFileSync(join(folder, 'ca.pem'), 'utf8')).toBe(second.authority);
    expect(second.authority).toBe(first.authority);
    expect(second.key).not.toBe(first.key);
    const authority = new X509Certificate(second.authority);
    const leaf = new X509Certificate(second.cert);
    expect(authority.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(leaf.checkHost('localhost')).toBe('localhost');
    expect(leaf.checkHost('example.com')).toBeUndefined();
  });

  test('has a key that nobody else reads', () => {
    expect(statSync(join(folder, 'ca-key.pem')).mode & 0o077).toBe(0);
  });

  test('is not written over when it cannot be read', async () => {
    writeFileSync(join(folder, 'ca.pem'), 'something else');
    await expect(developmentCertificate({ domain: 'localhost', folder })).rejects.toThrow(
      'without both files a new one is made',
    );
    expect(readFileSync(join(folder, 'ca.pem'), 'utf8')).toBe('something else');
  });
});
