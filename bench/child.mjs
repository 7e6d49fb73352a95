/**
 * The process of one subject: takes orders on stdin, one a line, and answers each with one line of JSON.
 *
 * An order is a list of byte ranges, `start end start end`, or a word that the driver understands. The answer holds the
 * CPU time (user and system, all threads) and the wall time of the work, in microseconds. Given `checks` instead of one
 * job, it counts what the subject reports in each, prints that and ends. Programs in C follow the same protocol
 * (bench/native).
 */

import { createInterface } from 'node:readline';
import { parseOrder } from './drivers/order.mjs';

const job = JSON.parse(process.argv[2]);
const load = async (one) => (await import(`./drivers/${one.driver}.mjs`)).prepare(one);
const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

if (job.checks !== undefined) {
  for (const one of job.checks) {
    try {
      answer(await (await load(one)).check(one.check));
    } catch (error) {
      answer({ error: String(error.message ?? error) });
    }
  }
} else {
  const driver = await load(job);
  answer({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'quit') break;
    const order = parseOrder(line);
    driver.load?.(order);
    const wallBefore = process.hrtime.bigint();
    const before = process.cpuUsage();
    const work = driver.run(order);
    const { user, system } = process.cpuUsage(before);
    const wall = Number(process.hrtime.bigint() - wallBefore) / 1000;
    answer({ cpu: user + system, wall, ...work });
  }
}
process.exit(0);
