/*
 * House rules that neither the formatter nor the linter sees.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesUnder, root } from './files.js';

const folders = ['assembly', 'bindings', 'scripts', 'bench', 'test', 'examples'];
const files = folders.flatMap(filesUnder);
const sources = files.filter((path) => /\.(ts|mjs|js)$/.test(path));

function lines(paths: string[], pattern: RegExp): string[] {
  return paths.flatMap((path) =>
    readFileSync(join(root, path), 'utf8')
      .split('\n')
      .flatMap((line, index) =>
        pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
      ),
  );
}

test('files have names of lower-case words and hyphens', () => {
  const odd = sources.filter((path) => !/(^|\/)[a-z0-9]+([-.][a-z0-9]+)*\.(ts|mjs|js)$/.test(path));
  expect(odd).toEqual([]);
});

test('a source file opens with a comment that says what it is', () => {
  const bare = sources.filter((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    return !/^(#![^\n]*\n)?(\/\*|\/\/)/.test(text);
  });
  expect(bare).toEqual([]);
});

test('an open end has the number of its issue', () => {
  // Written in two halves, so that this file does not match itself.
  const words = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|');
  expect(lines(sources, new RegExp(`\\b(${words})\\b(?!.*#\\d)`))).toEqual([]);
});

test('no check is switched off by a comment', () => {
  const comments = ['@ts-' + '(ignore|nocheck|expect-error)', 'eslint-' + 'disable'].join('|');
  expect(lines(sources, new RegExp(comments))).toEqual([]);
});

test('no test runs alone or is switched off', () => {
  expect(lines(sources, /\b(it|test|describe)\.(only|todo)\b|\bx(it|describe)\(/)).toEqual([]);
});

test('no path of one machine stands in a file', () => {
  expect(lines(sources, /["'`( =]\/(home|root|Users|work)\/[a-z]/)).toEqual([]);
});
