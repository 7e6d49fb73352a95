/*
 * Servers of others, started on free ports of loopback with an account juliet@localhost, password balcony:
 * Prosody and ejabberd of Debian, with STARTTLS, TLS from the start and WebSocket.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { developmentCertificate } from 'tercet/node';

const execute = promisify(execFile);

export interface Ports {
  readonly plain: number;
  readonly tls: number;
  readonly http: number;
}

export interface OtherServer {
  readonly ports: Ports;
  /** PEM of the authority to trust. */
  readonly ca: string;
  readonly webSocketPath: string;
  /** Gone at once, and then there again, with nothing in its memory. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

interface Program {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly webSocketPath: string;
  /** What is done once it listens. */
  readonly register: () => Promise<unknown>;
}

type Prepare = (folder: string, ports: Ports) => Program;

async function start(prepare: Prepare): Promise<OtherServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tercet-other-'));
  const ports = { plain: await freePort(), tls: await freePort(), http: await freePort() };
  const { cert, key, authority } = await developmentCertificate({ domain: 'localhost' });
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'both.pem'), cert + key);
  const program = prepare(folder, ports);
  const { command, parameters, environment = {}, webSocketPath, register } = program;
  const run = async (): Promise<ReturnType<typeof spawn>> => {
    const child = spawn(command, parameters, {
      stdio: 'ignore',
      env: { ...process.env, ...environment },
    });
    for (const port of Object.values(ports)) await listening(port);
    return child;
  };
  let child = await run();
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  try {
    await register();
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    ports,
    ca: authority,
    webSocketPath,
    async restart() {
      await kill();
      child = await run();
    },
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// Prosody.

export const hasProsody = await execute('prosodyctl', ['about']).then(
  () => true,
  () => false,
);

export const startProsody = (): Promise<OtherServer> =>
  start((folder, ports) => {
    const path = join(folder, 'prosody.cfg.lua');
    writeFileSync(
      path,
      `
  run_as_root = true
  pidfile = "${folder}/prosody.pid"
  data_path = "${folder}"
  modules_enabled = { "saslauth", "tls", "disco", "ping", "roster", "smacks", "websocket", "posix" }
  modules_disabled = { "s2s" }
  c2s_require_encryption = true
  consider_websocket_secure = true
  authentication = "internal_hashed"
  log = { { levels = { min = "error" }, to = "console" } }
  interfaces = { "127.0.0.1" }
  c2s_ports = { ${ports.plain} }
  c2s_direct_tls_ports = { ${ports.tls} }
  s2s_ports = {}
  http_interfaces = { "127.0.0.1" }
  http_ports = { ${ports.http} }
  https_ports = {}
  http_default_host = "localhost"
  ssl = { certificate = "${folder}/cert.pem", key = "${folder}/key.pem" }
  VirtualHost "localhost"
`,
    );
    const account = ['register', 'juliet', 'localhost', 'balcony'];
    return {
      command: 'prosody',
      parameters: ['--config', path, '-F'],
      webSocketPath: '/xmpp-websocket',
      register: () => execute('prosodyctl', ['--config', path, ...account]),
    };
  });

// ejabberd.

const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'];
const release = libraries.find(
  (folder) => existsSync(folder) && readdirSync(folder).some((name) => /^ejabberd-\d/.test(name)),
);

export const hasEjabberd = release !== undefined;

export const startEjabberd = (): Promise<OtherServer> =>
  start((folder, ports) => {
    const path = join(folder, 'ejabberd.yml');
    const listener = { ip: '127.0.0.1', module: 'ejabberd_c2s', access: 'all' };
    // YAML takes JSON.
    const settings = {
      hosts: ['localhost'],
      loglevel: 'error',
      certfiles: [join(folder, 'both.pem')],
      auth_method: 'internal',
      auth_password_format: 'scram',
      registration_timeout: 'infinity',
      listen: [
        { ...listener, port: ports.plain, starttls_required: true },
        { ...listener, port: ports.tls, tls: true },
        {
          port: ports.http,
          ip: '127.0.0.1',
          module: 'ejabberd_http',
          request_handlers: { '/ws': 'ejabberd_http_ws', '/api': 'mod_http_api' },
        },
      ],
      api_permissions: {
        tests: { from: ['mod_http_api'], who: 'all', what: ['register'] },
      },
      modules: { mod_roster: {}, mod_disco: {}, mod_ping: {}, mod_stream_mgmt: {} },
    };
    writeFileSync(path, JSON.stringify(settings));
    return {
      // Not by its own script, which would change the user and use its folders.
      command: 'erl',
      parameters: [
        ...['+K', 'true', '-noinput', '-boot', 'start_sasl', '-sasl', 'sasl_error_logger', 'false'],
        ...['-mnesia', 'dir', JSON.stringify(join(folder, 'spool')), '-s', 'ejabberd'],
      ],
      environment: {
        ERL_LIBS: release ?? '',
        EJABBERD_CONFIG_PATH: path,
        EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
        HOME: folder,
      },
      webSocketPath: '/ws',
      register: async () => {
        const answer = await fetch(`http://127.0.0.1:${ports.http}/api/register`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ user: 'juliet', host: 'localhost', password: 'balcony' }),
        });
        if (!answer.ok) throw new Error(`ejabberd registers nobody: ${await answer.text()}`);
      },
    };
  });

// Ports.

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 1; attempt <= 300; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nobody listens on port ${port}`);
}
