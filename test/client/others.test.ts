/*
 * The client against servers of others (Debian: prosody, ejabberd): over STARTTLS, TLS and WebSocket it logs
 * in, asks, keeps a roster, goes on after a loss, and begins anew after a restart.
 */
import { connect as connectTcp, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NS, xml } from 'tercet';
import { openRoster } from 'tercet/client';
import type { Client } from 'tercet/client';
import { connect } from 'tercet/node';
import type { NodeConnectOptions } from 'tercet/node';
import { hasEjabberd, hasProsody, startEjabberd, startProsody } from './others.js';
import type { OtherServer } from './others.js';
import { eventually } from './eventually.js';

const programs: [string, boolean, () => Promise<OtherServer>][] = [
  ['prosody', hasProsody, startProsody],
  ['ejabberd', hasEjabberd, startEjabberd],
];

const ping = xml('iq', { type: 'get', to: 'localhost' }, xml('ping', { xmlns: NS.ping }));

describe.each(programs.filter(([, isThere]) => !isThere))('%s', (name) => {
  test.skip(`skipped: ${name} is not installed`, () => undefined);
});

describe.each(programs.filter(([, isThere]) => isThere))('%s', (_name, _isThere, start) => {
  let server: OtherServer;
  const clients: Client[] = [];

  beforeAll(async () => {
    server = await start();
  }, 60_000);

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server.stop();
  });

  async function open(options: Partial<NodeConnectOptions>): Promise<Client> {
    const client = await connect({
      jid: 'juliet@localhost',
      password: 'balcony',
      service: `xmpp://127.0.0.1:${server.ports.plain}`,
      ca: server.ca,
      reconnect: { minMs: 50, maxMs: 500 },
      ...options,
    });
    clients.push(client);
    return client;
  }

  test.each<[string, () => string]>([
    ['STARTTLS', () => `xmpp://127.0.0.1:${server.ports.plain}`],
    ['TLS', () => `xmpps://127.0.0.1:${server.ports.tls}`],
    ['WebSocket', () => `ws://127.0.0.1:${server.ports.http}${server.webSocketPath}`],
  ])('over %s: logs in, asks, changes its roster, leaves', async (name, service) => {
    const client = await open({ service: service(), jid: `juliet@localhost/${name}` });
    expect(client.jid.toString()).toBe(`juliet@localhost/${name}`);
    expect((await client.request(ping)).attr('type')).toBe('result');
    const roster = await openRoster(client);
    await roster.set('romeo@example.net', { name, groups: ['Verona'] });
    await eventually(() => roster.items.get('romeo@example.net')?.name).toBe(name);
    const nothing = xml('iq', { type: 'get' }, xml('nothing', { xmlns: 'urn:x:nothing' }));
    await expect(client.request(nothing)).rejects.toMatchObject({ name: 'StanzaError' });
    await client.close();
    await expect(client.closed).resolves.toBeUndefined();
  });

  test.each(['SCRAM-SHA-1', 'PLAIN'] as const)('%s is enough to log in', async (mechanism) => {
    const client = await open({ mechanisms: [mechanism] });
    expect((await client.request(ping)).attr('type')).toBe('result');
    await client.close();
  });

  test('a line that is dead without a word is noticed, and the session goes on', async () => {
    const cutter = await Cutter.open(server.ports.plain);
    const client = await open({
      service: `xmpp://127.0.0.1:${cutter.port}`,
      liveness: { pingMs: 100, timeoutMs: 200 },
    });
    const errors: Error[] = [];
    client.onStatus((status) => status.state === 'waiting' && errors.push(status.error));
    cutter.stall();
    const answered = client.request(ping);
    await eventually(() => errors).toMatchObject([{ condition: 'connection-timeout' }]);
    expect((await answered).attr('type')).toBe('result');
    expect(client.status).toMatchObject({ state: 'online', isResumed: true });
    await client.close();
    await cutter.close();
  });

  test('a wrong password is refused', async () => {
    await expect(open({ password: 'orchard' })).rejects.toMatchObject({
      name: 'AuthenticationError',
      condition: 'not-authorized',
    });
  });

  test('a certificate that nobody vouches for is refused', async () => {
    await expect(open({ ca: undefined })).rejects.toThrow(/certificate/);
  });

  test('a session goes on after a loss: all that is sent arrives once, in order', async () => {
    const cutter = await Cutter.open(server.ports.plain);
    const client = await open({ service: `xmpp://127.0.0.1:${cutter.port}` });
    const heard: string[] = [];
    client.onStanza((stanza) => {
      if (stanza.name === 'message') heard.push(stanza.attr('id') ?? '');
    });
    const isResumed: boolean[] = [];
    client.onStatus((status) => {
      if (status.state === 'online') isResumed.push(status.isResumed);
    });
    const expected: string[] = [];
    for (let count = 0; count < 60; count++) {
      const id = String(count);
      expected.push(id);
      const to = client.jid.toString();
      void client.send(xml('message', { to, id, type: 'chat' }, xml('body', {}, id)));
      if (count % 20 === 10) {
        await client.request(ping);
        cutter.cut();
      }
      if (count % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await eventually(() => heard.length).toBeGreaterThanOrEqual(60);
    expect(heard).toEqual(expected);
    expect(isResumed).toEqual([true, true, true]);
    await client.close();
    await cutter.close();
  });

  test('after a restart of the server a new session begins', async () => {
    const client = await open({});
    const restarted = server.restart();
    await eventually(() => client.status.state).toBe('waiting');
    await restarted;
    await eventually(() => client.status.state).toBe('online');
    expect(client.status).toMatchObject({ isResumed: false });
    expect((await client.request(ping)).attr('type')).toBe('result');
  }, 60_000);
});

/** Between a client and a server: loses all connections when it is told. */
class Cutter {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number) {
    this.#server = createServer((client) => {
      const server = connectTcp(target, '127.0.0.1');
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          client.destroy();
          server.destroy();
        });
      }
      client.pipe(server).pipe(client);
    });
  }

  static async open(target: number): Promise<Cutter> {
    const cutter = new Cutter(target);
    cutter.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => cutter.#server.once('listening', resolve));
    return cutter;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Nothing comes through any more on what is open now, and nobody is told. */
  stall(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
