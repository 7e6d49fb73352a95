/*
 * The package as a user gets it: packed, installed into an empty folder, imported, required,
 * type-checked and run from there. And what it may contain: no import of the wasm module, no type
 * that needs the enums of the ABI, nothing beside dist/ and the papers.
 *
 * Nothing is downloaded: the one dependency is packed from node_modules.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from './files.js';

interface Manifest {
  readonly exports: Record<string, string | { types: string; default: string }>;
  readonly bin: Record<string, string>;
  readonly dependencies: Record<string, string>;
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const modules = Object.keys(manifest.exports)
  .filter((subpath) => !/\.(wasm|json)$/.test(subpath))
  .map((subpath) => subpath.replace('.', 'tercet'));

const builds = [
  { name: 'full', target: 'release', file: 'tercet.wasm' },
  { name: 'parser', target: 'parser', file: 'tercet-parser.wasm' },
  { name: 'jid', target: 'jid', file: 'tercet-jid.wasm' },
];

const folder = mkdtempSync(join(tmpdir(), 'tercet-package-'));
let packed: Packed;

beforeAll(() => {
  packed = pack('.');
  const loader = pack('node_modules/@assemblyscript/loader');
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const tarballs = [packed, loader].map(({ filename }) => join(folder, filename));
  npm(folder, 'install', '--offline', '--omit=optional', '--no-audit', '--no-fund', ...tarballs);
}, 120_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the packed files', () => {
  test('are the output, the manifest and the papers', () => {
    const others = packed.files
      .map(({ path }) => path)
      .filter(
        (path) =>
          !/^dist\/(tercet(-parser|-jid)?\.wasm|page\/.+|bindings\/.+\.(js|d\.ts))$/.test(path),
      );
    expect(others.sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'NOTICE',
      'README.md',
      'package.json',
    ]);
  });

  test('hold every target of the exports and the command', () => {
    const targets = Object.values(manifest.exports)
      .flatMap((target) => (typeof target === 'string' ? [target] : Object.values(target)))
      .concat(Object.values(manifest.bin));
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(targets.map((target) => target.replace(/^\.\//, ''))),
    );
  });

  test('declare no type that needs the core', () => {
    const wrong = packed.files
      .map(({ path }) => path)
      .filter((path) => path.endsWith('.d.ts'))
      .filter((path) => readFileSync(join(installed(), path), 'utf8').includes('assembly/'));
    expect(wrong).toEqual([]);
  });

  test('need one package at the most', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['@assemblyscript/loader']);
  });
});

describe('the wasm module', () => {
  const moduleOf = (path: string) => new WebAssembly.Module(readFileSync(join(root, path)));

  test.each(builds)('imports nothing in the $name build', ({ target }) => {
    expect(WebAssembly.Module.imports(moduleOf(`build/${target}.wasm`))).toEqual([]);
  });

  test('imports env.abort alone in the debug build', () => {
    expect(WebAssembly.Module.imports(moduleOf('build/debug.wasm'))).toEqual([
      { module: 'env', name: 'abort', kind: 'function' },
    ]);
  });

  test.each([
    ['tercet-parser.wasm', 24, 12],
    ['tercet-jid.wasm', 60, 16],
    ['tercet.wasm', 64, 32],
  ])('%s is at most %d KB, and %d KB compressed', (file, size, brotliSize) => {
    const wasm = readFileSync(join(installed(), 'dist', file));
    expect(wasm.length).toBeLessThanOrEqual(size * 1024);
    expect(brotliCompressSync(wasm).length).toBeLessThanOrEqual(brotliSize * 1024);
  });

  test.each(builds)('$name is published as a file and in the bindings', async (build) => {
    const release = readFileSync(join(root, `build/${build.target}.wasm`));
    expect(readFileSync(join(installed(), 'dist', build.file)).equals(release)).toBe(true);
    const path = join(installed(), `dist/bindings/wasm/bytes/${build.name}.js`);
    const { characters, mask } = (await import(path)) as { characters: string; mask: number };
    const bytes = Buffer.from(characters, 'latin1').map((byte) => byte ^ mask);
    expect(Buffer.from(bytes).equals(release)).toBe(true);
  });
});

describe('the embedded bytes of bundles', () => {
  test.each(['full', 'parser'])('%s is the published module once it is filled', async (name) => {
    const folderOf = (path: string) => join(installed(), `dist/bindings/wasm/${path}/${name}.js`);
    const bare = (await import(folderOf('bare'))) as Embedded;
    const whole = (await import(folderOf('inline'))) as Embedded;
    const memories = [bare, whole].map(({ wasmModule, fill }) => {
      const { exports } = new WebAssembly.Instance(wasmModule());
      const memory = exports.memory as WebAssembly.Memory;
      const before = Buffer.from(memory.buffer.slice(0));
      fill?.(memory);
      return { before, after: Buffer.from(memory.buffer) };
    });
    expect(memories[0].after.equals(memories[1].after)).toBe(true);
    // It is filled, and from nothing but the strings of the bindings.
    expect(memories[0].before.includes('urn:xmpp:')).toBe(true);
    expect(memories[0].before.includes('subscription')).toBe(false);
  });
});

interface Embedded {
  readonly wasmModule: () => WebAssembly.Module;
  readonly fill?: (memory: WebAssembly.Memory) => void;
}

describe('in an empty folder, the package', () => {
  const program = "parse('<a><b>c</b></a>').child('b').text";

  test.each(nodes())('is imported by Node at %s', (node) => {
    const source = `import { parse } from 'tercet'; console.log(${program})`;
    expect(run(node, '--input-type=module', '--eval', source)).toBe('c\n');
  });

  test.each(nodes())('is required by Node at %s, every part of it', (node) => {
    const source = `
      for (const name of ${JSON.stringify(modules)}) require(name);
      const { parse } = require('tercet');
      console.log(${program})`;
    expect(run(node, '--no-warnings', '--eval', source)).toBe('c\n');
  });

  test.each([
    ['NodeNext', 'NodeNext', 'ts'],
    ['Node16', 'Node16', 'mts'],
    ['ESNext', 'Bundler', 'ts'],
  ])(
    'gives its types to a program of %s, resolved as %s',
    (module, moduleResolution, ending) => {
      const file = `program.${ending}`;
      const { compilerOptions } = consumerConfig;
      const config = {
        compilerOptions: { ...compilerOptions, module, moduleResolution },
        files: [file],
      };
      writeFileSync(join(folder, file), consumer);
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      expect(run(process.execPath, tsc, '--project', folder)).toBe('');
    },
    120_000,
  );

  test('brings the command', () => {
    const command = join(folder, 'node_modules/.bin/tercet');
    expect(run(process.execPath, command, '--help')).toMatch(/serve.+inspect.+jid/s);
    expect(run(process.execPath, command, 'jid', 'juliet@example.com')).toContain(
      'juliet@example.com',
    );
  });
});

const consumer = `
${modules.map((name, index) => `import * as part${index} from '${name}';`).join('\n')}
import { parse, StreamParser, type Element, type StreamEvent } from 'tercet';

const element: Element = parse('<a/>');
const events: readonly StreamEvent[] = new StreamParser().feed(element.toBytes());
export const seen: number = events.length;
export const parts: object[] = [${modules.map((_, index) => `part${index}`).join(', ')}];
`;

const consumerConfig = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'DOM'],
    strict: true,
    noEmit: true,
    // A program that is compiled file by file.
    isolatedModules: true,
    skipLibCheck: false,
    typeRoots: [join(root, 'node_modules/@types')],
    types: ['node'],
  },
};

function installed(): string {
  return join(folder, 'node_modules/tercet');
}

function pack(path: string): Packed {
  const parameters = ['pack', `./${path}`, '--json', '--ignore-scripts'];
  const output = npm(root, ...parameters, `--pack-destination=${folder}`);
  const packages = JSON.parse(output) as Packed[] | Record<string, Packed>;
  // An array or, from npm 12 on, an object by name.
  return Object.values(packages)[0];
}

function npm(cwd: string, ...parameters: string[]): string {
  return execFileSync('npm', parameters, { cwd, encoding: 'utf8' });
}

/** What a command prints, complaints included. */
function run(command: string, ...parameters: string[]): string {
  const { stdout, stderr } = spawnSync(command, parameters, { cwd: folder, encoding: 'utf8' });
  return stdout + stderr;
}

/** The pinned Node, and the one of the system where there is another that the package supports. */
function nodes(): string[] {
  const found = [process.execPath];
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    if (directory.includes('node_modules')) continue;
    const path = join(directory, 'node');
    try {
      const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
      const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
      if (major > 20 || (major === 20 && minor >= 19)) return [...found, path];
    } catch {
      continue;
    }
  }
  return found;
}
