/**
 * Bundles the drivers and subjects for a page or for workerd, with esbuild. Subjects ask for the package by `entryUrl`,
 * which reads package.json: here that is the package's name, resolved by esbuild with the conditions of the platform.
 */

import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { benchFolder, rootFolder } from './paths.mjs';

const shims = join(benchFolder, 'web');

/** Writes the bundle of web/NAME.mjs into a folder of its own; returns the folder and the Wasm files that belong beside it. */
export async function bundleFor(name) {
  const isPage = name === 'page';
  const folder = mkdtempSync(join(tmpdir(), 'tercet-bench-'));
  const wasmFiles = [];
  await build({
    entryPoints: [join(shims, `${name}.mjs`)],
    outfile: join(folder, `${name}.mjs`),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    minify: true,
    conditions: isPage ? [] : ['workerd', 'worker'],
    inject: isPage ? [join(shims, 'buffer.mjs')] : [],
    plugins: [ownPackage, nodeModules(isPage), wasmBeside(wasmFiles)],
    logLevel: 'error',
  });
  return { folder, wasmFiles };
}

const ownPackage = {
  name: 'own package',
  setup({ onLoad, onResolve, resolve }) {
    onLoad({ filter: /bench\/subjects\/.*\.mjs$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replace(/^import \{ entryUrl \} from .*$/m, '')
        .replace(/entryUrl\((?:'\.([^']*)')?\)/g, (_, entry = '') => `'tercet${entry}'`),
    }));
    onResolve({ filter: /^tercet(\/|$)/ }, ({ path, kind, pluginData }) =>
      pluginData === 'own'
        ? undefined
        : resolve(path, { kind, resolveDir: rootFolder, pluginData: 'own' }),
    );
  },
};

/** workerd has most of Node's modules, a page has none. Peers that `require` need `events` in the bundle anyway. */
const nodeModules = (isPage) => ({
  name: 'node modules',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^(node:|events$)/ }, ({ path, kind, resolveDir }) => {
      if (path === 'node:fs') return { path: join(shims, 'files.mjs') };
      if (path.endsWith('events')) return resolve('events/', { kind, resolveDir });
      if (!isPage) return { path, external: true };
      if (path === 'node:string_decoder') return { path: join(shims, 'string-decoder.mjs') };
      return undefined;
    });
  },
});

/** workerd compiles no bytes: the files of the core are modules of the worker. */
const wasmBeside = (files) => ({
  name: 'wasm beside',
  setup({ onResolve }) {
    onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      if (!files.includes(file)) files.push(file);
      return { path: `./${basename(file)}`, external: true };
    });
  },
});
