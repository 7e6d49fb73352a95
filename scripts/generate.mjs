/*
 * Writes the generated files of the repository, or compares them with what is there.
 *
 *     npm run generate                  write all
 *     npm run generate -- errors        write the files of one generator
 *     npm run generate -- all --check   write nothing; exit 1 and name each file that differs
 *
 * A generator is a module in scripts/generate/ whose default export returns the text of each file
 * it owns. The same inputs give the same bytes on every machine: no dates, no locale, no listing of
 * a directory decides anything.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import errors from './generate/errors.mjs';
import vocabulary from './generate/vocabulary.mjs';

const root = join(import.meta.dirname, '..');
const generators = { errors, atoms: vocabulary };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
});

const wanted = positionals.length === 0 ? ['all'] : positionals;
for (const name of wanted) {
  if (name !== 'all' && !(name in generators)) {
    console.error(`unknown generator '${name}': one of ${Object.keys(generators).join(', ')}, all`);
    process.exit(2);
  }
}

let failed = false;
for (const [name, generate] of Object.entries(generators)) {
  if (!wanted.includes('all') && !wanted.includes(name)) continue;
  for (const [path, text] of Object.entries(await generate(root))) {
    const present = await readFile(join(root, path), 'utf8').catch(() => undefined);
    if (present === text) continue;
    if (values.check) {
      failed = true;
      console.error(`${path} differs from its inputs: run 'npm run generate -- ${name}'`);
    } else {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
      console.log(`wrote ${path}`);
    }
  }
}
process.exit(failed ? 1 : 0);
