/*
 * Builds what is out of date, then runs the tests.
 *
 *     npm test                      every suite
 *     npm test -- --quick           smaller counts, without the suites of other programs (below)
 *     npm test -- test/unit -t bom  what vitest takes: paths, patterns, options
 *
 * Results also go to build/test-results.json, from which .ci/run takes its numbers. Suites read
 * TERCET_QUICK === '1' to run fewer random cases.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';

const root = join(import.meta.dirname, '..');
const results = 'build/test-results.json';

/**
 * What a quick run leaves out: whatever installs, starts browsers, servers or other people's programs again and again,
 * makes tables anew, goes through every length or all of Unicode's own lines, waits for what a server waits for, or takes
 * attacks to their limits.
 */
const slow = [
  'test/client/{examples,others}.test.ts',
  'test/clients/{command-line,friends,go-sendxmpp,profanity,resumption,slixmpp,wire,xmpp-js}.test.ts',
  'test/compat/{stanza-client,strophe,xmpp-js}.test.ts',
  'test/edge/**',
  'test/generate/**',
  'test/hostile/hostile.test.ts',
  'test/jid/{edges,oracles,python-classes}.test.ts',
  'test/page/**',
  'test/repository/package.test.ts',
  'test/runtimes/**',
  'test/server/{hostile-limits,kill}.test.ts',
];

const parameters = process.argv.slice(2);
const quick = parameters.includes('--quick');

rmSync(join(root, results), { force: true });
if (!(await build())) process.exit(1);
if (quick) console.error(`test: a quick run, without ${slow.join(', ')}`);
else installRuntimes();

const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...(quick ? slow.map((pattern) => `--exclude=${pattern}`) : []),
    ...parameters.filter((parameter) => parameter !== '--quick'),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ...(quick && { TERCET_QUICK: '1' }) } },
);
process.exitCode = status ?? 1;

/**
 * Bun, Deno, workerd and the driver of browsers, which several suites use. Where they cannot be installed, those
 * suites are skipped and name them.
 */
function installRuntimes() {
  const folder = join(root, 'test/runtimes');
  if (existsSync(join(folder, 'node_modules'))) return;
  console.error('test: installing the runtimes of test/runtimes');
  const options = { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 };
  const { status } = spawnSync('npm', ['ci'], options);
  if (status !== 0) console.error('test: npm ci in test/runtimes failed');
}
