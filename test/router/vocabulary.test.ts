/*
 * The router's numbers of names and namespaces are positions in the vocabulary (scripts/data/vocabulary.json): whoever
 * renumbers that renumbers head.ts.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

test('the ids in head.ts are those of the vocabulary', () => {
  const { names, namespaces } = JSON.parse(read('scripts/data/vocabulary.json')) as {
    readonly names: readonly string[];
    readonly namespaces: readonly string[];
  };
  const expected = {
    Id: names.indexOf('id'),
    To: names.indexOf('to'),
    From: names.indexOf('from'),
    Type: names.indexOf('type'),
    Body: names.indexOf('body'),
    Priority: names.indexOf('priority'),
    Store: names.indexOf('store'),
    Hints: namespaces.indexOf('urn:xmpp:hints'),
  };
  const source = /enum Id \{([^}]*)\}/.exec(read('assembly/router/head.ts'))?.[1] ?? '';
  const found = Object.fromEntries(
    [...source.matchAll(/(\w+) = (\d+)/g)].map(([, name = '', id]) => [name, Number(id) - 1]),
  );
  expect(found).toEqual(expected);
});
