/*
 * Writes the generated files of the repository, or compares them with what is there.
 *
 *     npm run generate                  write all
 *     npm run generate -- errors        write the files of one generator
 *     npm run generate -- all --check   write nothing; exit 1 and name each file that differs
 *     npm run generate -- runtimes      run the suite on every runtime and write the table of docs/RUNTIMES.md
 *
 * The same inputs give the same bytes on every machine: no dates, no locale, no listing of a
 * directory decides anything.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { driftedFiles, generators } from './generate/all.mjs';

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
});

if (positionals.includes('runtimes')) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/runtimes/suite.test.ts'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(!values.check && { TERCET_WRITE_RUNTIMES: '1' }) },
  });
  process.exit(status ?? 1);
}

const known = Object.keys(generators);
const unknown = positionals.find((name) => name !== 'all' && !known.includes(name));
if (unknown !== undefined) {
  console.error(`unknown generator '${unknown}': one of ${known.join(', ')}, all`);
  process.exit(2);
}

const names = positionals.length === 0 || positionals.includes('all') ? known : positionals;
const drifted = await driftedFiles(root, names);
for (const { name, path, text } of drifted) {
  if (values.check) {
    console.error(`${path} differs from its inputs: npm run generate -- ${name}`);
  } else {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
    console.log(`wrote ${path}`);
  }
}
process.exitCode = values.check && drifted.length > 0 ? 1 : 0;
