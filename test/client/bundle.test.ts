/*
 * What a page that uses the client loads: nothing of Node, of the server or of routing, and of the helpers those
 * that it names.
 */
import { constants, brotliCompressSync } from 'node:zlib';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

async function bundle(program: string): Promise<{ sources: string[]; brotliBytes: number }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: root },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    absWorkingDir: root,
    outdir: 'build',
  });
  const [output] = Object.values(metafile.outputs);
  const [file] = outputFiles;
  return {
    sources: Object.entries(output.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
    brotliBytes: brotliCompressSync(file.contents, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11 },
    }).length,
  };
}

test.each(['tercet/browser', 'tercet/client'])('%s bundles for a page', async (entry) => {
  const { sources, brotliBytes } = await bundle(`export * from '${entry}'`);
  const foreign = sources.filter((path) =>
    /bindings\/(server|node|cli|compat|router)[/.]/.test(path),
  );
  expect(foreign).toEqual([]);
  expect(sources.filter((path) => path.includes('/bytes/'))).toHaveLength(1);
  expect(brotliBytes).toBeLessThanOrEqual(72 * 1024);
});

test('a program that only connects takes neither roster nor presence', async () => {
  const { sources } = await bundle("export { connect } from 'tercet/browser'");
  expect(sources.filter((path) => /client\/(roster|presence)/.test(path))).toEqual([]);
});
