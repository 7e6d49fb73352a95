/*
 * Builds what is out of date, then runs the tests.
 *
 *     npm test                      every suite
 *     npm test -- --quick           smaller counts, without the suites that install packages
 *     npm test -- test/unit -t bom  what vitest takes: paths, patterns, options
 *
 * Results also go to build/test-results.json, from which .ci/run takes its numbers. Suites read
 * TERCET_QUICK === '1' to run fewer random cases.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';

const root = join(import.meta.dirname, '..');
const results = 'build/test-results.json';

const parameters = process.argv.slice(2);
const quick = parameters.includes('--quick');

rmSync(join(root, results), { force: true });
if (!(await build())) process.exit(1);

const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...(quick ? ['--exclude=test/repository/package.test.ts'] : []),
    ...parameters.filter((parameter) => parameter !== '--quick'),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ...(quick && { TERCET_QUICK: '1' }) } },
);
process.exitCode = status ?? 1;
