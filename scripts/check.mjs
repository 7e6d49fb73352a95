/*
 * What can be said about the repository without running it: generated files, types, lint, format,
 * dead exports, the shape of the package. Runs all of it and names what failed.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from './build.mjs';

const root = join(import.meta.dirname, '..');

const checks = [
  ['generated files', 'scripts/generate.mjs', ['all', '--check']],
  ['types of the core', 'node_modules/typescript/bin/tsc', ['--project', 'assembly']],
  ['types of the bindings', 'node_modules/typescript/bin/tsc', ['--noEmit']],
  ['types of the tests', 'node_modules/typescript/bin/tsc', ['--project', 'test']],
  ['types of the edge', 'node_modules/typescript/bin/tsc', ['--project', 'examples/edge']],
  ['types of the page', 'node_modules/typescript/bin/tsc', ['--project', 'examples/page']],
  ['types of its gate', 'node_modules/typescript/bin/tsc', ['--project', 'examples/edge-gate']],
  ['lint', 'node_modules/eslint/bin/eslint.js', ['.']],
  ['format', 'node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']],
  ['dead exports', 'node_modules/knip/bin/knip.js', []],
  ['package shape', 'node_modules/publint/src/cli.js', ['--strict']],
  [
    'package types',
    'node_modules/@arethetypeswrong/cli/dist/index.js',
    [
      ...['--pack', '.', '--profile=esm-only', '--quiet', '--exclude-entrypoints'],
      ...['tercet.wasm', 'tercet-parser.wasm', 'tercet-jid.wasm'],
    ],
  ],
];

const failed = (await build()) ? [] : ['build'];
for (const [name, script, parameters] of checks) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, [join(root, script), ...parameters], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) failed.push(name);
}
console.log(failed.length === 0 ? '\nall checks passed' : `\nfailed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
