/*
 * For runtimes that have sockets: `listen` and `connect` of the runtime's own part of the package, in one
 * process, over each transport; and storage in a file.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Face from 'tercet/node';
import { createServer, StoredAccounts } from 'tercet/server';
import { makeAccounts } from '../../server/play.js';
import { expectSame, NotHere, type Check } from '../check.js';
import { faceOf, portOf } from './face.js';
import { greet } from './greeting.js';

interface Place {
  readonly listening: Face.Listening;
  readonly certificate: Face.Certificate;
}

const over = (
  name: string,
  isTlsRequired: boolean,
  serviceOf: (listening: Face.Listening) => string,
): Check => ({
  name,
  async run() {
    const { connect } = await faceOf();
    return withServer(isTlsRequired, ({ listening, certificate }) =>
      greet(connect, { service: serviceOf(listening), ca: certificate.authority }),
    );
  },
});

async function withServer(isTlsRequired: boolean, use: (place: Place) => Promise<string>) {
  const { developmentCertificate, listen } = await faceOf();
  const certificate = await developmentCertificate({ domain: 'localhost', names: ['127.0.0.1'] });
  const server = createServer({ domain: 'localhost', accounts: await makeAccounts('juliet') });
  const ports = { port: 0, tlsPort: 0, httpPort: 0 };
  const listening = await listen(server, { ...ports, certificate, isTlsRequired });
  try {
    return await use({ listening, certificate });
  } finally {
    await listening.close(500);
  }
}

export const sockets: readonly Check[] = [
  over('serve and connect over STARTTLS', true, ({ tcp }) => `xmpp://127.0.0.1:${portOf(tcp)}`),
  over('serve and connect over TLS', true, ({ tls }) => `xmpps://127.0.0.1:${portOf(tls)}`),
  over(
    'connect over WebSocket',
    false,
    ({ http }) => `ws://127.0.0.1:${portOf(http)}/xmpp-websocket`,
  ),
  over(
    'serve and connect over WebSocket and TLS',
    true,
    ({ http }) => `wss://localhost:${portOf(http)}/xmpp-websocket`,
  ),
  {
    name: 'serve over WebSocket',
    run: () =>
      withServer(false, async ({ listening }) => {
        const url = `http://127.0.0.1:${portOf(listening.http)}/xmpp-websocket`;
        return String((await fetch(url)).status);
      }),
  },
  {
    name: 'storage in SQLite',
    async run() {
      const { openSqliteStorage } = await faceOf();
      const folder = await mkdtemp(join(tmpdir(), 'tercet-storage-'));
      try {
        const path = join(folder, 'tercet.db');
        const first = await openSqliteStorage(path).catch((error: unknown) => {
          if (!(error instanceof Error) || !error.message.includes('needs SQLite')) throw error;
          throw new NotHere(error.message);
        });
        first.set('note', 'juliet@localhost', 'b', 'two');
        first.set('note', 'juliet@localhost', 'a', 'one');
        await new StoredAccounts(first, { iterationCount: 4096 }).set('romeo', 'localhost', 'x');
        await first.close();
        const second = await openSqliteStorage(path);
        const notes = second.list('note', 'juliet@localhost');
        expectSame(second.owners('account'), ['romeo@localhost'], 'accounts that were kept');
        await second.close();
        return JSON.stringify(notes);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  },
];
