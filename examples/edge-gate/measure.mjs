/*
 * How many frames go through the gate in workerd: from one link to another, over two WebSockets of loopback, and
 * through the table alone.
 *
 *     node examples/edge-gate/measure.mjs [--seconds 3]
 *
 * Per second of the CPU time of workerd where the system tells it (Linux), since a clock that also counts what
 * else runs on the machine says little; the rate by the clock stands beside it.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { link, startGate } from './gate.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '3' } } });
const seconds = Number(values.seconds);
const token = randomBytes(18).toString('base64url');
const frame =
  "<message xmlns='jabber:client' from='romeo@montague.example/orchard' to='juliet@capulet.example/balcony' type='chat' id='a1'>" +
  '<body>But soft, what light through yonder window breaks? It is the east, and Juliet is the sun.</body></message>';
/** Frames on their way at once. */
const windowSize = 256;
const ticksPerSecond = 100;

const gate = await startGate({ token, measure: true });
const sender = await link(gate.port, token, ['montague.example']);
const receiver = await link(gate.port, token, ['capulet.example']);
let isOver = false;
sender.addEventListener('close', async () => {
  if (isOver) return;
  console.error('the gate has ended the link');
  process.exitCode = 1;
  receiver.close();
  await gate.stop();
});

await through(0.5);
print('through the gate', await through(seconds));
await alone(0.5);
print('through its table', await alone(seconds));
isOver = true;
sender.close();
receiver.close();
await gate.stop();

/** Frames from one link to the other, for a while. */
async function through(duration) {
  let count = 0;
  const start = performance.now();
  const cpuStart = await cpuSeconds();
  await new Promise((resolve) => {
    const take = () => {
      count += 1;
      if (performance.now() - start < duration * 1000) return sender.send(frame);
      receiver.removeEventListener('message', take);
      // What is still on its way arrives before the next measurement begins.
      setTimeout(resolve, 100);
    };
    receiver.addEventListener('message', take);
    for (let index = 0; index < windowSize; index++) sender.send(frame);
  });
  return {
    count,
    elapsed: (performance.now() - start) / 1000 - 0.1,
    cpu: (await cpuSeconds()) - cpuStart,
  };
}

/** One frame again and again inside the worker, in calls of some tenths of a second. */
async function alone(duration) {
  const rounds = 50_000;
  let count = 0;
  const start = performance.now();
  const cpuStart = await cpuSeconds();
  while (performance.now() - start < duration * 1000) {
    const response = await fetch(`http://127.0.0.1:${gate.port}/route?rounds=${rounds}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: frame,
    });
    count += Number(await response.text());
  }
  return {
    count,
    elapsed: (performance.now() - start) / 1000,
    cpu: (await cpuSeconds()) - cpuStart,
  };
}

/** User and system time of workerd so far; NaN where the system does not tell it. */
async function cpuSeconds() {
  const stat = await readFile(`/proc/${gate.pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function print(name, { count, elapsed, cpu }) {
  const rate = (time) => Math.round(count / time).toLocaleString('en');
  const megabytes = (time) => ((count * frame.length) / time / 1e6).toFixed(0);
  const byCpu = Number.isNaN(cpu)
    ? 'CPU time unknown here'
    : `${rate(cpu)} frames (${megabytes(cpu)} MB) per CPU-second`;
  console.log(`${name.padEnd(18)} ${byCpu}; ${rate(elapsed)} frames/s by the clock`);
}
