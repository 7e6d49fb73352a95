/*
 * The gate on workerd, and a link to it; `entry` takes another worker in its place.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { startWorker } from '../edge/workerd.mjs';

export const startGate = ({
  port = 0,
  token,
  isAwake = false,
  measure = false,
  entry = 'worker.ts',
}) =>
  startWorker({
    entry: join(import.meta.dirname, entry),
    objects: ['Gate'],
    variables: { GATE_TOKEN: token, MEASURE: measure ? '1' : '', AWAKE: isAwake ? '1' : '' },
    port,
  });

/** A WebSocket that serves these addresses, open; Node's own takes headers. */
export async function link(port, token, serves) {
  const url = `ws://127.0.0.1:${port}/link?serves=${encodeURIComponent(serves.join(','))}`;
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(url, { protocols: ['xmpp'], headers });
  await Promise.race([
    once(socket, 'open'),
    once(socket, 'error').then(() => Promise.reject(new Error('the gate refused the link'))),
  ]);
  return socket;
}
