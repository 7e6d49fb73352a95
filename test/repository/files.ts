/*
 * The repository as the tests about it see it: its root and its own files.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

// Names with a dot in front are of tools (.git, .cache, .vscode).
const foreign = /^(\.|(node_modules|dist|build|coverage)$)/;

/** The files under a folder of the repository, relative to its root, in order of name. */
export function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !foreign.test(name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : [path];
    });
}
