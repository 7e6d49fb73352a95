/*
 * The generator of the Unicode tables stops where its inputs are not what is pinned or where the
 * derivation and Idna2008.txt disagree. Each test changes one thing in a copy of the inputs.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { root } from '../repository/files.js';

interface Pins {
  folder: string;
  version: string;
  precis: Record<string, number>;
  sha256: Record<string, string>;
}

const pinned = JSON.parse(readFileSync(join(root, 'scripts/data/unicode.json'), 'utf8')) as Pins;
const generator = pathToFileURL(join(root, 'scripts/generate/unicode.mjs')).href;
const copies: string[] = [];

afterEach(() => {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true });
});

/** Runs the generator on a copy of its inputs with some files written anew; returns what it said. */
function generate(
  files: Partial<Record<string, string>>,
  change: (pins: Pins) => void = () => undefined,
) {
  const copy = mkdtempSync(join(tmpdir(), 'tercet-unicode-'));
  copies.push(copy);
  const pins = structuredClone(pinned);
  change(pins);
  mkdirSync(join(copy, pins.folder), { recursive: true });
  for (const name of Object.keys(pinned.sha256)) {
    const path = join(copy, pins.folder, name);
    const text = files[name];
    if (text === undefined) symlinkSync(join(root, pinned.folder, name), path);
    else writeFileSync(path, text);
  }
  writeFileSync(join(copy, 'scripts/data/unicode.json'), JSON.stringify(pins));
  const program = `
    const { default: generate } = await import('${generator}');
    for (const text of Object.values(await generate(${JSON.stringify(copy)}))) console.log(text);
  `;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
}

function original(name: string): string {
  return readFileSync(join(root, pinned.folder, name), 'utf8');
}

/** A change of a file that the pins know of. */
function repin(name: string, text: string) {
  return (pins: Pins) => {
    pins.sha256[name] = createHash('sha256').update(text).digest('hex');
  };
}

test('a copy of the inputs gives the committed file, wherever it lies', { timeout: 90_000 }, () => {
  const { stdout, stderr } = generate({});
  expect(stderr).toBe('');
  expect(stdout).toBe(readFileSync(join(root, 'assembly/text/unicode-data.ts'), 'utf8') + '\n');
});

test('a file with another hash is refused', () => {
  const text = original('Scripts.txt').replace('Hebrew', 'Greek');
  const { status, stderr } = generate({ 'Scripts.txt': text });
  expect(status).not.toBe(0);
  expect(stderr).toContain('Scripts.txt: SHA-256');
});

test('files of another version are refused', () => {
  const { status, stderr } = generate({}, (pins) => {
    pins.version = '16.0.0';
  });
  expect(status).not.toBe(0);
  expect(stderr).toContain('the files are of Unicode 17.0.0, not 16.0.0');
});

test('a total of a PRECIS class that is not the pinned one is refused', () => {
  // A letter that is a symbol: one PVALID fewer.
  const text = original('UnicodeData.txt').replace(/^(0436;[^;]+);Ll;/m, '$1;So;');
  const { status, stderr } = generate({ 'UnicodeData.txt': text }, repin('UnicodeData.txt', text));
  expect(status).not.toBe(0);
  expect(stderr).toContain('PVALID: 144714 code points, and 144715 are pinned');
});

test('an IDNA2008 class that Idna2008.txt does not confirm is refused', () => {
  const text = original('Idna2008.txt').replace(/^(0430\.\.045F +; )PVALID/m, '$1DISALLOWED');
  const { status, stderr } = generate({ 'Idna2008.txt': text }, repin('Idna2008.txt', text));
  expect(status).not.toBe(0);
  expect(stderr).toContain('U+0430: PVALID by RFC 5892, DISALLOWED in Idna2008.txt');
});

test('the committed files have the pinned hashes, those of the tests included', () => {
  const hashes = Object.keys(pinned.sha256).map((name) => [
    name,
    createHash('sha256').update(original(name)).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(pinned.sha256);
});

test('the folder says the same hashes', () => {
  const readme = original('README.md');
  const listed = readme.matchAll(/^\| (\S+) \| `([0-9a-f]{64})` \|/gm);
  expect(Object.fromEntries([...listed].map(([, name, hash]) => [name, hash]))).toEqual(
    pinned.sha256,
  );
});
