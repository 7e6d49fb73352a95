/**
 * The system's Chromium as a host: a page for each subject, each in a context and so in a process of its own. The clock is
 * that of the page: CPU time of a renderer is told in steps of 10 ms.
 */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { rootFolder } from './paths.mjs';
import { bundleFor } from './web-bundle.mjs';
import { WebChild } from './web-child.mjs';

const modules = join(rootFolder, 'test/runtimes/node_modules');

/** The host, or `{ absence }`. */
export async function chromiumHost() {
  const executablePath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'chromium'))
    .find((path) => existsSync(path));
  if (executablePath === undefined) return { absence: 'no chromium on the PATH' };
  if (!existsSync(join(modules, 'playwright-core')))
    return { absence: 'not installed: npm ci --prefix test/runtimes' };

  const { folder } = await bundleFor('page');
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://127.0.0.1');
    const isCorpus = pathname === '/corpora';
    const script = pathname === '/page.mjs';
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html; charset=utf-8');
    if (isCorpus) response.end(readFileSync(searchParams.get('path')));
    else if (script) response.end(readFileSync(join(folder, 'page.mjs')));
    else response.end('<!doctype html><script type="module" src="/page.mjs"></script>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { chromium } = createRequire(join(modules, 'x.js'))('playwright-core');
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    headless: true,
  });

  const open = async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction(() => globalThis.benchTake !== undefined);
    const send = (message) => page.evaluate((one) => globalThis.benchTake(one), message);
    return { send, context };
  };
  const childWith = (messages) =>
    new WebChild({
      opening: open(),
      messages,
      insideClock: true,
      close: ({ context }) => context.close(),
    });
  return {
    name: `Chromium ${browser.version().split('.')[0]}`,
    clock: 'wall time, on a page',
    refuses: ({ driver, input }) =>
      driver === 'route'
        ? 'pages route nothing'
        : input === 'buffers'
          ? 'a page gets strings from its WebSocket'
          : undefined,
    start: (job) => childWith([{ job }]),
    startChecks: (checks) => childWith(checks.map((check) => ({ check }))),
    async close() {
      await browser.close();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
