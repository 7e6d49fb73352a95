/*
 * The repository as the tests about it see it: its root and its own files.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

// Names with a dot in front are of tools (.git, .cache, .vscode).
const foreign = /^(\.|(node_modules|dist|build|coverage)$)/;

/** The files under a folder, relative to the root, in order of name; none when it is absent. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !foreign.test(name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? filesUnder(path) : [path];
    });
}
