/**
 * ejabberd (Debian: ejabberd), without the shaper that its own configuration puts on clients and with no module that
 * tercet has not. It is started by `erl` itself: the script of the package would change the user and use its folders.
 */

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess, freePort, listens } from './process.mjs';

const libraries = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'];

const release = () => {
  for (const folder of libraries.filter((each) => existsSync(each))) {
    const name = readdirSync(folder).find((each) => /^ejabberd-[\d.]+/.test(each));
    if (name !== undefined) return { folder, name };
  }
  return undefined;
};

export const version = () => release()?.name.replace('ejabberd-', '');
export const reason = () => (release() === undefined ? 'ejabberd is not installed' : '');

export async function start({ folder, certificate }) {
  const port = await freePort();
  const tlsPort = await freePort();
  const config = join(folder, 'ejabberd.yml');
  const listener = (own) => ({
    ...{ port: own, ip: '127.0.0.1', module: 'ejabberd_c2s', access: 'all' },
    ...{ max_stanza_size: 262_144, max_fsm_queue: 10_000 },
    ...(own === tlsPort && { tls: true }),
  });
  // YAML takes JSON.
  const settings = {
    hosts: ['localhost'],
    loglevel: 'error',
    certfiles: [certificate.bothPath],
    auth_method: 'internal',
    auth_password_format: 'plain',
    registration_timeout: 'infinity',
    listen: [listener(port), listener(tlsPort)],
    modules: {
      mod_roster: {},
      mod_disco: {},
      mod_ping: {},
      mod_offline: {},
      mod_register: { access: 'all', ip_access: 'all' },
    },
  };
  writeFileSync(config, JSON.stringify(settings, null, 2));
  const server = new ServerProcess(
    'erl',
    [
      ...['+K', 'true', '-noinput', '-boot', 'start_sasl', '-sasl', 'sasl_error_logger', 'false'],
      ...['-mnesia', 'dir', JSON.stringify(join(folder, 'spool')), '-s', 'ejabberd'],
    ],
    {
      folder,
      environment: {
        ERL_LIBS: release().folder,
        EJABBERD_CONFIG_PATH: config,
        EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
        HOME: folder,
      },
    },
  );
  await server.until(async () => (await listens(port)) && (await listens(tlsPort)));
  return { server, port, tlsPort };
}
