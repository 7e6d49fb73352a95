/*
 * The scenes of test/scenes, as scene.ts plays them.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, test } from 'vitest';
import type { MemoryAccounts } from 'tercet/server';
import { makeAccounts } from './play.js';
import { linesOf, playScene } from './scene.js';

const folder = join(import.meta.dirname, '../scenes');

interface Scene {
  readonly title: string;
  readonly lines: readonly string[];
}

function scenesOf(file: string): Scene[] {
  const [, ...sections] = readFileSync(join(folder, file), 'utf8').split(/^## /m);
  return sections.map((section) => ({
    title: section.slice(0, section.indexOf('\n')),
    lines: linesOf(section),
  }));
}

let accounts: MemoryAccounts;

beforeAll(async () => {
  accounts = await makeAccounts('juliet', 'romeo', 'nurse');
});

for (const file of readdirSync(folder).filter((name) => name.endsWith('.md'))) {
  describe(file, () => {
    test.each(scenesOf(file))('$title', ({ lines }) => playScene(lines, { accounts }));
  });
}
