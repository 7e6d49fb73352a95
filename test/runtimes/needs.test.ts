/*
 * What tercet needs of a runtime, and what a program is told where it is not there: WebAssembly, with
 * SIMD, and leave to compile it.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { build } from 'esbuild';
import { root } from './bundle.js';
import { withPage } from './chromium.js';
import { runtimes } from './runtimes.js';

const chromium = runtimes.find(({ name }) => name === 'Chromium, page');
const skipped = chromium?.absence === undefined ? '' : ` (skipped: ${chromium.absence})`;

const html = '<!doctype html><title>needs</title><script type="module" src="/page.mjs"></script>';
const program = `
import { parse } from 'tercet';
globalThis.seen = () => {
  try {
    return parse('<a>b</a>').text;
  } catch (error) {
    return error.message + ' | ' + error.cause?.name;
  }
};`;

async function seenOnPage(options: { policy?: string; flags?: readonly string[] }) {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: root },
    bundle: true,
    format: 'esm',
    write: false,
  });
  const files = { 'page.html': html, 'page.mjs': outputFiles[0].contents };
  return withPage({ files, ...options }, (page) => page.evaluate<string>('seen()'));
}

describe(`in Chromium${skipped}`, () => {
  const inChromium = test.skipIf(chromium?.absence !== undefined);

  inChromium("a policy with 'wasm-unsafe-eval' is enough", async () => {
    const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
    expect(await seenOnPage({ policy })).toBe('b');
  });

  inChromium('a policy without it is named by the error', async () => {
    const policy = "default-src 'none'; script-src 'self'";
    expect(await seenOnPage({ policy })).toMatch(
      /^tercet cannot run here: .*'wasm-unsafe-eval' .*script-src .* \| CompileError$/,
    );
  });

  inChromium('a processor without SIMD is named by the error', async () => {
    expect(await seenOnPage({ flags: ['--js-flags=--no-enable-ssse3 --no-enable-sse4-1'] })).toBe(
      'tercet cannot run here: the runtime has no WebAssembly with SIMD | CompileError',
    );
  });
});

describe('in Node', () => {
  const run = (flags: readonly string[], before = ''): string =>
    execFileSync(
      process.execPath,
      [
        ...flags,
        '--input-type=module',
        '--eval',
        `${before}; const { parse } = await import('tercet');
         try { console.log(parse('<a>b</a>').text); } catch (error) { console.log(error.message); }`,
      ],
      { cwd: root, encoding: 'utf8' },
    ).trim();

  test('the package can be imported where it cannot run', () => {
    expect(run([], 'delete globalThis.WebAssembly')).toBe(
      'tercet cannot run here: the runtime has no WebAssembly',
    );
  });

  // The flags are of processors of this kind.
  test.skipIf(process.arch !== 'x64')(
    `no SIMD is named${process.arch === 'x64' ? '' : ' (skipped: not x64)'}`,
    () => {
      expect(run(['--no-enable-ssse3', '--no-enable-sse4-1'])).toBe(
        'tercet cannot run here: the runtime has no WebAssembly with SIMD',
      );
    },
  );
});
