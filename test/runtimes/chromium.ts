/*
 * The system's Chromium, headless, driven by playwright-core: a page on loopback that loads a bundle, under
 * whatever content security policy a test wants.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { serve } from '../clients/serve.js';
import { bundle } from './bundle.js';
import type { Outcome } from './check.js';

/** Of playwright-core, what is used; it is not installed where types are checked. */
export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate<Result>(program: string): Promise<Result>;
  on(event: 'console', listener: (message: { text(): string }) => void): void;
  on(event: 'pageerror', listener: (error: Error) => void): void;
}

interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: {
      executablePath: string;
      args: readonly string[];
      headless: boolean;
    }): Promise<Browser>;
  };
}

export function chromiumPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'chromium')).find((path) => existsSync(path));
}

export interface PageOptions {
  /** A path below `/` and its script. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** A page that is served elsewhere, instead of `/page.html`. */
  readonly url?: string;
  /** The header Content-Security-Policy. */
  readonly policy?: string;
  /** Whether the type of a file says that it is UTF-8; true by default. */
  readonly hasCharset?: boolean;
  /** More arguments of the browser. */
  readonly flags?: readonly string[];
}

/** Calls `use` with a page that has `/page.html` of `files` open. */
export async function withPage<Result>(
  options: PageOptions,
  use: (page: Page) => Promise<Result>,
): Promise<Result> {
  const { files = {}, policy, flags = [], hasCharset = true } = options;
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    const type = name.endsWith('.html') ? 'text/html' : 'text/javascript';
    if (policy !== undefined) response.setHeader('Content-Security-Policy', policy);
    response.setHeader('Content-Type', hasCharset ? `${type}; charset=utf-8` : type);
    response.statusCode = name in files ? 200 : 404;
    response.end(files[name] ?? '');
  });
  const { chromium } = createRequire(import.meta.url)('playwright-core') as Playwright;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({
    executablePath: chromiumPath() ?? '',
    // The sandbox of Chromium refuses root, and containers lack what it needs.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', ...flags],
    headless: true,
  });
  try {
    const page = await browser.newPage();
    const { port } = server.address() as AddressInfo;
    await page.goto(options.url ?? `http://127.0.0.1:${port}/page.html`);
    return await use(page);
  } finally {
    await browser.close();
    server.close();
  }
}

const html = '<!doctype html><title>suite</title><script type="module" src="/page.mjs"></script>';
const onPage = (service: string): string => `runTercetSuite('${service}')`;
const inWorker = (service: string): string => `new Promise((resolve, reject) => {
  const worker = new Worker('/page.mjs', { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage('${service}');
})`;

export async function runOnPage(place: 'page' | 'worker'): Promise<Outcome[]> {
  const [path] = await bundle('page');
  const files = { 'page.html': html, 'page.mjs': await readFile(path) };
  const program = place === 'page' ? onPage : inWorker;
  const serving = await serve();
  try {
    return await withPage({ files }, (page) => page.evaluate(program(serving.webSocket)));
  } finally {
    await serving.stop();
  }
}
