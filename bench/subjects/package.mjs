/**
 * The package under test, as an importer gets it: the entry that the root's `exports` name.
 *
 * bench/ is a package of its own, so that `import 'tercet'` would not find the one around it.
 * `reason` says why there is nothing to measure, '' when there is.
 */

import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const { exports: entries } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

export const entryUrl = (name = '.') => {
  const entry = entries?.[name];
  return new URL(typeof entry === 'string' ? entry : (entry?.default ?? entry?.import ?? ''), root);
};

export const reason =
  entries !== undefined && existsSync(entryUrl()) ? '' : 'the package is not built (npm run build)';
