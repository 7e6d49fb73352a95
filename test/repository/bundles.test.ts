/*
 * What a bundler makes of an entry point: which code it takes along, and how much that is. A program
 * that needs addresses only should not pay for the parser, and the other way round.
 */
import { constants, brotliCompressSync } from 'node:zlib';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { build } from 'vite';
import { describe, expect, test } from 'vitest';
import { root } from './files.js';

interface Bundle {
  readonly code: string;
  /** Paths of the sources that left something in it, from the root of the repository. */
  readonly sources: readonly string[];
  readonly imports: readonly string[];
  readonly brotliBytes: number;
}

/** A program bundled and minified, as for a browser or, with the condition, for workerd. */
async function bundle(program: string, condition = 'default'): Promise<Bundle> {
  const path = join(root, 'program.js');
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    root,
    resolve: { conditions: [condition] },
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
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: path,
        preserveEntrySignatures: 'strict',
        external: /\.wasm$/,
      },
    },
  });
  if (Array.isArray(result) || !('output' in result)) throw new Error('one output was expected');
  const chunks = result.output.filter((file) => file.type === 'chunk');
  const [chunk] = chunks;
  expect(result.output).toHaveLength(1);
  return {
    code: chunk.code,
    sources: Object.entries(chunk.modules)
      .filter(([, { renderedLength }]) => renderedLength > 0)
      .map(([path]) => path.replace(`${root}/`, '')),
    imports: chunk.imports,
    brotliBytes: brotliCompressSync(chunk.code, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11 },
    }).length,
  };
}

const bytesOf = (name: string) => `dist/bindings/wasm/bytes/${name}.js`;

describe('tercet/jid', async () => {
  const { sources, brotliBytes } = await bundle("export * from 'tercet/jid'");

  test('takes nothing of the parser, the protocol or the server', () => {
    const own = /^dist\/bindings\/(jid[a-z-]*|core|errors|text|wasm\/.+)\.js$/;
    const others = sources.filter((path) => !path.includes('node_modules') && !own.test(path));
    expect(others).toEqual([]);
  });

  test('takes the build for addresses alone', () => {
    expect(sources).toContain(bytesOf('jid'));
    expect(sources).not.toContain(bytesOf('full'));
    expect(sources).not.toContain(bytesOf('parser'));
  });

  test('is at most 20 KB, compressed', () => {
    expect(brotliBytes).toBeLessThanOrEqual(20 * 1024);
  });
});

describe('tercet/parser', async () => {
  const { sources, brotliBytes } = await bundle("export * from 'tercet/parser'");

  test('takes nothing of addresses, the protocol or the server', () => {
    const others = /^dist\/bindings\/(jid|protocol\/|server\/|transport\/|router)/;
    expect(sources.filter((path) => others.test(path))).toEqual([]);
  });

  test('takes the build for the parser alone', () => {
    expect(sources).toContain(bytesOf('parser'));
    expect(sources).not.toContain(bytesOf('full'));
    expect(sources).not.toContain(bytesOf('jid'));
  });

  test('is at most 28 KB, compressed', () => {
    expect(brotliBytes).toBeLessThanOrEqual(28 * 1024);
  });
});

describe('tercet', async () => {
  const { sources, brotliBytes } = await bundle("export * from 'tercet'");

  test('takes one build, which can do everything', () => {
    expect(sources.filter((path) => path.includes('/bytes/'))).toEqual([bytesOf('full')]);
  });

  test('takes nothing of the protocol or the server', () => {
    const others = /^dist\/bindings\/(protocol|server|transport|node|cli)\//;
    expect(sources.filter((path) => others.test(path))).toEqual([]);
  });

  test('is at most 58 KB, compressed', () => {
    expect(brotliBytes).toBeLessThanOrEqual(58 * 1024);
  });
});

describe('a program that takes one name', () => {
  test.each([
    ["import { Jid } from 'tercet/jid'; globalThis.seen = String(Jid.parse('A@b.c'));", 'a@b.c'],
    ["import { Jid } from 'tercet'; globalThis.seen = String(Jid.parse('A@b.c'));", 'a@b.c'],
    ["import { parse } from 'tercet/parser'; globalThis.seen = parse('<a>b</a>').text;", 'b'],
    [
      "import { Jid } from 'tercet/jid'; import { parse } from 'tercet/parser';" +
        "globalThis.seen = String(Jid.parse(parse('<a>A@b.c</a>').text));",
      'a@b.c',
    ],
    [
      "import { stanzaError } from 'tercet/protocol'; globalThis.seen = typeof stanzaError;",
      'function',
    ],
  ])('runs: %s', async (program, seen) => {
    const { code } = await bundle(program);
    const context = createContext({ WebAssembly, TextDecoder, TextEncoder });
    runInContext(code, context);
    expect(context.seen).toBe(seen);
  });

  test('pays for what it takes', async () => {
    const { sources } = await bundle("export { StreamParser } from 'tercet/parser'");
    expect(sources).toContain(bytesOf('parser'));
    expect(sources).not.toContain('dist/bindings/sax-parser.js');
  });
});

describe('for workerd', () => {
  test.each([
    ['tercet', 'tercet.wasm'],
    ['tercet/parser', 'tercet-parser.wasm'],
    ['tercet/jid', 'tercet-jid.wasm'],
  ])('%s imports %s as a module and embeds no bytes', async (entry, file) => {
    const { sources, imports } = await bundle(`export * from '${entry}'`, 'workerd');
    expect(sources.filter((path) => path.includes('/bytes/'))).toEqual([]);
    expect(imports).toEqual([expect.stringMatching(new RegExp(`/${file}$`))]);
  });
});
