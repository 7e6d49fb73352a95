/*
 * For runtimes that have sockets: how ports behave towards clients that say nothing, say it slowly, leave early or
 * come in numbers, and towards a program that gives up. Clients are bare sockets, as a fault would have them.
 */
import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { xml } from 'tercet';
import type * as Face from 'tercet/node';
import { createServer } from 'tercet/server';
import type { Server, ServerOptions } from 'tercet/server';
import { tcpHeader } from '../../protocol/host.js';
import { makeAccounts } from '../../server/play.js';
import { expectSame, NotHere, type Check } from '../check.js';
import { faceOf, portOf } from './face.js';
import { greet } from './greeting.js';

interface Place {
  readonly face: typeof Face;
  readonly server: Server;
  readonly certificate: Face.Certificate;
  readonly listen: (options: Face.ListenOptions) => Promise<Face.Listening>;
}

const at = (
  name: string,
  run: (place: Place) => Promise<string>,
  options: Partial<ServerOptions> = {},
): Check => ({
  name,
  async run() {
    const face = await faceOf();
    const certificate = await face.developmentCertificate({
      domain: 'localhost',
      names: ['127.0.0.1', '::1'],
    });
    const accounts = await makeAccounts('juliet', 'romeo');
    const server = createServer({ domain: 'localhost', accounts, ...options });
    const opened: Face.Listening[] = [];
    const listen: Place['listen'] = async (wanted) => {
      const listening = await face.listen(server, { certificate, ...wanted });
      opened.push(listening);
      return listening;
    };
    try {
      return await run({ face, server, certificate, listen });
    } finally {
      for (const listening of opened) await listening.close(200);
    }
  },
});

interface Client {
  readonly socket: Socket;
  /** What it was sent. */
  text: string;
  /** Whether the server has ended it. */
  isOver: boolean;
}

async function clientOf(port: number, ca?: string): Promise<Client> {
  const place = { port, host: '127.0.0.1' };
  const socket =
    ca === undefined
      ? connectTcp(place)
      : connectTls({ ...place, ca, servername: 'localhost', ALPNProtocols: ['xmpp-client'] });
  const client: Client = { socket, text: '', isOver: false };
  // What a socket that is cut says of it.
  socket.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => (client.text += bytes.toString()));
  for (const event of ['end', 'close']) socket.on(event, () => (client.isOver = true));
  await once(socket, ca === undefined ? 'connect' : 'secureConnect');
  return client;
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (let count = 0; count < 400; count++) {
    if (isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${what} did not happen in 4 s`);
}

export const ports: readonly Check[] = [
  at('a socket that says nothing is cut', async ({ listen }) => {
    const secure = await listen({ tlsPort: 0, httpPort: 0, isTlsRequired: true, handshakeMs: 300 });
    const plain = await listen({ httpPort: 0, handshakeMs: 300 });
    const places = { tls: secure.tls, https: secure.http, http: plain.http };
    const clients = Object.entries(places).map(async ([name, place]) => {
      const client = await clientOf(portOf(place));
      await until(() => client.isOver, `${name}: the end of a socket that is silent`);
      client.socket.destroy();
      return name;
    });
    return (await Promise.all(clients)).join(' ');
  }),

  at('so many sockets may wait', async ({ listen }) => {
    const options = { isTlsRequired: true, maxWaiting: 3 };
    const cut: number[] = [];
    for (const wanted of [
      { tlsPort: 0, ...options },
      { httpPort: 0, ...options },
      { httpPort: 0, maxWaiting: 3 },
    ]) {
      const { tls, http } = await listen(wanted);
      const clients: Client[] = [];
      for (let count = 0; count < 5; count++) clients.push(await clientOf(portOf(tls ?? http)));
      const gone = (): number => clients.filter(({ isOver }) => isOver).length;
      await until(() => gone() > 1, 'the end of those that are too many');
      cut.push(gone());
      for (const { socket } of clients) socket.destroy();
    }
    expectSame(cut, [2, 2, 2], 'sockets that were cut');
    return String(cut);
  }),

  at('all ports are opened or none', async ({ face, server, listen }) => {
    const { tcp } = await listen({ port: 0 });
    const free = await freePort();
    const taken = await face
      .listen(server, { port: free, httpPort: portOf(tcp) })
      .then(() => 'opened')
      .catch((error: unknown) => String((error as { code?: unknown }).code));
    // What was opened before the one that failed is free again.
    await listen({ port: free });
    return taken;
  }),

  at('a client may end its side first', async ({ listen, certificate }) => {
    const { tcp, tls } = await listen({ port: 0, tlsPort: 0 });
    const heard: string[] = [];
    for (const ending of ['</stream:stream>', '']) {
      for (const [place, ca] of [
        [tcp, undefined],
        [tls, certificate.authority],
      ] as const) {
        const client = await clientOf(portOf(place), ca);
        client.socket.end(tcpHeader + ending);
        await until(() => client.isOver, 'the end of the other side');
        // One that says no farewell need not be answered, but it is let go.
        const { text } = client;
        heard.push(ending && `${text.includes('</stream:features>')} ${text.slice(-16)}`);
      }
    }
    return JSON.stringify(heard);
  }),

  at('a program may give up', async ({ face }) => {
    const silent = createTcpServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const reasons: string[] = [];
    for (const scheme of ['xmpp', 'xmpps', 'ws', 'wss']) {
      const giving = new AbortController();
      setTimeout(() => giving.abort(new Error('no patience')), 50);
      const service = `${scheme}://127.0.0.1:${port}/`;
      const options = {
        jid: 'juliet@localhost',
        password: 'x',
        service,
        reconnect: false as const,
      };
      await face
        .connect({ ...options, signal: giving.signal })
        .catch((error: unknown) => reasons.push(String(error)));
    }
    silent.close();
    return reasons.join();
  }),

  at(
    'large stanzas, a reader that takes its time',
    async ({ face, listen, certificate }) => {
      const { tcp, tls, http } = await listen({ port: 0, tlsPort: 0, httpPort: 0 });
      const body = '\u2665x'.repeat(12_000);
      const counts: number[] = [];
      for (const service of [
        `xmpp://127.0.0.1:${portOf(tcp)}`,
        `xmpps://127.0.0.1:${portOf(tls)}`,
        `ws://127.0.0.1:${portOf(http)}/xmpp-websocket`,
      ]) {
        const { authority: ca } = certificate;
        const both = { service, ca, reconnect: false as const };
        const [juliet, romeo] = await Promise.all([
          face.connect({ jid: 'juliet@localhost/a', password: 'juliet', ...both }),
          face.connect({ jid: 'romeo@localhost/b', password: 'romeo', ...both }),
        ]);
        const read = async (): Promise<number> => {
          let count = 0;
          for await (const stanza of romeo) {
            if (stanza.child('body')?.text !== body) throw new Error(`stanza ${count} differs`);
            await new Promise((resolve) => setTimeout(resolve, 2));
            if (++count === 40) break;
          }
          return count;
        };
        const reading = read();
        const message = xml('message', { to: 'romeo@localhost/b' }, xml('body', {}, body));
        for (let count = 0; count < 40; count++) await juliet.send(message);
        counts.push(await reading);
        await Promise.all([juliet.close(), romeo.close()]);
      }
      return String(counts);
    },
    { rates: false },
  ),

  at('two hundred clients, all told of the end', async ({ server, listen }) => {
    const listening = await listen({ port: 0 });
    const clients = await Promise.all(
      Array.from({ length: 200 }, () => clientOf(portOf(listening.tcp))),
    );
    for (const client of clients) {
      client.socket.write(tcpHeader);
      client.socket.on('data', () => {
        if (client.text.endsWith('</stream:stream>')) client.socket.end('</stream:stream>');
      });
    }
    await until(() => clients.every(({ text }) => text.includes('features')), 'every answer');
    const count = server.connectionCount;
    await listening.close(4000);
    await until(() => clients.every(({ isOver }) => isOver), 'the end of all');
    for (const { socket } of clients) socket.destroy();
    const told = clients.filter(({ text }) => text.includes('<system-shutdown')).length;
    return `${count} ${told}`;
  }),

  at('IPv6', async ({ face, listen, certificate }) => {
    const addresses = Object.values(networkInterfaces()).flat();
    if (!addresses.some((each) => each?.address === '::1'))
      throw new NotHere('this machine has no IPv6');
    const { tcp, tls, http } = await listen({ host: '::1', port: 0, tlsPort: 0, httpPort: 0 });
    const heard: string[] = [];
    for (const service of [
      `xmpp://[::1]:${portOf(tcp)}`,
      `xmpps://[::1]:${portOf(tls)}`,
      `ws://[::1]:${portOf(http)}/xmpp-websocket`,
    ]) {
      heard.push(await greet(face.connect, { service, ca: certificate.authority }));
    }
    return heard.join();
  }),
];

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
