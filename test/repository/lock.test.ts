/*
 * The lock files install on every platform, from any registry: `npm ci` refuses a lock that lacks
 * a package of another platform, which npm itself writes when its registry did not have it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder, root } from './files.js';

interface Entry {
  readonly resolved?: string;
  readonly optionalDependencies?: Record<string, string>;
}

const locks = filesUnder('').filter((path) => /(^|\/)package-lock\.json$/.test(path));

describe.each(locks)('%s', (path) => {
  const lock = JSON.parse(readFileSync(join(root, path), 'utf8')) as {
    packages: Record<string, Entry>;
  };
  const entries = Object.entries(lock.packages);

  test('holds every package that it calls optional', () => {
    const missing = entries.flatMap(([place, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !isReachable(lock.packages, place, name)),
    );
    expect(missing).toEqual([]);
  });

  test('names no address to download from', () => {
    expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});

/** Whether a package that stands at `place` would find `name`, as Node looks for it. */
function isReachable(packages: Record<string, Entry>, place: string, name: string): boolean {
  for (
    let folder = place;
    ;
    folder = folder.replace(/(^|\/)node_modules\/(?!.*node_modules\/).*$/, '')
  ) {
    const prefix = folder === '' ? '' : `${folder}/`;
    if (`${prefix}node_modules/${name}` in packages) return true;
    if (folder === '') return false;
  }
}
