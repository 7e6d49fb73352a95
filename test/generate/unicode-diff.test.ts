/*
 * The rehearsal of another version of Unicode: what it prints of the version that is here, of a copy
 * with a change in it, and when it is called in a wrong way.
 */
import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../repository/files.js';

const pinsPath = join(root, 'scripts/data/unicode.json');
const pins = JSON.parse(readFileSync(pinsPath, 'utf8')) as { folder: string; version: string };
const folder = join(root, pins.folder);

function diff(...parameters: string[]) {
  return spawnSync(process.execPath, [join(root, 'scripts/unicode-diff.mjs'), ...parameters], {
    encoding: 'utf8',
  });
}

test('what is pinned is what the folder says', { timeout: 90_000 }, () => {
  const { status, stdout } = diff('--pins', folder);
  expect(status).toBe(0);
  expect(stdout).toBe(readFileSync(pinsPath, 'utf8'));
});

test(
  'a character that gets another class is named, and the exit status says so',
  { timeout: 90_000 },
  () => {
    const copy = mkdtempSync(join(tmpdir(), 'tercet-unicode-'));
    try {
      for (const name of readdirSync(folder)) {
        // Without Idna2008.txt, which would not confirm the change.
        if (name === 'Idna2008.txt') continue;
        if (name !== 'UnicodeData.txt') symlinkSync(join(folder, name), join(copy, name));
      }
      const text = readFileSync(join(folder, 'UnicodeData.txt'), 'utf8');
      writeFileSync(
        join(copy, 'UnicodeData.txt'),
        // U+05D0 becomes a symbol; U+0378, which is not assigned, becomes a letter.
        text
          .replace(/^(05D0;[^;]+);Lo;/m, '$1;So;')
          .replace(/^037A;/m, '0378;ADDED LETTER;Lo;0;L;;;;;N;;;;;\n037A;'),
      );
      const { status, stdout } = diff(folder, copy);
      expect(status).toBe(1);
      expect(stdout).toContain('PRECIS class    1: U+05D0 PVALID -> FREE\n');
      expect(stdout).toContain('IDNA2008 class  1: U+05D0 PVALID -> DISALLOWED\n');
      expect(stdout).toContain('lower case      0\n');
      expect(stdout).toContain('category        1: U+05D0 Lo -> So\n');
      expect(stdout).toContain('New, precis: PVALID 1\n');
      expect(stdout).toContain('Idna2008.txt is not there');
    } finally {
      rmSync(copy, { recursive: true });
    }
  },
);

test('a wrong call is told how to call', () => {
  const { status, stderr } = diff(folder);
  expect(status).toBe(2);
  expect(stderr).toContain('<old folder> <new folder>');
});
