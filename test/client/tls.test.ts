/*
 * TLS between the client and an embedded server on Node's sockets: which certificates it takes for which
 * domains, and what proofs are bound to.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Client, TraceEntry, Transport } from 'tercet/client';
import { connect, developmentCertificate, listen, tcpTransport } from 'tercet/node';
import type { Listening, NodeConnectOptions } from 'tercet/node';
import { createServer, MemoryAccounts } from 'tercet/server';

const clients: Client[] = [];
const listenings: Listening[] = [];

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(listenings.splice(0).map((listening) => listening.close(0)));
});

interface Place {
  readonly ca: string;
  readonly services: readonly string[];
}

async function serve(domain: string, names: readonly string[] = []): Promise<Place> {
  const accounts = new MemoryAccounts({ iterationCount: 4096 });
  await accounts.set('juliet', domain, 'balcony');
  const { authority: ca, ...certificate } = await developmentCertificate({ domain, names });
  const server = createServer({ domain, accounts });
  const listening = await listen(server, { port: 0, tlsPort: 0, certificate });
  listenings.push(listening);
  const { tcp, tls } = listening;
  return { ca, services: [`xmpp://127.0.0.1:${tcp?.port}`, `xmpps://127.0.0.1:${tls?.port}`] };
}

async function open(domain: string, options: Partial<NodeConnectOptions>): Promise<Client> {
  const client = await connect({ jid: `juliet@${domain}`, password: 'balcony', ...options });
  clients.push(client);
  return client;
}

describe('a certificate', () => {
  test.each<[string, string[], string]>([
    ['verona.example', [], 'verona.example'],
    ['[::1]', [], '[::1]'],
    ['127.0.0.1', [], '127.0.0.1'],
    ['b\u00fccher.example', ['xn--bcher-kva.example'], 'b\u00fccher.example'],
  ])('of %s and %j is taken for %s', async (domain, names, own) => {
    const { ca, services } = await serve(domain, names);
    for (const service of services) {
      const client = await open(own, { service, ca });
      expect(client.jid.bare.toString()).toBe(`juliet@${own}`);
    }
  });

  test('of another domain is refused, whatever host was asked', async () => {
    const { ca, services } = await serve('verona.example', ['127.0.0.1', 'localhost']);
    for (const service of services) {
      const shown: TraceEntry[] = [];
      const failure = open('mantua.example', {
        service,
        ca,
        trace: (entry) => void shown.push(entry),
      });
      // With STARTTLS the server says already in clear that it is another one.
      await expect(failure).rejects.toThrow(/altnames|invalid-from/);
      expect(shown.map(({ text }) => text).join('')).not.toMatch(/juliet|<auth/);
    }
  });

  test('that has expired is refused', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2020, 0, 1) });
    const { ca, services } = await serve('verona.example');
    vi.useRealTimers();
    for (const service of services) {
      await expect(open('verona.example', { service, ca })).rejects.toThrow(/expired/);
    }
  });
});

describe('a proof is bound', () => {
  /** What a client knows of its connection, but for some of it. */
  const knowing = (ca: string, type: string): Transport => {
    const transport = tcpTransport({ ca });
    return {
      ...transport,
      async open(endpoint, events, signal) {
        const wire = await transport.open(endpoint, events, signal);
        const all = wire.tlsFacts?.channelBindings ?? [];
        const channelBindings = all.filter((binding) => binding.type === type);
        return Object.create(wire, { tlsFacts: { value: { channelBindings } } }) as typeof wire;
      },
    };
  };

  test.each(['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS'] as const)(
    'by %s to the session or to the certificate',
    async (mechanism) => {
      const { ca, services } = await serve('verona.example');
      const [, service] = services;
      for (const type of ['tls-exporter', 'tls-server-end-point']) {
        const transports = [knowing(ca, type)];
        const mechanisms = [mechanism];
        await open('verona.example', { service, transports, mechanisms });
      }
      const none = open('verona.example', {
        service,
        transports: [knowing(ca, 'tls-unique')],
        mechanisms: [mechanism],
      });
      await expect(none).rejects.toMatchObject({ condition: 'invalid-mechanism' });
    },
  );

  test('after STARTTLS too, unasked', async () => {
    const { ca, services } = await serve('verona.example');
    const [service] = services;
    let out = '';
    const trace = ({ direction, text }: TraceEntry): void => {
      if (direction === 'out') out += text;
    };
    await open('verona.example', { service, ca, trace });
    expect(out).toMatch(/mechanism="SCRAM-SHA-256-PLUS"/);
  });
});
