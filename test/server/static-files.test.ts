/*
 * Files of a page on the HTTP port: those of the folder when the server started, and nothing around it.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UsageError } from 'tercet';
import { listen, readStaticFiles } from 'tercet/node';
import type { Listening } from 'tercet/node';
import { createServer } from 'tercet/server';

const around = mkdtempSync(join(tmpdir(), 'tercet-'));
const folder = join(around, 'page');
let listening: Listening;

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(around, 'secret.txt'), 'secret');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><p>Hello</p>');
  writeFileSync(join(folder, 'assets/app.js'), 'export {};');
  writeFileSync(join(folder, 'assets/core.wasm'), Buffer.from([0, 97, 115, 109]));
  writeFileSync(join(folder, '.env'), 'secret');
  writeFileSync(join(folder, '.git/config.txt'), 'secret');
  writeFileSync(join(folder, 'notes'), 'secret');
  symlinkSync(join(around, 'secret.txt'), join(folder, 'link.txt'));
  const pages = await readStaticFiles(folder);
  writeFileSync(join(folder, 'later.txt'), 'secret');
  listening = await listen(createServer({ domain: 'localhost' }), { httpPort: 0, pages });
});

afterAll(async () => {
  await listening.close(0);
  rmSync(around, { recursive: true });
});

const url = (path: string): string => `http://127.0.0.1:${listening.http?.port ?? 0}${path}`;

/** The whole answer to a request whose target is sent as it stands. */
async function ask(target: string): Promise<string> {
  const socket = connect(listening.http?.port ?? 0, '127.0.0.1').setEncoding('utf8');
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  let answer = '';
  socket.on('data', (text: string) => (answer += text));
  await once(socket, 'close');
  return answer;
}

test.each([
  ['/', 'text/html; charset=utf-8', 27],
  ['/index.html', 'text/html; charset=utf-8', 27],
  ['/assets/app.js', 'text/javascript; charset=utf-8', 10],
  ['/assets/app.js?version=2', 'text/javascript; charset=utf-8', 10],
  ['/assets/core.wasm', 'application/wasm', 4],
])('%s is there, as what it is', async (path, type, size) => {
  const response = await fetch(url(path));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(type);
  expect((await response.arrayBuffer()).byteLength).toBe(size);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe-inline');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
});

test('HEAD has no body, and other methods are refused', async () => {
  const head = await fetch(url('/'), { method: 'HEAD' });
  expect(head.status).toBe(200);
  expect(head.headers.get('content-length')).toBe('27');
  expect(await head.text()).toBe('');
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const response = await fetch(url('/'), { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  }
});

test.each([
  '/../secret.txt',
  '/assets/../../secret.txt',
  '/%2e%2e/secret.txt',
  '/..%2fsecret.txt',
  '/..\\secret.txt',
  '/link.txt',
  '/.env',
  '/.git/config.txt',
  '/notes',
  '/later.txt',
  '/assets',
  '/assets/',
  '//index.html',
  '/index.html%00',
  '/__proto__',
  '/constructor',
])('%s is nothing', async (target) => {
  const answer = await ask(target);
  expect(answer).toMatch(/^HTTP\/1.1 404 /);
  expect(answer).not.toContain('secret');
});

test('the status and the place of the WebSocket are where they were', async () => {
  expect(await (await fetch(url('/status'))).text()).toContain('tercet serves localhost');
  expect(await (await fetch(url('/.well-known/host-meta.json'))).text()).toContain('/xmpp-web');
});

test('a folder without a page is refused', async () => {
  await expect(readStaticFiles(join(folder, 'assets'))).rejects.toThrow(UsageError);
});
