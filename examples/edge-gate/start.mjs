/*
 * Runs the gate on workerd on loopback.
 *
 *     node examples/edge-gate/start.mjs [--port 8788] [--token SECRET] [--awake]
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { startGate } from './gate.mjs';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8788' },
    token: { type: 'string' },
    awake: { type: 'boolean', default: false },
  },
});
const token = values.token ?? randomBytes(18).toString('base64url');
const gate = await startGate({ port: Number(values.port), token, isAwake: values.awake });
console.log(`links  ws://127.0.0.1:${gate.port}/link?serves=DOMAIN,...`);
console.log(`with   authorization: Bearer ${token}`);
console.log('listening on loopback, until it is interrupted');
const stop = () => gate.stop();
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
await gate.ended;
