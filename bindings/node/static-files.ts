/*
 * Files of one folder on the HTTP port: read once when the server starts, given out from memory. A request's
 * path is looked up in that list and never meets the file system, so there is nothing to traverse and no link
 * to follow; what is added to the folder later is not there.
 *
 * Pages run what they bring and nothing else: scripts, styles and connections of this origin only, WebAssembly
 * allowed, no frame around them (Content Security Policy, level 3).
 */
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { UsageError } from '../errors.js';

export interface StaticFile {
  readonly type: string;
  readonly body: Uint8Array;
}

/** By path, such as `/assets/app.js`; `/` is `index.html`. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

const types: Readonly<Record<string, string | undefined>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** More is no page, and would stay in memory. */
const maxTotalBytes = 16 * 2 ** 20;

/** What every file is sent with. */
export const staticHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
    "img-src 'self' data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  // The next version of the server may bring other files under the same names.
  'Cache-Control': 'no-cache',
};

/**
 * Reads a folder with its subfolders. Only plain files whose ending names a type above are taken; names that
 * begin with a dot and links are left out. Throws UsageError where there is no `index.html` in it, or more than
 * 16 MiB.
 *
 *     await listen(server, { httpPort: 5280, pages: await readStaticFiles('dist/page') });
 */
export async function readStaticFiles(folder: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  let total = 0;
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const names = relative(folder, path).split(sep);
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined || names.some((name) => name.startsWith('.'))) {
      continue;
    }
    const body = await readFile(path);
    total += body.length;
    if (total > maxTotalBytes) throw new UsageError(`${folder} holds more than 16 MiB of pages`);
    files.set(`/${names.join('/')}`, { type, body });
  }
  const index = files.get('/index.html');
  if (!index) throw new UsageError(`there is no index.html in ${folder}`);
  files.set('/', index);
  return files;
}
