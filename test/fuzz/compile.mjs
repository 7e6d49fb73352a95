/*
 * Compiles the test sources that the fuzzer and the rewriter run outside vitest: test/fuzz/tsconfig.json
 * says which. tsc inlines the ABI's enums, so the core driver is as quick as the bindings.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export const root = join(import.meta.dirname, '../..');

/** Compiles, and imports a module of test/ by its path below the root, without the extension. */
export async function importCompiled(...paths) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--project', join(root, 'test/fuzz')], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('the test sources do not compile');
  return Promise.all(
    paths.map((path) => import(pathToFileURL(join(root, 'build/test', `${path}.js`)).href)),
  );
}
