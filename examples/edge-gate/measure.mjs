/*
 * How many frames go through the gate in workerd: from one link to another, over two WebSockets of loopback, and
 * through the table alone. Beside the gate stands one with nothing in it (bare.ts), and both are measured with
 * links that let their object sleep and with links that keep it awake, in turns.
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
const rounds = Math.min(5, Math.ceil(seconds * 2));
const ticksPerSecond = 100;

const subjects = await Promise.all([
  start('the gate', { measure: true }),
  start('a bare one', { entry: 'bare.ts' }),
  start('the gate, awake', { isAwake: true }),
  start('a bare one, awake', { entry: 'bare.ts', isAwake: true }),
]);
// The first one is not counted.
for (let round = 0; round <= rounds; round++) {
  for (const subject of subjects) {
    const result = await through(subject, seconds / rounds);
    if (round > 0) subject.results.push(result);
  }
}
for (const { name, results } of subjects) print(name, median(results));
const [gate] = subjects;
await alone(gate, Math.min(seconds, 0.5));
print('the table alone', await alone(gate, seconds));
for (const subject of subjects) await end(subject);

async function start(name, options) {
  const { port, pid, stop } = await startGate({ token, ...options });
  const sender = await link(port, token, ['montague.example']);
  const receiver = await link(port, token, ['capulet.example']);
  const subject = { name, port, pid, stop, sender, receiver, results: [], isOver: false };
  sender.addEventListener('close', async () => {
    if (subject.isOver) return;
    console.error(`${name} has ended the link`);
    process.exitCode = 1;
    for (const each of subjects) await end(each);
  });
  return subject;
}

async function end(subject) {
  subject.isOver = true;
  subject.sender.close();
  subject.receiver.close();
  await subject.stop();
}

/** Frames from one link to the other, for a while. */
async function through({ pid, sender, receiver }, duration) {
  let count = 0;
  const begin = await clocks(pid);
  await new Promise((resolve) => {
    let waiting = windowSize;
    const take = () => {
      count += 1;
      if (performance.now() / 1000 - begin.clock < duration) return sender.send(frame);
      waiting -= 1;
      if (waiting > 0) return;
      receiver.removeEventListener('message', take);
      resolve();
    };
    receiver.addEventListener('message', take);
    for (let index = 0; index < windowSize; index++) sender.send(frame);
  });
  return rates(count, begin, await clocks(pid));
}

/** One frame again and again inside the worker, in calls of some tenths of a second. */
async function alone({ port, pid }, duration) {
  let count = 0;
  const begin = await clocks(pid);
  while (performance.now() / 1000 - begin.clock < duration) {
    const response = await fetch(`http://127.0.0.1:${port}/route?rounds=50000`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: frame,
    });
    count += Number(await response.text());
  }
  return rates(count, begin, await clocks(pid));
}

/** In seconds: the clock, and user and system time of workerd so far, NaN where the system does not tell it. */
async function clocks(pid) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpu = (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  return { clock: performance.now() / 1000, cpu };
}

function rates(count, begin, end) {
  return {
    byClock: count / (end.clock - begin.clock),
    byCpu: count / (end.cpu - begin.cpu),
  };
}

function median(results) {
  return results.toSorted((one, other) => one.byCpu - other.byCpu)[results.length >> 1];
}

function print(name, { byClock, byCpu }) {
  const number = (rate) => Math.round(rate).toLocaleString('en').padStart(9);
  const cpu = Number.isNaN(byCpu)
    ? 'CPU time unknown here'
    : `${number(byCpu)} frames per CPU-second`;
  console.log(`${name.padEnd(18)} ${cpu}; ${number(byClock)} frames/s by the clock`);
}
