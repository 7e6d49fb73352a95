/*
 * The generators by name. Each returns the text of every file it owns, and writes nothing.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import errors from './errors.mjs';
import unicode from './unicode.mjs';
import vocabulary from './vocabulary.mjs';

export const generators = { errors, atoms: vocabulary, unicode };

/** The generated files that are not what their inputs say: `[{ name, path, text }]`. */
export async function driftedFiles(root, names = Object.keys(generators)) {
  const drifted = [];
  for (const name of names) {
    for (const [path, text] of Object.entries(await generators[name](root))) {
      const present = await readFile(join(root, path), 'utf8').catch(() => undefined);
      if (present !== text) drifted.push({ name, path, text });
    }
  }
  return drifted;
}
