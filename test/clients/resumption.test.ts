/*
 * Real clients that lose their connection and go on with their session (XEP-0198, section 5): xmpp.js with its
 * plugin for stream management, in clear, after STARTTLS and within SASL2; slixmpp with its own.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { xml } from '@xmpp/client';
import { run } from './program.js';
import { canRun, serve } from './serve.js';
import type { Serving } from './serve.js';
import { Person, trustAuthority } from './xmpp-js.js';

/** Bytes on their way to a port, which can be lost. */
class Way {
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: number) {
    this.#listener = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          near.destroy();
          far.destroy();
        });
      }
    }).listen(0, '127.0.0.1');
  }

  async port(): Promise<number> {
    if (!this.#listener.listening) await once(this.#listener, 'listening');
    return (this.#listener.address() as AddressInfo).port;
  }

  /** All connections are gone, without a word. */
  break(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  close(): void {
    this.break();
    this.#listener.close();
  }
}

let serving: Serving;
let ways: { tcp: Way; tls: Way; http: Way };

beforeAll(async () => {
  serving = await serve();
  trustAuthority(serving);
  const { port, tlsPort, httpPort } = serving;
  ways = { tcp: new Way(port), tls: new Way(tlsPort), http: new Way(httpPort) };
});

afterAll(async () => {
  for (const way of Object.values(ways)) way.close();
  expect(await serving.stop()).toBe(0);
});

const chat = (to: string, body: string) =>
  xml('message', { to, type: 'chat' }, xml('body', {}, body));

test.each([
  ['WebSocket in clear', 'http', 'ws://127.0.0.1:PORT/xmpp-websocket'],
  ['STARTTLS, within SASL2', 'tcp', 'xmpp://127.0.0.1:PORT'],
  ['TLS, within SASL2', 'tls', 'xmpps://127.0.0.1:PORT'],
] as const)('xmpp.js over %s', async (name, kind, pattern) => {
  const way = ways[kind];
  const service = pattern.replace('PORT', String(await way.port()));
  const juliet = new Person(service, 'juliet', 'balcony');
  const romeo = new Person(serving.webSocket, 'romeo', 'orchard');
  await juliet.start();
  await romeo.start();
  const jid = juliet.client.jid?.toString() ?? '';
  await juliet.client.send(xml('presence'));
  await romeo.client.send(xml('presence'));
  await expect.poll(() => juliet.client.streamManagement.id).not.toBe('');
  await romeo.client.send(chat(jid, `before (${name})`));
  await expect.poll(() => juliet.bodies).toContain(`before (${name})`);
  const { id } = juliet.client.streamManagement;

  const lost = new Promise<void>((resolve) => {
    juliet.client.once('disconnect', resolve);
  });
  way.break();
  await lost;
  for (const body of ['one', 'two', 'three'])
    await romeo.client.send(chat(jid, `${body} (${name})`));
  const resumed = new Promise<void>((resolve) => {
    juliet.client.streamManagement.once('resumed', resolve);
  });
  await juliet.open();
  await resumed;
  expect(juliet.client.streamManagement.id).toBe(id);
  expect(juliet.client.jid?.toString()).toBe(jid);
  const missed = ['one', 'two', 'three'].map((body) => `${body} (${name})`);
  await expect.poll(() => juliet.bodies.slice(-3)).toEqual(missed);
  // She never left, as others see it, and can talk.
  expect(romeo.presences.filter((line) => line === `${jid} unavailable`)).toEqual([]);
  await juliet.client.send(chat(romeo.client.jid?.toString() ?? '', `back (${name})`));
  await expect.poll(() => romeo.bodies).toContain(`back (${name})`);
  await juliet.client.stop();
  await romeo.client.stop();
});

const script = join(import.meta.dirname, 'slixmpp-resumption.py');
const pythons = ['/usr/bin/python3', 'python3'];
const able = await Promise.all(pythons.map((python) => canRun(python, '-c', 'import slixmpp')));
const python = pythons.find((_python, index) => able[index]) ?? '';

describe.skipIf(python === '')(
  `slixmpp${python === '' ? ' (skipped: python3-slixmpp is not installed)' : ''}`,
  () => {
    test('loses its connection, comes back, and has what was sent meanwhile', async () => {
      const romeo = new Person(serving.webSocket, 'romeo', 'orchard');
      await romeo.start();
      const port = String(await ways.tcp.port());
      const running = run(python, [script, 'juliet@localhost/tomb', 'balcony', '127.0.0.1', port]);
      try {
        const lines = (): readonly string[] => running.lines();
        await expect.poll(lines, { timeout: 15_000 }).toContain('enabled');
        ways.tcp.break();
        await expect.poll(lines, { timeout: 10_000 }).toContain('disconnected');
        await romeo.client.send(chat('juliet@localhost/tomb', 'Meanwhile'));
        await expect.poll(lines, { timeout: 15_000 }).toContain('message Meanwhile');
        expect(lines()).toContain('resumed');
        expect(lines().filter((line) => line === 'enabled')).toHaveLength(1);
        await romeo.client.send(chat('juliet@localhost/tomb', 'Good night'));
        expect(await running.ended).toBe(0);
      } finally {
        await running.kill();
        await romeo.client.stop();
      }
    });
  },
);
