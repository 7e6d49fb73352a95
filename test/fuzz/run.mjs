/*
 * npm run fuzz -- xml|sax|all [--cases N] [--seed N] [--keep-going] [--debug-core]
 *
 * Runs the cases of N seeds from the given one on; without --cases as many as fit into a CI job. Exits 1
 * on a finding, which is printed as a Markdown case and written to build/findings/; `node
 * test/fuzz/keep.mjs` puts it into test/cases. A seed is a number: the same number is the same case.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { importCompiled, root } from './compile.mjs';

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
const defaultCases = { xml: 12_000, sax: 8000 };
const names = name === 'all' ? Object.keys(defaultCases) : [name];
for (const one of names) {
  if (defaultCases[one] !== undefined) continue;
  console.error(
    `no such target: ${one}; there are ${Object.keys(defaultCases).join(', ')} and all`,
  );
  process.exit(2);
}

const [xml] = await importCompiled('test/fuzz/xml');
const build = values['debug-core'] ? 'debug' : 'release';
const wasm = readFileSync(join(root, `build/${build}.wasm`));
const targets = {
  xml: () => new xml.XmlTarget(wasm),
  sax: async () => {
    const [sax] = await importCompiled('test/fuzz/sax');
    return new sax.SaxTarget();
  },
};

let findings = 0;
for (const one of names) {
  const target = await targets[one]();
  const count = Number(values.cases ?? defaultCases[one]);
  const first = Number(values.seed);
  const start = performance.now();
  let done = 0;
  for (let seed = first; seed < first + count; seed++) {
    const finding = target.run(seed);
    done += 1;
    if (finding === undefined) continue;
    findings += 1;
    report(one, finding);
    if (!values['keep-going']) break;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`fuzz ${one}: ${done} cases from seed ${first} in ${seconds} s`);
}
console.log(findings === 0 ? 'fuzz: no findings' : `fuzz: ${findings} findings`);
process.exitCode = findings === 0 ? 0 : 1;

function report(target, finding) {
  const text = xml.toCase(finding);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
  mkdirSync(join(root, 'build/findings'), { recursive: true });
  const path = `build/findings/${target}-${hash}.md`;
  writeFileSync(join(root, path), text);
  console.log(`\nfuzz ${target}: seed ${finding.seed}: ${finding.message}`);
  if (!finding.alone) {
    const from = finding.seed - (finding.seed % xml.block);
    console.log(
      `only after the cases before it: --seed ${from} --cases ${finding.seed - from + 1}`,
    );
  }
  console.log(`${path}\n\n${text.length > 4000 ? `${text.slice(0, 4000)}...` : text}`);
}
