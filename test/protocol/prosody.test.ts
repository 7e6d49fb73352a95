/*
 * The client's side of a stream against Prosody (Debian: prosody), a server of somebody else: STARTTLS,
 * SCRAM and PLAIN, stream management, a lost connection and its resumption. The sockets are this file's.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { xml } from 'tercet';
import { developmentCertificate } from 'tercet/node';
import { ClientStream, computeScramProof } from 'tercet/protocol';
import type { ClientEffect, ClientStreamOptions, EndReason, TlsFacts } from 'tercet/protocol';
import { tcpFraming } from 'tercet/transport';

const program = 'prosody';
const execute = promisify(execFile);
const isMissing = await execute('prosodyctl', ['about']).then(
  () => false,
  () => true,
);

const configuration = (folder: string, port: number): string => `
  run_as_root = true
  pidfile = "${folder}/prosody.pid"
  data_path = "${folder}"
  modules_enabled = { "saslauth", "tls", "disco", "ping", "smacks", "posix" }
  modules_disabled = { "s2s" }
  c2s_require_encryption = true
  authentication = "internal_hashed"
  log = { { levels = { min = "error" }, to = "console" } }
  interfaces = { "127.0.0.1" }
  c2s_ports = { ${port} }
  c2s_direct_tls_ports = {}
  s2s_ports = {}
  http_ports = {}
  https_ports = {}
  VirtualHost "localhost"
    ssl = { certificate = "${folder}/cert.pem", key = "${folder}/key.pem" }
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answer = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return answer;
}

/** A client with sockets of Node. */
class Client {
  readonly stream: ClientStream;
  readonly effects: ClientEffect[] = [];
  readonly #password: string;
  #socket: Socket;

  constructor(port: number, password: string, options: Partial<ClientStreamOptions> = {}) {
    this.#password = password;
    this.stream = new ClientStream({
      framing: tcpFraming,
      domain: 'localhost',
      username: 'juliet',
      random: (count) => crypto.getRandomValues(new Uint8Array(count)),
      management: {},
      ...options,
    });
    this.#socket = connect(port, '127.0.0.1');
    this.#attach();
    this.#take(this.stream.open(performance.now()));
  }

  get reason(): EndReason | undefined {
    return this.of('ended').at(0)?.reason;
  }

  of<T extends ClientEffect['type']>(type: T): Extract<ClientEffect, { type: T }>[] {
    return this.effects.filter(
      (effect): effect is Extract<ClientEffect, { type: T }> => effect.type === type,
    );
  }

  /** Has a session, or none any more. */
  async arrive(): Promise<this> {
    await expect
      .poll(() => this.of('ready').length + this.of('ended').length, { timeout: 10_000 })
      .toBeGreaterThan(0);
    return this;
  }

  ping(id: string): void {
    const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
    const iq = xml('iq', { xmlns: 'jabber:client', type: 'get', id, to: 'localhost' }, ping);
    this.#take(this.stream.write(iq, performance.now()));
  }

  close(): void {
    this.#take(this.stream.close(undefined, performance.now()));
  }

  /** As if the network were gone. */
  cut(): void {
    this.#socket.destroy();
  }

  #attach(): void {
    const socket = this.#socket;
    socket.on('data', (bytes: Buffer) => this.#take(this.stream.receive(bytes, performance.now())));
    socket.on('close', () => this.#take(this.stream.disconnected(performance.now())));
    socket.on('error', () => socket.destroy());
  }

  #take(effects: readonly ClientEffect[]): void {
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.type === 'send') this.#socket.write(effect.bytes);
      else if (effect.type === 'upgradeTls') this.#startTls();
      else if (effect.type === 'close') this.#socket.end();
      else if (effect.type === 'proof') void this.#prove(effect);
      else if (effect.type === 'ack') {
        this.#take(this.stream.acknowledge(effect.h, performance.now()));
      }
    }
  }

  #startTls(): void {
    const plain = this.#socket;
    plain.removeAllListeners();
    const socket = connectTls({ socket: plain, rejectUnauthorized: false });
    this.#socket = socket;
    socket.once('secureConnect', () => {
      const data = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
      const facts: TlsFacts = { channelBindings: [{ type: 'tls-exporter', data }] };
      this.#take(this.stream.secured(performance.now(), facts));
    });
    this.#attach();
  }

  async #prove({ token, question }: Extract<ClientEffect, { type: 'proof' }>): Promise<void> {
    const password = this.#password;
    const answer =
      question.kind === 'password'
        ? ({ kind: 'password', password } as const)
        : ({ kind: 'scram', ...(await computeScramProof(question, password)) } as const);
    this.#take(this.stream.answerProof(token, answer, performance.now()));
  }
}

describe.skipIf(isMissing)(
  `Prosody${isMissing ? ' (skipped: prosody is not installed)' : ''}`,
  () => {
    let folder: string;
    let port: number;
    let prosody: ChildProcess;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'tercet-prosody-'));
      port = await freePort();
      const { cert, key } = await developmentCertificate({ domain: 'localhost' });
      writeFileSync(join(folder, 'cert.pem'), cert);
      writeFileSync(join(folder, 'key.pem'), key);
      const path = join(folder, 'prosody.cfg.lua');
      writeFileSync(path, configuration(folder, port));
      await execute('prosodyctl', ['--config', path, 'register', 'juliet', 'localhost', 'balcony']);
      prosody = spawn(program, ['--config', path, '-F'], { stdio: 'ignore' });
      for (let attempt = 1; attempt <= 100; attempt++) {
        if (await isListening(port)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error('prosody does not listen');
    });

    afterAll(() => {
      prosody.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });

    test.each(['SCRAM-SHA-1', 'PLAIN'] as const)('lets %s in', async (mechanism) => {
      const client = await new Client(port, 'balcony', {
        mechanisms: [mechanism],
        resource: mechanism,
      }).arrive();
      expect(client.of('ready')).toEqual([
        { type: 'ready', jid: `juliet@localhost/${mechanism}`, isResumed: false },
      ]);
      expect(client.stream.isEncrypted).toBe(true);
      client.close();
      await expect.poll(() => client.reason).toEqual({ kind: 'closed' });
    });

    test('refuses a wrong password, which is no way in', async () => {
      const client = await new Client(port, 'orchard').arrive();
      expect(client.reason).toMatchObject({ kind: 'failed', condition: 'not-authorized' });
    });

    test('acknowledges, and goes on after a loss', async () => {
      const first = await new Client(port, 'balcony').arrive();
      for (let count = 1; count <= 8; count++) first.ping(`p${count}`);
      await expect.poll(() => first.stream.management?.unacked.length).toBe(0);
      await expect.poll(() => first.of('stanza').length).toBe(8);
      first.ping('lost');
      first.cut();
      await expect.poll(() => first.reason).toEqual({ kind: 'disconnected' });
      const { management, jid } = first.stream;
      if (!management) throw new Error('there is no session');
      const second = await new Client(port, 'balcony', { resume: { management, jid } }).arrive();
      expect(second.of('ready')).toEqual([{ type: 'ready', jid, isResumed: true }]);
      await expect
        .poll(() => second.of('stanza').map(({ stanza }) => stanza.attr('id')))
        .toEqual(['lost']);
      second.close();
      await expect.poll(() => second.reason).toEqual({ kind: 'closed' });
    });
  },
);
