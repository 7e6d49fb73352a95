/*
 * The client's side of a stream against Prosody (Debian: prosody), a server of somebody else: STARTTLS,
 * SCRAM and PLAIN, stream management, a lost connection and its resumption. The sockets are socket-client.ts's.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { developmentCertificate } from 'tercet/node';
import { SocketClient } from './socket-client.js';

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
      const client = await new SocketClient(
        { port, password: 'balcony' },
        {
          mechanisms: [mechanism],
          resource: mechanism,
        },
      ).arrive();
      expect(client.of('ready')).toEqual([
        { type: 'ready', jid: `juliet@localhost/${mechanism}`, isResumed: false },
      ]);
      expect(client.stream.isEncrypted).toBe(true);
      client.close();
      await expect.poll(() => client.reason).toEqual({ kind: 'closed' });
    });

    test('refuses a wrong password, which is no way in', async () => {
      const client = await new SocketClient({ port, password: 'orchard' }).arrive();
      expect(client.reason).toMatchObject({ kind: 'failed', condition: 'not-authorized' });
    });

    test('acknowledges, and goes on after a loss', async () => {
      const first = await new SocketClient({ port, password: 'balcony' }).arrive();
      for (let count = 1; count <= 8; count++) first.ping(`p${count}`);
      await expect.poll(() => first.stream.management?.unacked.length).toBe(0);
      await expect.poll(() => first.of('stanza').length).toBe(8);
      first.ping('lost');
      first.cut();
      await expect.poll(() => first.reason).toEqual({ kind: 'disconnected' });
      const { management, jid } = first.stream;
      if (!management) throw new Error('there is no session');
      const second = await new SocketClient(
        { port, password: 'balcony' },
        { resume: { management, jid } },
      ).arrive();
      expect(second.of('ready')).toEqual([{ type: 'ready', jid, isResumed: true }]);
      await expect
        .poll(() => second.of('stanza').map(({ stanza }) => stanza.attr('id')))
        .toEqual(['lost']);
      second.close();
      await expect.poll(() => second.reason).toEqual({ kind: 'closed' });
    });
  },
);
