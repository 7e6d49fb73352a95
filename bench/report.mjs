/**
 * Writes what the documents say about speed, from the committed results and from nothing else.
 *
 *     node bench/report.mjs            docs/benchmarks.md, docs/benchmarks/*.svg, the table in README.md
 *     node bench/report.mjs --check    writes nothing; ends with 1 when one of them differs
 *
 * Results are made by `npm run bench -- SUITE --save`. The same results give the same bytes.
 */

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { chart } from './report/chart.mjs';
import { page } from './report/page.mjs';
import { summary } from './report/summary.mjs';
import { suiteNames } from './suites/names.mjs';

const root = new URL('../', import.meta.url);
const begin = '<!-- bench:begin -->';
const end = '<!-- bench:end -->';

const results = new Map();
for (const suite of suiteNames) {
  const file = new URL(`bench/results/${suite}.json`, root);
  if (existsSync(file)) results.set(suite, JSON.parse(readFileSync(file, 'utf8')));
}

const files = new Map();
const charted = [...results].filter(([, result]) => chart(result) !== '').map(([suite]) => suite);
for (const suite of charted) files.set(`docs/benchmarks/${suite}.svg`, chart(results.get(suite)));
files.set('docs/benchmarks.md', await formatted(page(results, charted), 'docs/benchmarks.md'));
const readme = await withSummary();
if (readme !== undefined) files.set('README.md', readme);

process.exitCode = process.argv.includes('--check') ? check() : write();

function write() {
  mkdirSync(new URL('docs/benchmarks/', root), { recursive: true });
  for (const path of strays()) rmSync(new URL(path, root));
  for (const [path, text] of files) writeFileSync(new URL(path, root), text);
  return 0;
}

function check() {
  const drifted = [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);
  for (const path of [...drifted, ...strays()]) {
    console.error(`${path} differs from bench/results: node bench/report.mjs`);
  }
  return drifted.length + strays().length === 0 ? 0 : 1;
}

/** Charts of results that are gone. */
function strays() {
  const folder = new URL('docs/benchmarks/', root);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => `docs/benchmarks/${name}`)
    .filter((path) => !files.has(path))
    .sort();
}

function read(path) {
  const url = new URL(path, root);
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
}

/** The README with the block between its markers rewritten; undefined where there is no such block. */
async function withSummary() {
  const text = read('README.md');
  const start = text?.indexOf(begin) ?? -1;
  const stop = text?.indexOf(end) ?? -1;
  if (start < 0 || stop < start) return undefined;
  const block = await formatted(summary(results), 'README.md');
  return `${text.slice(0, start + begin.length)}\n\n${block.trim()}\n\n${text.slice(stop)}`;
}

async function formatted(text, path) {
  const options = await resolveConfig(fileURLToPath(new URL(path, root)));
  return format(text, { ...options, parser: 'markdown' });
}
