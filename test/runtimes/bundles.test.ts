/*
 * Bundles as users make them, by esbuild and by Vite, for a page and for a worker: they run in Chromium,
 * and their size is pinned, the core included, as a server sends it (brotli, quality 11).
 *
 * The sizes aimed at are 15, 20 and 35 KB; docs/design/065-size-of-bundles.md says what stands in the
 * way, and what was tried. A bundle that grows by more than two percent fails here.
 */
import { brotliCompressSync, constants } from 'node:zlib';
import { join } from 'node:path';
import { build as buildByEsbuild } from 'esbuild';
import { build as buildByVite } from 'vite';
import { describe, expect, test } from 'vitest';
import { root } from './bundle.js';
import { withPage } from './chromium.js';
import { runtimes } from './runtimes.js';

/** Bytes at the most, by the names of esbuild and Vite. */
const parts = [
  { entry: 'tercet/parser', esbuild: 26_600, vite: 26_100 },
  { entry: 'tercet/jid', esbuild: 19_400, vite: 18_500 },
  { entry: 'tercet', esbuild: 58_300, vite: 57_100 },
] as const;

const bundlers = {
  async esbuild(program: string): Promise<string> {
    const { outputFiles } = await buildByEsbuild({
      stdin: { contents: program, resolveDir: root },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    });
    return outputFiles[0].text;
  },

  async vite(program: string): Promise<string> {
    const path = join(root, 'program.js');
    const result = await buildByVite({
      configFile: false,
      logLevel: 'silent',
      root,
      plugins: [
        {
          name: 'program',
          enforce: 'pre',
          resolveId: (id) => (id === path ? id : undefined),
          load: (id) => (id === path ? program : undefined),
        },
      ],
      build: {
        write: false,
        modulePreload: false,
        rolldownOptions: { input: path, preserveEntrySignatures: 'strict' },
      },
    });
    if (Array.isArray(result) || !('output' in result)) throw new Error('one output was expected');
    const [chunk] = result.output;
    expect(result.output).toHaveLength(1);
    return chunk.code;
  },
};

type Bundler = keyof typeof bundlers;
const names = Object.keys(bundlers) as Bundler[];

const brotliBytes = (code: string): number =>
  brotliCompressSync(code, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
    },
  }).length;

describe.each(names)('by %s', (name) => {
  test.each(parts)('all of $entry stays within its size', async (part) => {
    const code = await bundlers[name](`export * from '${part.entry}'`);
    const size = brotliBytes(code);
    expect(size).toBeLessThanOrEqual(part[name]);
    // A pin that is far away holds nothing.
    expect(size).toBeGreaterThan(part[name] * 0.95);
  });
});

const chromium = runtimes.find(({ name }) => name === 'Chromium, page');
const skipped = chromium?.absence === undefined ? '' : ` (skipped: ${chromium.absence})`;

/** Tells whoever asks, on a page or in a worker, what the package makes of an address in an element. */
const program = `
import { Jid, parse } from 'tercet';
const seen = () => String(Jid.parse(parse('<a>Juliet@B\u00fccher.example</a>').text));
if (typeof document === 'undefined') onmessage = () => postMessage(seen());
else globalThis.seen = seen;`;

const html = '<!doctype html><title>bundle</title><script type="module" src="/page.mjs"></script>';
const onPage = 'seen()';
const inWorker = `new Promise((resolve, reject) => {
  const worker = new Worker('/page.mjs', { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  worker.postMessage('');
})`;

describe.each(names)(`by %s, in Chromium${skipped}`, (name) => {
  test.skipIf(chromium?.absence !== undefined)(
    'a bundle runs on a page and in a worker',
    async () => {
      const files = { 'page.html': html, 'page.mjs': await bundlers[name](program) };
      const seen = await withPage({ files }, async (page) => [
        await page.evaluate<string>(onPage),
        await page.evaluate<string>(inWorker),
      ]);
      expect(seen).toEqual(['juliet@b\u00fccher.example', 'juliet@b\u00fccher.example']);
    },
  );
});
