/*
 * docs/SERVER-MODULES.md: its example is a module that works, as the scene below it says.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import { standardModules } from 'tercet/server';
import type { ServerModule } from 'tercet/server';
import { makeAccounts } from './play.js';
import { linesOf, playScene } from './scene.js';

const root = join(import.meta.dirname, '../..');
/** Inside the repository, so that the package is found by its own name. */
const folder = join(root, 'build/server-modules');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const document = readFileSync(join(root, 'docs/SERVER-MODULES.md'), 'utf8');

test('the example of the document is a module that does what its scene says', async () => {
  const source = /^```ts\n(import \{ parse[\s\S]*?)^```$/m.exec(document)?.[1] ?? '';
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'private-storage.mjs');
  writeFileSync(path, outputText);
  const { privateStorage } = (await import(pathToFileURL(path).href)) as {
    privateStorage: () => ServerModule;
  };
  const accounts = await makeAccounts('juliet');
  const lines = linesOf(document);
  expect(lines.length).toBeGreaterThan(5);
  await playScene(lines, { accounts, modules: [...standardModules(), privateStorage()] });
});
