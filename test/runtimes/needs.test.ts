/*
 * What tercet needs of a runtime, and what a program is told where it is not there: WebAssembly, with
 * SIMD, and leave to compile it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { build, type BuildOptions } from 'esbuild';
import { root } from './bundle.js';
import { withPage } from './chromium.js';
import { runtimes } from './runtimes.js';

const chromium = runtimes.find(({ name }) => name === 'Chromium, page');
const skipped = chromium?.absence === undefined ? '' : ` (skipped: ${chromium.absence})`;

const html = '<!doctype html><title>needs</title><script type="module" src="/page.mjs"></script>';
/** Without a charset a page is read as windows-1252, and so are its classic scripts. */
const oldHtml = '<!doctype html><title>needs</title><script src="/page.mjs"></script>';
const program = `
import { parse } from 'tercet';
globalThis.seen = () => {
  try {
    return parse('<a>b</a>').text;
  } catch (error) {
    return error.message + ' | ' + error.cause?.name;
  }
};`;

interface PageOptions {
  readonly policy?: string;
  readonly flags?: readonly string[];
  readonly page?: string;
  readonly hasCharset?: boolean;
  readonly how?: BuildOptions;
}

async function seenOnPage({ page = html, how = {}, ...options }: PageOptions) {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: root },
    bundle: true,
    format: 'esm',
    ...how,
    write: false,
  });
  const files = { 'page.html': page, 'page.mjs': outputFiles[0].contents };
  return withPage({ files, ...options }, (opened) => opened.evaluate<string>('seen()'));
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

  inChromium('a classic script that is not read as UTF-8 is named by the error', async () => {
    const how = { format: 'iife', charset: 'utf8' } as const;
    const latin = { page: oldHtml, hasCharset: false, how };
    expect(await seenOnPage(latin)).toMatch(
      /^tercet cannot run here: its script was not read as UTF-8/,
    );
    // What esbuild writes unasked is ASCII.
    expect(await seenOnPage({ ...latin, how: { format: 'iife' } })).toBe('b');
  });

  inChromium('a processor without SIMD is named by the error', async () => {
    expect(await seenOnPage({ flags: ['--js-flags=--no-enable-ssse3 --no-enable-sse4-1'] })).toBe(
      'tercet cannot run here: the runtime has no WebAssembly with SIMD | CompileError',
    );
  });
});

const deno = runtimes.find(({ name }) => name === 'Deno');

describe(`in Deno${deno?.absence === undefined ? '' : ` (skipped: ${deno.absence})`}`, () => {
  // No terminal, so a permission that is missing is refused and not asked for.
  const run = (permissions: readonly string[], source: string): string => {
    const { stdout, stderr } = spawnSync(
      deno?.command?.[0] ?? '',
      ['run', '--quiet', '--no-lock', '--no-prompt', ...permissions, '-'],
      { cwd: root, input: source, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    );
    return stdout + stderr;
  };
  const serve = (ports: string): string => `
    import { listen } from 'tercet/deno';
    import { createServer } from 'tercet/server';
    const listening = await listen(createServer({ domain: 'localhost' }), ${ports});
    await listening.close();
    console.log('closed');`;
  const inDeno = test.skipIf(deno?.absence !== undefined);

  inDeno('parsing needs no permission', () => {
    const source = `import { parse } from 'tercet'; console.log(parse('<a>b</a>').text);`;
    expect(run([], source)).toBe('b\n');
  });

  inDeno('XMPP over TCP needs the net, WebSocket the environment too, and says so', () => {
    expect(run(['--allow-net'], serve('{ port: 0 }'))).toBe('closed\n');
    expect(run(['--allow-net', '--allow-env'], serve('{ httpPort: 0 }'))).toBe('closed\n');
    expect(run(['--allow-net'], serve('{ httpPort: 0 }'))).toMatch(/Requires env access/);
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
