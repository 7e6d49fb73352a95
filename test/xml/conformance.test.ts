/*
 * docs/CONFORMANCE.md against the cases: each error code has a row and a case that ends with it, every
 * case that the page names is there, and every file of cases stands on the page.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import errorList from '../../scripts/data/errors.json' with { type: 'json' };
import { readCases } from '../cases/case-file.js';

const page = readFileSync(new URL('../../docs/CONFORMANCE.md', import.meta.url), 'utf8');
const cases = readCases();
const rows = page.split('\n').filter((line) => line.startsWith('|'));

/** File and name of each case that a line names: `[file](path): name; name`. */
function named(line: string): [file: string, name: string][] {
  const found: [string, string][] = [];
  const cells = line.split('|');
  for (const cell of cells) {
    for (const part of cell.split(/(?=\[[\w.-]+\]\()/u)) {
      const [, file = '', names = ''] = /^\[([\w.-]+)\]\([^)]*\)(?:: )?(.*)/u.exec(part) ?? [];
      for (const name of names.split('; ')) {
        const text = name.trim().replace(/[;,]$/u, '');
        if (text !== '') found.push([file, text]);
      }
    }
  }
  return found;
}

describe('each error code has a row and a case', () => {
  test.each(errorList.errors)('$name', ({ name, condition }) => {
    const row = rows.find((line) => line.startsWith(`| \`${name}\``)) ?? '';
    expect(row).toContain(`\`${condition}\``);
    const [[file, title] = ['', '']] = named(row);
    if (file.endsWith('.md')) {
      const one = cases.find((candidate) => candidate.file === file && candidate.name === title);
      expect(one?.log).toContain(` error ${name} ${condition}`);
    } else {
      expect(readFileSync(new URL(file, import.meta.url), 'utf8')).toContain(`'${title}'`);
    }
  });
});

test('every case that the page names is there', () => {
  const known = new Set(cases.map(({ file, name }) => `${file}: ${name}`));
  const missing = rows
    .flatMap(named)
    .filter(([file]) => file.endsWith('.md'))
    .map(([file, name]) => `${file}: ${name}`)
    .filter((name) => !known.has(name));
  expect(missing).toEqual([]);
});

test('every file of cases stands on the page', () => {
  const missing = [...new Set(cases.map(({ file }) => file))].filter(
    (file) => file !== 'found.md' && !page.includes(`(../test/cases/${file})`),
  );
  expect(missing).toEqual([]);
});

test('every link leads to a file', () => {
  for (const [, path = ''] of page.matchAll(/\]\(([^)#]+)\)/gu)) {
    expect(() => readFileSync(new URL(`../../docs/${path}`, import.meta.url))).not.toThrow();
  }
});
