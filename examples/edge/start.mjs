/*
 * Runs the worker on workerd on loopback, with two demo accounts.
 *
 *     node examples/edge/start.mjs [--port 8787] [--data DIR] [--account NAME:PASSWORD]... [--verbose]
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startWorker } from './workerd.mjs';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    data: { type: 'string' },
    account: { type: 'string', multiple: true, default: [] },
    verbose: { type: 'boolean', default: false },
  },
});
const makeSecret = () => randomBytes(32).toString('base64');
const token = makeSecret();
/** What salts of unknown users are derived from: they must not change while other things stay. */
const secret = values.data === undefined ? makeSecret() : await keptSecret(values.data);
const worker = await startWorker({
  entry: join(import.meta.dirname, 'worker.ts'),
  objects: ['Gate', 'Account'],
  variables: {
    DOMAIN: 'localhost',
    SECRET: secret,
    ADMIN_TOKEN: token,
    LOG: values.verbose ? '1' : '',
  },
  port: Number(values.port),
  data: values.data,
});
const origin = `127.0.0.1:${worker.port}`;
const accounts = ['juliet:balcony', 'romeo:orchard', ...values.account].map((each) =>
  each.split(/:(.*)/s, 2),
);
for (const [username, password] of accounts) {
  await fetch(`http://${origin}/accounts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ username, password }),
  });
}
console.log(`XMPP over WebSocket  ws://${origin}/xmpp-websocket`);
for (const [username, password] of accounts) {
  console.log(`account              ${username}@localhost, password ${password}`);
}
console.log('listening on loopback, until it is interrupted');
if (values.verbose) worker.print();
const stop = () => worker.stop();
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
await worker.ended;

async function keptSecret(folder) {
  const path = join(folder, 'secret');
  await mkdir(folder, { recursive: true });
  const kept = await readFile(path, 'utf8').catch(() => makeSecret());
  await writeFile(path, kept, { mode: 0o600 });
  return kept;
}
