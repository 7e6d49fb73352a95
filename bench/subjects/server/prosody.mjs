/** Prosody (Debian: prosody), with its epoll backend, its storage in memory, and no module that tercet has not. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess, outputOf, freePort, listens } from './process.mjs';

export const version = () => /^Prosody (\d\S*)/m.exec(outputOf('prosodyctl', ['about']))?.[1];
export const reason = () =>
  outputOf('prosodyctl', ['about']) === '' ? 'prosody is not installed' : '';

export async function start({ folder, certificate }) {
  const port = await freePort();
  const tlsPort = await freePort();
  const path = join(folder, 'prosody.cfg.lua');
  const lines = [
    'run_as_root = true',
    'daemonize = false',
    `pidfile = ${JSON.stringify(join(folder, 'prosody.pid'))}`,
    `data_path = ${JSON.stringify(folder)}`,
    `certificates = ${JSON.stringify(folder)}`,
    'log = { { levels = { min = "error" }, to = "console" } }',
    'modules_enabled = { "roster", "saslauth", "disco", "ping", "offline", "register", "tls" }',
    'modules_disabled = { "s2s" }',
    'authentication = "internal_plain"',
    'storage = "memory"',
    'allow_registration = true',
    'c2s_require_encryption = false',
    'allow_unencrypted_plain_auth = true',
    'c2s_interfaces = { "127.0.0.1" }',
    'c2s_direct_tls_interfaces = { "127.0.0.1" }',
    `c2s_ports = { ${port} }`,
    `c2s_direct_tls_ports = { ${tlsPort} }`,
    `ssl = { key = ${JSON.stringify(certificate.keyPath)}; certificate = ${JSON.stringify(certificate.certPath)} }`,
    'VirtualHost "localhost"',
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  const server = new ServerProcess('prosody', ['--config', path, '-F'], { folder });
  await server.until(async () => (await listens(port)) && (await listens(tlsPort)));
  return { server, port, tlsPort };
}
