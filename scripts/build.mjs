/*
 * Builds the package: the core to wasm, the bindings to JavaScript, the wasm into the bindings.
 *
 *     npm run build              what changed since the last build
 *     npm run build -- --force   everything
 *
 *     assembly/  --asc-->  build/release.wasm  -->  dist/tercet.wasm, dist/bindings/wasm/bytes/full.js
 *                          build/parser.wasm   -->  dist/tercet-parser.wasm, .../bytes/parser.js
 *                          build/jid.wasm      -->  dist/tercet-jid.wasm, .../bytes/jid.js
 *                                              and bytes/full-bare.js, bytes/parser-bare.js for bundles
 *                          build/debug.wasm         (everything with assertions, for the tests)
 *     bindings/  --tsc-->  dist/bindings/
 *     examples/page/  --vite-->  dist/page/      (with the bindings and the core in it)
 *
 * A hash of each side's inputs is kept in build/, so that a command which builds first costs nothing
 * when nothing changed. Everything is reported on stderr: stdout belongs to that command.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { parseArgs } from 'node:util';
import { withoutData } from './bare-core.mjs';
import { driftedFiles } from './generate/all.mjs';
import { vocabularyBytes } from './generate/vocabulary.mjs';
import { withLock } from './lock.mjs';

const root = join(import.meta.dirname, '..');
const at = (path) => join(root, path);
const bytesFolder = 'dist/bindings/wasm/bytes';

/** Generated files outside of assembly/. */
const generatedElsewhere = [
  'bindings/error-table.ts',
  'bindings/jid-error-table.ts',
  'bindings/vocabulary.ts',
  'docs/ERRORS.md',
];

/**
 * The builds of the core: the target in asconfig.json and the entry file; what the published ones are called, and the
 * mask of their embedded bytes.
 */
const cores = [
  { target: 'release', entry: 'assembly/index.ts', name: 'full', file: 'tercet.wasm', mask: 0 },
  {
    target: 'parser',
    entry: 'assembly/index-parser.ts',
    name: 'parser',
    file: 'tercet-parser.wasm',
    mask: 0,
  },
  {
    target: 'jid',
    entry: 'assembly/index-jid.ts',
    name: 'jid',
    file: 'tercet-jid.wasm',
    mask: 104,
  },
  { target: 'debug', entry: 'assembly/index.ts' },
];

/** Builds what is out of date. Resolves to false, with the reason on stderr, when that failed. */
export async function build({ force = false } = {}) {
  await mkdir(at('build'), { recursive: true });
  return withLock(at('build/lock'), async () => {
    const done = await Promise.all([
      step({
        name: 'bindings',
        inputs: ['bindings', 'assembly/abi.ts', 'assembly/errors.ts', 'tsconfig.json'],
        outputs: ['dist/bindings/index.js'],
        action: () => compileBindings(force),
        force,
      }),
      step({
        name: 'generated',
        inputs: ['assembly', 'scripts/data', 'scripts/generate', ...generatedElsewhere],
        outputs: [],
        action: isGenerated,
        force,
      }).then(async (isCurrent) => {
        if (!isCurrent) return false;
        const compiled = await Promise.all(cores.map((core) => compileCore(core, force)));
        return compiled.every(Boolean);
      }),
    ]);
    if (done[1]) await embed();
    if (!done.every(Boolean)) return false;
    return step({
      name: 'page',
      inputs: ['examples/page', 'bindings', 'assembly'],
      outputs: ['dist/page/index.html'],
      action: () => run('vite/bin/vite.js', ['build', '--config', 'examples/page/vite.config.js']),
      force,
    });
  });
}

/** Runs an action, unless its inputs are those of its last success and its outputs are there. */
async function step({ name, inputs, outputs, action, force }) {
  const stamp = at(`build/${name}.sha256`);
  const hash = await hashOf(inputs);
  const last = await readFile(stamp, 'utf8').catch(() => '');
  if (!force && last === hash && outputs.every((path) => existsSync(at(path)))) return true;
  const start = performance.now();
  await rm(stamp, { force: true });
  if (!(await action())) {
    console.error(`build: ${name} failed`);
    return false;
  }
  await writeFile(stamp, hash);
  console.error(`build: ${name} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return true;
}

/** Whether the generated files, the tables of the core among them, are what their inputs say. */
async function isGenerated() {
  const drifted = await driftedFiles(root);
  for (const { name, path } of drifted) {
    console.error(`${path} differs from its inputs: npm run generate -- ${name}`);
  }
  return drifted.length === 0;
}

async function compileCore({ target, entry }, force) {
  return step({
    name: target,
    inputs: ['asconfig.json', ...(await closureOf(entry))],
    outputs: [`build/${target}.wasm`],
    action: () =>
      run('assemblyscript/bin/asc.js', [entry, '--config', 'asconfig.json', '--target', target]),
    force,
  });
}

/** A source file of the core and all that it imports, in order of name. */
async function closureOf(entry) {
  const paths = new Set([entry]);
  // Grows while it is walked; ends because the files of the core are finitely many.
  for (const path of paths) {
    const text = await readFile(at(path), 'utf8').catch(() => '');
    for (const [, target] of text.matchAll(/^(?:import|export|\}) .*?from '(\.[^']+)';/gm)) {
      paths.add(posix.join(posix.dirname(path), `${target}.ts`));
    }
  }
  return [...paths].sort();
}

async function compileBindings(force) {
  // What tsc remembers of its last run must not outlive what that run wrote.
  const memory = 'build/bindings.tsbuildinfo';
  if (force || !existsSync(at('dist/bindings/index.js'))) await rm(at(memory), { force: true });
  const remembered = ['--incremental', '--tsBuildInfoFile', memory];
  const compiled = await run('typescript/bin/tsc', ['--project', 'tsconfig.json', ...remembered]);
  // The bindings take nothing but enums from assembly/, and tsc has inlined those.
  await rm(at('dist/assembly'), { recursive: true, force: true });
  await removeOrphans();
  return compiled;
}

/** Deletes the output of sources that are gone, so that it is neither tested nor published. */
async function removeOrphans() {
  for (const path of await filesOf('dist/bindings')) {
    const source = path.replace('dist/', '').replace(/(\.d\.ts|\.js|\.js\.map)$/, '.ts');
    const isEmbedded = dirname(path) === bytesFolder && path.endsWith('.js');
    if (!isEmbedded && !existsSync(at(source))) await rm(at(path));
  }
}

/** Puts the published builds beside the bindings, as files and as the strings that wasm/inline/ reads. */
async function embed() {
  await mkdir(at(bytesFolder), { recursive: true });
  for (const { target, name, file, mask } of cores) {
    if (name === undefined) continue;
    const wasm = await readFile(at(`build/${target}.wasm`));
    await writeFile(at(`dist/${file}`), wasm);
    // Bytes from 0x80 on take two in a file of UTF-8, which a compressor does not get back. A mask makes as many
    // smaller as can be, but to take it off costs the first stanza a millisecond or two: so addresses alone have one.
    const masked = wasm.map((byte) => byte ^ mask);
    const text = `export const characters = '${latin1Literal(masked)}';\nexport const mask = ${mask};\n`;
    await writeFile(at(`${bytesFolder}/${name}.js`), text);
    if (name !== 'jid') await embedBare(name, wasm);
  }
}

/** For bundles: without the vocabulary, which the bindings write into memory. */
async function embedBare(name, wasm) {
  const { names, namespaces } = await vocabularyBytes(root);
  const { bytes, offsets } = withoutData(wasm, [names, namespaces]);
  const text =
    `export const characters = '${latin1Literal(bytes)}';\n` +
    `export const offsets = [${offsets.join(', ')}];\n`;
  await writeFile(at(`${bytesFolder}/${name}-bare.js`), text);
}

/** The inside of a JavaScript string in single quotes that has one character a byte. */
function latin1Literal(bytes) {
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/[\0\n\r'\\]/g, (character, offset, text) => {
      if (character === '\n') return '\\n';
      if (character === '\r') return '\\r';
      // Before a digit, '\0' would start an octal escape.
      if (character === '\0') return /\d/.test(text[offset + 1] ?? '') ? '\\x00' : '\\0';
      return `\\${character}`;
    });
}

function run(script, parameters) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [at(`node_modules/${script}`), ...parameters], {
      cwd: root,
      stdio: ['ignore', process.stderr, process.stderr],
    });
    child.on('close', (code) => resolve(code === 0));
  });
}

async function hashOf(inputs) {
  const hash = createHash('sha256').update(await readFile(at('package-lock.json')));
  for (const input of inputs) {
    for (const path of await filesOf(input))
      hash.update(`${path}\n`).update(await readFile(at(path)));
  }
  return hash.digest('hex');
}

/** The files under a path, in order of name; the path itself when it is a file, nothing when absent. */
async function filesOf(path) {
  const entry = await stat(at(path)).catch(() => undefined);
  if (!entry?.isDirectory()) return entry ? [path] : [];
  const names = await readdir(at(path));
  const nested = await Promise.all(names.sort().map((name) => filesOf(`${path}/${name}`)));
  return nested.flat();
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { force: { type: 'boolean', default: false } } });
  process.exitCode = (await build(values)) ? 0 : 1;
}
