/**
 * The place of a subject where there is no process to start: a page, or a worker of workerd. The drivers and subjects
 * are those of child.mjs, in a bundle (runner/web-bundle.mjs).
 *
 * `take` answers a message: `{ check }` counts, `{ job }` gets ready, `{ load }` and `{ run }` do an order, which may have
 * different clocks around them. `fetchFile(path)` brings a corpus; drivers read it as a file (files.mjs).
 */

import { parseOrder } from '../drivers/order.mjs';
import { files } from './files.mjs';

/** Those of the suites that have a column a runtime. */
const drivers = {
  trees: () => import('../drivers/trees.mjs'),
  route: () => import('../drivers/route.mjs'),
};

let driver;

export async function take(message, fetchFile) {
  if (message.check !== undefined) {
    try {
      return await (await prepare(message.check, fetchFile)).check(message.check.check);
    } catch (error) {
      return { error: String(error.message ?? error) };
    }
  }
  if (message.job !== undefined) {
    driver = await prepare(message.job, fetchFile);
    return { ready: true };
  }
  if (message.load !== undefined) return { loaded: driver.load?.(parseOrder(message.load)) };
  const order = parseOrder(message.run);
  const before = performance.now();
  const work = driver.run(order);
  return { wall: (performance.now() - before) * 1000, ...work };
}

async function prepare(job, fetchFile) {
  for (const path of [job.corpus.path, job.corpus.indexPath]) {
    if (!files.has(path)) files.set(path, await fetchFile(path));
  }
  const { prepare: prepareDriver } = await drivers[job.driver]();
  return prepareDriver(job);
}
