/*
 * Bundles of the suite by esbuild. For Node, Bun and Deno the tests alone are bundled and the package is
 * imported as a user's program would; for workerd and browsers it is in the bundle, chosen by the
 * conditions of package.json.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build as runEsbuild, type Plugin } from 'esbuild';

export const root = join(import.meta.dirname, '../..');
/** Inside of the package, so that its programs can import it by its name. */
export const outputFolder = join(root, 'build/runtimes');

export type Entry = 'program' | 'workerd' | 'page';

const isQuick = process.env.TERCET_QUICK === '1';

/** Writes the bundle of an entry, and returns the paths of its files, that of the bundle first. */
export async function bundle(entry: Entry): Promise<string[]> {
  const isProgram = entry === 'program';
  const path = join(outputFolder, `${entry}.mjs`);
  const wasmFiles: string[] = [];
  await runEsbuild({
    entryPoints: [join(import.meta.dirname, `entries/${entry}.ts`)],
    outfile: path,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    platform: isProgram ? 'node' : 'browser',
    packages: isProgram ? 'external' : 'bundle',
    conditions: entry === 'workerd' ? ['workerd', 'worker'] : [],
    define: { caseFiles: JSON.stringify(caseFiles()), isQuick: String(isQuick) },
    plugins: isProgram ? [] : [ownName, withoutNode, wasmBeside(wasmFiles)],
    logLevel: 'warning',
  });
  return [path, ...wasmFiles];
}

function caseFiles(): Record<string, string> {
  const folder = join(root, 'test/cases');
  const names = readdirSync(folder).filter((name) => name.endsWith('.md'));
  return Object.fromEntries(
    names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}

/** test/runtimes is a package of its own, in which the name of this one says nothing. */
const ownName: Plugin = {
  name: 'own name',
  setup(build) {
    build.onResolve({ filter: /^tercet(\/|$)/ }, ({ path, kind, resolveDir }) =>
      resolveDir === root ? undefined : build.resolve(path, { kind, resolveDir: root }),
    );
  },
};

/** Test modules read files where there are files; nothing of the package may need `node:`. */
const withoutNode: Plugin = {
  name: 'without node',
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path, importer }) => {
      if (!importer.startsWith(join(root, 'test'))) {
        return { errors: [{ text: `${importer} imports ${path}` }] };
      }
      return { path, namespace: 'absent' };
    });
    build.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({
      contents: 'export const readFileSync = undefined, readdirSync = undefined;',
    }));
  },
};

/** Imports of wasm stay imports, of files that are served beside the bundle. */
const wasmBeside = (files: string[]): Plugin => ({
  name: 'wasm beside',
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
      const file = join(resolveDir, path);
      if (!files.includes(file)) files.push(file);
      return { path: `./${basename(file)}`, external: true };
    });
  },
});
