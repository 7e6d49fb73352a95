/*
 * Compiles the test sources that the fuzzer and the rewriter run outside vitest: test/fuzz/tsconfig.json
 * says which. tsc inlines the ABI's enums, so the core driver is as quick as the bindings.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = join(import.meta.dirname, '../..');

export function compileTests() {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--project', join(root, 'test/fuzz')], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the test sources do not compile');
}

/** Where a module of test/ lies compiled, by its path below the root without the extension. */
export function compiledPath(path) {
  return join(root, 'build/test', `${path}.js`);
}

/** Compiles, and imports modules of test/. */
export async function importCompiled(...paths) {
  compileTests();
  return Promise.all(paths.map((path) => import(pathToFileURL(compiledPath(path)).href)));
}
