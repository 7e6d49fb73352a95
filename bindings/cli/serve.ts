/*
 * `tercet serve`: the embedded server on this machine's sockets. Prints how to connect on stdout, logs on
 * stderr, ends on SIGINT and SIGTERM after telling its clients.
 */
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import {
  MemoryStorage,
  StoredAccounts,
  createServer,
  lineLog,
  standardModules,
  logLevels,
} from '../server/index.js';
import type { LogLevel, RateLimits, Storage } from '../server/index.js';
import { developmentCertificate, listen, readStaticFiles } from '../node/index.js';
import { keepMemorySmall } from '../node/quiet-memory.js';
import type { Address, Certificate, Listening, StaticFiles } from '../node/index.js';
import { defaultFolder, openDataFolder } from './data-folder.js';
import { lockFolder } from './folder-lock.js';
import { parseOptions } from './options.js';

export const serveHelp = `tercet serve: the embedded server

Usage: tercet serve [options]

  --domain NAME      domain of the accounts (localhost)
  --host ADDRESS     address to listen on (127.0.0.1)
  --port N           XMPP with STARTTLS (5222)
  --tls-port N       XMPP over TLS (5223)
  --http-port N      WebSocket at /xmpp-websocket, and a status page (5280)
  --cert F --key F   certificate with its chain and key, PEM; without them a development
                     certificate is made, whose authority is DIR/ca.pem
  --data DIR         folder of accounts, contacts and messages, and of the authority (data)
  --memory           write nothing to disk; the authority is then a new one at each start
  --register         let clients make accounts of their own (XEP-0077)
  --demo             two accounts that are contacts of each other, and how to use them
  --rate BYTES       what a client may send a second, ten times as much at once (262144);
                     0: as much as it can
  --insecure         no TLS required on an address other than loopback
  --log LEVEL        error, warn, info or debug (info)

Port 0 takes a free one. tercet user makes accounts in a folder.
On loopback TLS is offered, elsewhere required. SIGINT or SIGTERM ends all streams and the server.
`;

const options = {
  domain: { type: 'string', default: 'localhost' },
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '5222' },
  'tls-port': { type: 'string', default: '5223' },
  'http-port': { type: 'string', default: '5280' },
  cert: { type: 'string' },
  key: { type: 'string' },
  data: { type: 'string' },
  memory: { type: 'boolean', default: false },
  register: { type: 'boolean', default: false },
  demo: { type: 'boolean', default: false },
  rate: { type: 'string', default: '262144' },
  insecure: { type: 'boolean', default: false },
  log: { type: 'string', default: 'info' },
} as const;

interface DemoAccount {
  readonly local: string;
  readonly password: string;
}

export async function serve(parameters: string[]): Promise<number> {
  const { values } = parseOptions('serve', parameters, options);
  const { host, cert, key, data, memory } = values;
  const domain = domainOf(values.domain);
  const isLoopback = /^(127\.|::1$|localhost$)/.test(host);
  const isTlsRequired = !isLoopback && !values.insecure;
  const level = logLevels.find((each) => each === values.log);
  if (!level) throw new UsageError(`--log is one of ${logLevels.join(', ')}`);
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError('--cert and --key go together');
  }
  if (memory && data !== undefined) throw new UsageError('--data and --memory exclude each other');
  const ports = {
    port: portOf('--port', values.port),
    tlsPort: portOf('--tls-port', values['tls-port']),
    httpPort: portOf('--http-port', values['http-port']),
  };

  const rates = ratesOf(values.rate);

  const folder = data ?? defaultFolder;
  const storage = memory ? new MemoryStorage() : await openStorage(folder);
  const lock = memory ? undefined : await lockFolder(folder);
  const certificate: Pick<Certificate, 'cert' | 'key' | 'authorityPath'> =
    cert !== undefined && key !== undefined
      ? { cert: await readFile(cert, 'utf8'), key: await readFile(key, 'utf8') }
      : await developmentCertificate({
          domain,
          names: ['localhost', '127.0.0.1', '::1', ...(isLoopback ? [] : [host])],
          ...(!memory && { folder }),
        });

  const accounts = new StoredAccounts(storage);
  const demo = values.demo ? demoAccounts(isLoopback) : [];
  for (const { local, password } of demo) await accounts.set(local, domain, password);
  const server = createServer({
    domain,
    accounts,
    storage,
    modules: standardModules({ hasRegistration: values.register }),
    rates,
    liveness: { pingMs: 180_000, timeoutMs: 60_000 },
    log: logTo(level),
  });

  const first = demo.at(0);
  const second = demo.at(1);
  if (first && second) {
    server.rosters.befriend(`${first.local}@${domain}`, `${second.local}@${domain}`);
  }

  // Nobody else could write to the folder before.
  await storage.commit();

  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const pages = values.demo ? await demoPage() : undefined;
  const listening = await listen(server, {
    host,
    ...ports,
    certificate,
    isTlsRequired,
    pages,
  }).catch((error: unknown) => {
    throw explained(error);
  });
  process.stdout.write(
    greeting({
      domain,
      listening,
      demo,
      hasPage: pages !== undefined,
      isTlsRequired,
      authorityPath: certificate.authorityPath,
    }),
  );

  const release = keepMemorySmall(server);
  await stopped;
  release();
  process.stderr.write('tercet serve: closing\n');
  const start = performance.now();
  process.on('SIGINT', () => {
    // Whoever asks twice does not want to wait; a shell or npm may repeat one signal at once.
    if (performance.now() - start > 500) process.exit(1);
  });
  await listening.close();
  await storage.close();
  await lock?.release();
  return 0;
}

/** The page of the demonstration, which is built beside the server; there may be none. */
async function demoPage(): Promise<StaticFiles | undefined> {
  const folder = fileURLToPath(new URL('../../page/', import.meta.url));
  const isThere = await access(join(folder, 'index.html')).then(
    () => true,
    () => false,
  );
  return isThere ? readStaticFiles(folder) : undefined;
}

async function openStorage(folder: string): Promise<Storage> {
  return openDataFolder(folder).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}; --memory keeps everything in memory`, { cause: error });
  });
}

function domainOf(text: string): string {
  const checked = Jid.check(text);
  if (!checked.ok) throw new UsageError(`--domain: ${checked.error.message}`);
  const { local, domain, resource } = checked.jid;
  if (local !== '' || resource !== '') throw new UsageError('--domain is a domain, not an address');
  return domain;
}

function portOf(option: string, text: string): number {
  const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new UsageError(`${option} is a number from 0 to 65535`);
  return port;
}

function ratesOf(text: string): RateLimits | false {
  if (!/^[0-9]{1,12}$/.test(text)) throw new UsageError('--rate is a number of bytes a second');
  return text === '0' ? false : { bytesPerSecond: Number(text) };
}

const logTo = (level: LogLevel) => lineLog((line) => process.stderr.write(`${line}\n`), level);

/** Known passwords are for a server that nobody else can reach. */
function demoAccounts(isLoopback: boolean): DemoAccount[] {
  const password = (known: string): string =>
    isLoopback
      ? known
      : Buffer.from(crypto.getRandomValues(new Uint8Array(9))).toString('base64url');
  return [
    { local: 'juliet', password: password('balcony') },
    { local: 'romeo', password: password('orchard') },
  ];
}

/** What the system says about a port, in words that help. */
function explained(error: unknown): unknown {
  const { code, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (port === undefined) return error;
  const place = `port ${port} on ${address ?? ''}`;
  const hint = 'choose another with --port, --tls-port or --http-port';
  if (code === 'EADDRINUSE') return new Error(`${place} is in use; ${hint}`);
  if (code === 'EACCES') return new Error(`${place} needs more rights; ${hint}`);
  if (code === 'EADDRNOTAVAIL') return new Error(`${address ?? ''} is no address of this machine`);
  return error;
}

interface Greeting {
  readonly domain: string;
  readonly listening: Listening;
  readonly demo: readonly DemoAccount[];
  readonly hasPage: boolean;
  readonly isTlsRequired: boolean;
  readonly authorityPath: string | undefined;
}

function greeting(options: Greeting): string {
  const { domain, listening, demo, hasPage, isTlsRequired, authorityPath } = options;
  const { tcp, tls, http } = listening;
  const lines = [`tercet serves ${domain}`];
  if (tcp)
    lines.push(`  XMPP       ${shown(tcp)}  STARTTLS ${isTlsRequired ? 'required' : 'offered'}`);
  if (tls) lines.push(`  over TLS   ${shown(tls)}`);
  if (http) {
    const scheme = isTlsRequired ? 'wss' : 'ws';
    lines.push(`  WebSocket  ${scheme}://${shown(http)}/xmpp-websocket`);
    const site = `${isTlsRequired ? 'https' : 'http'}://${shown(http)}/`;
    if (hasPage) lines.push(`  page       ${site}  chat, inspector and measurement, in a browser`);
  }
  if (authorityPath !== undefined) {
    lines.push('', `Clients trust the development certificate through ${authorityPath}:`);
    lines.push(`  Node            NODE_EXTRA_CA_CERTS=${authorityPath}`);
    lines.push(`  Go, OpenSSL     SSL_CERT_FILE=${authorityPath}`);
  }
  if (demo.length > 0 && tcp) {
    const webSocket = http && `${isTlsRequired ? 'wss' : 'ws'}://${reached(http)}/xmpp-websocket`;
    lines.push('', ...demoLines(domain, demo, reached(tcp), webSocket, authorityPath));
  }
  lines.push('', 'Ctrl-C ends the server.');
  return `${lines.join('\n')}\n`;
}

function demoLines(
  domain: string,
  demo: readonly DemoAccount[],
  tcp: string,
  webSocket: string | undefined,
  authorityPath: string | undefined,
): string[] {
  const accounts = demo.map(({ local, password }) => ({ jid: `${local}@${domain}`, password }));
  const juliet = accounts.at(0);
  const romeo = accounts.at(1);
  if (!juliet || !romeo) return [];
  const trust = authorityPath === undefined ? '' : `SSL_CERT_FILE=${authorityPath} `;
  const unverified = authorityPath === undefined ? ' -n' : '';
  const go = ({ jid, password }: typeof juliet): string =>
    `${trust}go-sendxmpp${unverified} -u ${jid} -p ${password} -j ${tcp}`;
  return [
    'Accounts of the demonstration, contacts of each other:',
    ...demo.map(({ local, password }) => `  ${local}@${domain}  password ${password}`),
    '',
    'One terminal listens as juliet, another writes as romeo:',
    `  ${go(juliet)} -l`,
    `  echo 'Hello' | ${go(romeo)} ${juliet.jid}`,
    ...(webSocket !== undefined
      ? [
          '',
          'With xmpp.js (npm install @xmpp/client):',
          `  client({ service: '${webSocket}', domain: '${domain}',`,
          `    username: 'juliet', password: '${juliet.password}' })`,
        ]
      : []),
  ];
}

/** All addresses of a machine are none to connect to. */
const reached = ({ host, port }: Address): string =>
  shown({ host: host === '0.0.0.0' || host === '::' ? 'localhost' : host, port });

const shown = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
