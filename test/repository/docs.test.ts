/*
 * What the documents say is true as far as a machine can tell: relative links lead somewhere, `ts`
 * blocks of the README and the docs compile, and a `ts` block that a `text` block follows prints
 * exactly that text.
 *
 * Design notes are left out of the compiling: their code is a proposal.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { filesUnder, root } from './files.js';

interface Block {
  readonly name: string;
  readonly code: string;
  /** What it prints, where the document says so. */
  readonly output: string | undefined;
}

const documents = filesUnder('').filter(
  (path) => path.endsWith('.md') && !/^test\/(cases|scenes)\//.test(path),
);
const blocks = documents
  .filter((path) => /^(README\.md|docs\/(?!design\/)|examples\/)/.test(path))
  .flatMap(blocksOf);

/** Inside the repository, so that the package is found by its own name. */
const folder = join(root, 'build/documents');

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, code } of blocks) writeFileSync(join(folder, `${name}.ts`), code);
});

test('the README has an example that is run', () => {
  expect(blocks.filter(({ name, output }) => name.startsWith('readme') && output)).not.toEqual([]);
});

test.each(documents)('relative links of %s lead somewhere', (path) => {
  const text = readFileSync(join(root, path), 'utf8').replace(/```.*?```/gs, '');
  const links = [...text.matchAll(/(?:\]\(|(?:src|href)=")([^)"\s]+)/g)]
    .map(([, link = '']) => link.replace(/#.*$/, ''))
    .filter((link) => link !== '' && !/^[a-z]+:/.test(link));
  const broken = links.filter((link) => !existsSync(join(root, dirname(path), link)));
  expect(broken).toEqual([]);
});

test('blocks of TypeScript compile', () => {
  const host: ts.ParseConfigFileHost = {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
      throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'));
    },
  };
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'test/tsconfig.json'), {}, host);
  const files = blocks.map(({ name }) => join(folder, `${name}.ts`));
  const program = ts.createProgram(files, {
    ...config?.options,
    noUnusedLocals: false,
    noUnusedParameters: false,
  });
  expect(
    ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => root,
      getNewLine: () => '\n',
    }),
  ).toBe('');
}, 120_000);

describe('examples print what the document says', () => {
  const examples = blocks.filter(({ output }) => output !== undefined);

  test.each(examples)('$name', ({ name, code, output }) => {
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
    });
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, outputText);
    expect(execFileSync(process.execPath, [path], { encoding: 'utf8' })).toBe(output);
  });
});

function blocksOf(path: string): Block[] {
  const text = readFileSync(join(root, path), 'utf8');
  const fence = /^```ts\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms;
  return [...text.matchAll(fence)].map(([, code = '', output], index) => ({
    name: `${path.replace(/\.md$/, '').replaceAll('/', '-').toLowerCase()}-${index + 1}`,
    // A block without an import is a script, whose names would meet those of the others.
    code: `${code}export {};\n`,
    output,
  }));
}
