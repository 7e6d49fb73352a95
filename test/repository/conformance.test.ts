/*
 * docs/CONFORMANCE.md against the tests: each error code has a row and a case that ends with it, every
 * case and scene that the page names is there, and every file of cases stands on the page.
 */

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import errorList from '../../scripts/data/errors.json' with { type: 'json' };
import { readCases } from '../cases/case-file.js';
import { readJidCases } from '../jid/case-file.js';

const docs = new URL('../../docs/', import.meta.url);
const page = readFileSync(new URL('CONFORMANCE.md', docs), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('|'));
const coreCases = readCases();
const addressCases = readJidCases();

interface Named {
  /** From docs/. */
  readonly path: string;
  readonly title: string;
}

/** What a line names: `[file](path): name; name`. */
function named(line: string): Named[] {
  const found: Named[] = [];
  for (const part of line.split('|').flatMap((cell) => cell.split(/(?=\[[\w.-]+\]\()/u))) {
    const [, path = '', titles = ''] = /^\[[\w.-]+\]\(([^)]*)\)(?:: )?(.*)/u.exec(part) ?? [];
    for (const title of titles.split('; ').map((one) => one.trim().replace(/[;,]$/u, ''))) {
      if (title !== '') found.push({ path, title });
    }
  }
  return found;
}

const textOf = (path: string): string => readFileSync(new URL(path, docs), 'utf8');

/** What a case ends with, of whichever kind it is. */
function logOf({ path, title }: Named): string {
  const file = path.replace(/^.*\//u, '');
  if (path.includes('/cases/jid/')) {
    const one = addressCases.find((each) => each.file === file && each.name === title);
    return one?.log.join('\n') ?? '';
  }
  return coreCases.find((each) => each.file === file && each.name === title)?.log ?? '';
}

describe('each error code has a row and a case', () => {
  test.each(errorList.errors)('$name', ({ name, condition }) => {
    const row = rows.find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    expect(row).toContain(`\`${condition}\``);
    const [one = { path: '', title: '' }] = named(row);
    if (one.path.includes('/cases/jid/')) {
      const rule = name.replace('jid-', '');
      expect(logOf(one)).toMatch(new RegExp(`^error (?:local|domain|resource) ${rule}\\b`, 'mu'));
    } else if (one.path.endsWith('.md')) {
      expect(logOf(one)).toContain(` error ${name} ${condition}`);
    } else {
      expect(textOf(one.path)).toContain(`'${one.title}`);
    }
  });
});

test('every case that the page names is there', () => {
  const missing = rows
    .flatMap(named)
    .filter(({ path }) => path.endsWith('.md') && path.startsWith('../test/'))
    // A long name may be cut short there.
    .filter(({ path, title }) => !`\n${textOf(path)}`.includes(`\n## ${title}`));
  expect(missing).toEqual([]);
});

test('every file of cases stands on the page', () => {
  const files = ['', 'jid/'].flatMap((folder) =>
    readdirSync(new URL(`../test/cases/${folder}`, docs))
      .filter((name) => name.endsWith('.md') && name !== 'found.md')
      .map((name) => `(../test/cases/${folder}${name})`),
  );
  expect(files.filter((link) => !page.includes(link))).toEqual([]);
});

test('every link leads to a file', () => {
  const paths = [...page.matchAll(/\]\(([^)#]+)\)/gu)].map(([, path = '']) => path);
  expect(paths.filter((path) => !existsSync(new URL(path, docs)))).toEqual([]);
});
