/*
 * npm run fuzz -- xml|sax|compat|expat|jid|route|all [--cases N] [--seed N] [--keep-going] [--debug-core]
 *
 * Runs the cases of N seeds from the given one on; without --cases as many as fit into a CI job. Exits 1
 * on a finding, which is printed as a Markdown case and written to build/findings/; `node
 * test/fuzz/keep.mjs` puts it into test/cases. A seed is a number: the same number is the same case. A
 * case that takes longer than half a minute is a finding too. What each target holds is said in the first
 * comment of xml.ts, sax.ts, compat.ts, expat.ts, jid.ts and route.ts.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { compileTests, compiledPath, root } from './compile.mjs';

const patience = 30_000;
// As in xml.ts: the instance is renewed at its multiples.
const block = 500;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'keep-going': { type: 'boolean', default: false },
    'debug-core': { type: 'boolean', default: false },
  },
});
const [name = 'all'] = positionals;
const defaultCases = {
  xml: 12_000,
  sax: 8000,
  compat: 4000,
  expat: 8000,
  jid: 30_000,
  route: 6000,
};
const names = name === 'all' ? Object.keys(defaultCases) : [name];
for (const one of names) {
  if (defaultCases[one] !== undefined) continue;
  console.error(
    `no such target: ${one}; there are ${Object.keys(defaultCases).join(', ')} and all`,
  );
  process.exit(2);
}

compileTests();
const expatProgram = join(root, 'build/expat');
let findings = 0;
for (const one of names) {
  const reason = one === 'expat' ? await compileExpat() : undefined;
  if (reason === undefined) await runTarget(one);
  else console.log(`fuzz ${one}: skipped, ${reason}`);
}
console.log(findings === 0 ? 'fuzz: no findings' : `fuzz: ${findings} findings`);
process.exitCode = findings === 0 ? 0 : 1;

async function compileExpat() {
  const expat = await import(pathToFileURL(compiledPath('test/fuzz/expat')).href);
  return expat.compileExpat(join(root, 'test/fuzz/expat.c'), expatProgram);
}

/** Runs one target in a thread. */
async function runTarget(target) {
  const first = Number(values.seed);
  const start = performance.now();
  const progress = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('worker.mjs', import.meta.url), {
    workerData: {
      target,
      first,
      count: Number(values.cases ?? defaultCases[target]),
      keepGoing: values['keep-going'],
      wasmPath: join(root, `build/${values['debug-core'] ? 'debug' : 'release'}.wasm`),
      modules: {
        xml: pathToFileURL(compiledPath('test/fuzz/xml')).href,
        sax: pathToFileURL(compiledPath('test/fuzz/sax')).href,
        compat: pathToFileURL(compiledPath('test/fuzz/compat')).href,
        expat: pathToFileURL(compiledPath('test/fuzz/expat')).href,
        jid: pathToFileURL(compiledPath('test/fuzz/jid')).href,
        route: pathToFileURL(compiledPath('test/fuzz/route')).href,
      },
      expatProgram,
      tablePath: join(root, 'test/router/table.md'),
      progress,
    },
  });
  let since = performance.now();
  let last = -1;
  const watch = setInterval(() => {
    const seed = Atomics.load(progress, 0);
    if (seed !== last) since = performance.now();
    last = seed;
    if (performance.now() - since < patience) return;
    findings += 1;
    console.log(`\nfuzz ${target}: seed ${seed} does not come back`);
    void worker.terminate();
  }, 1000);
  const done = await new Promise((resolve, reject) => {
    let count = 0;
    worker.on('message', (message) => {
      if (message.type === 'done') count = message.done;
      else report(target, message);
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve(count));
  });
  clearInterval(watch);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`fuzz ${target}: ${done} cases from seed ${first} in ${seconds} s`);
}

function report(target, { seed, message, alone, text }) {
  findings += 1;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  mkdirSync(join(root, 'build/findings'), { recursive: true });
  const path = `build/findings/${target}-${hash}.md`;
  writeFileSync(join(root, path), text);
  console.log(`\nfuzz ${target}: seed ${seed}: ${short(message, 1000)}`);
  if (!alone) {
    const from = seed - (seed % block);
    console.log(`only after the cases before it: --seed ${from} --cases ${seed - from + 1}`);
  }
  console.log(`${path}\n\n${short(text, 4000)}`);
}

function short(text, length) {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}
