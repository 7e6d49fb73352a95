/*
 * Imports point down: the layers of the core and of the bindings, from the top to the bottom, and
 * the places where modules of Node may be used. docs/ARCHITECTURE.md draws the same picture.
 *
 * A unit is a folder or a file without its extension. It may import what stands in a lower layer;
 * files of one folder may import each other. Units of one layer may not.
 */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { filesUnder, root } from './files.js';

const layers = {
  assembly: [
    'index',
    'index-parser index-jid',
    'router stanza-jid',
    'xml jid',
    'text',
    'memory',
    'abi errors',
  ],
  bindings: [
    'cli',
    'bun deno',
    'node workers browser',
    'server client',
    'transport compat',
    'protocol',
    'index parser jid-only router-only',
    'xml',
    'stanza-stream stanza-addresses',
    'stream-parser sax-parser parse builder router',
    'element jid',
    'serialize tape-source',
    'document input lease',
    'engine',
    'limit-profiles jid-core',
    'core limits xml-error jid-escape',
    'jid-error',
    'scopes escape xml-name wasm',
    'bare-object errors error-table jid-error-table namespaces text vocabulary assembly',
  ],
};

type Part = keyof typeof layers;

interface Import {
  readonly file: string;
  /** As written: a path, the name of a package, or one of '#wasm/'. */
  readonly target: string;
}

function importsOf(file: string): Import[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => ({ file, target: fileName }));
}

function sourcesOf(part: Part): string[] {
  return filesUnder(part).filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'));
}

/** The unit that a file or an import belongs to, undefined for a package. */
function unitOf(part: Part, path: string): string | undefined {
  if (path.startsWith('#wasm/')) return 'wasm';
  const [first, second = ''] = path.split('/');
  if (first !== part) return first === 'assembly' ? 'assembly' : undefined;
  return second.replace(/\.(ts|js)$/, '');
}

function resolve({ file, target }: Import): string {
  return target.startsWith('.') ? posix.join(posix.dirname(file), target) : target;
}

for (const part of ['assembly', 'bindings'] as const) {
  const places = new Map(
    layers[part].flatMap((layer, rank) =>
      layer
        .split(' ')
        .map((unit): [string, { rank: number; unit: string }] => [unit, { rank, unit }]),
    ),
  );
  const placeOf = (path: string) => places.get(unitOf(part, path) ?? '');

  test(`every file of ${part} has a place in the layers`, () => {
    expect(sourcesOf(part).filter((path) => placeOf(path) === undefined)).toEqual([]);
  });

  test(`imports of ${part} point down`, () => {
    const wrong = sourcesOf(part)
      .flatMap(importsOf)
      .filter((each) => {
        const from = placeOf(each.file);
        const to = placeOf(resolve(each));
        if (from === undefined || to === undefined) return false;
        return from.unit !== to.unit && from.rank >= to.rank;
      })
      .map(({ file, target }) => `${file} -> ${target}`);
    expect(wrong).toEqual([]);
  });
}

test('the core imports nothing but itself', () => {
  const foreign = sourcesOf('assembly')
    .flatMap(importsOf)
    .filter((each) => !resolve(each).startsWith('assembly/'));
  expect(foreign).toEqual([]);
});

test('files that two compilers read import nothing', () => {
  expect(['assembly/abi.ts', 'assembly/errors.ts'].flatMap(importsOf)).toEqual([]);
});

test('the faces only re-export, and load their build of the core', () => {
  for (const face of ['index', 'parser', 'jid-only', 'router-only'].map(
    (name) => `bindings/${name}.ts`,
  )) {
    const source = ts.createSourceFile(
      face,
      readFileSync(join(root, face), 'utf8'),
      ts.ScriptTarget.Latest,
    );
    const others = source.statements.filter((statement) => !ts.isExportDeclaration(statement));
    expect(others.map((statement) => statement.getText(source))).toEqual([
      expect.stringMatching(/^import '\.\/wasm\/[a-z]+\.js';$/),
    ]);
  }
});

test('modules of Node are used only where a runtime is', () => {
  const allowed = /^bindings\/(node|cli|bun|deno|server\/storage)\//;
  const wrong = sourcesOf('bindings')
    .filter((path) => !allowed.test(path))
    .flatMap(importsOf)
    .filter(({ target }) => target.startsWith('node:'));
  expect(wrong).toEqual([]);
});
