/*
 * Runs the worker beside this file on workerd: on a free port of loopback.
 */
import { join } from 'node:path';
import { startWorker } from '../../../examples/edge/workerd.mjs';

const entry = join(import.meta.dirname, 'worker.ts');
const worker = await startWorker({ entry, objects: ['Chat'] });
console.log(`ws://127.0.0.1:${worker.port}/\nlistening`);
process.once('SIGTERM', () => worker.stop());
await worker.ended;
