/**
 * The benchmarks of the repository, one suite a call.
 *
 *     npm run bench -- tokenizer                    a table
 *     npm run bench -- tokenizer --json             one JSON object on stdout and nothing else there
 *     npm run bench -- trees --cases eager-16k --seconds 20 --node /usr/bin/node
 *     npm run bench -- frames --node test/runtimes/node_modules/.bin/bun       the subjects on Bun, or on Deno
 *     npm run bench -- ltx                          the suite of ltx's own benchmarks, with Benchmark.js
 *     npm run bench -- micro                        small tasks, tinybench and Benchmark.js beside each other
 *
 * `--save` also writes bench/results/SUITE.json, which the report is made of (report.mjs).
 *
 * Installs and compiles what it compares with; what cannot be had is named under `skipped`. Ends with 1 when a subject
 * failed or counted something else than the others, with 2 on a wrong command line. How it measures: measure.mjs.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commit, environment } from './runner/environment.mjs';
import { compileNative, nativeNames } from './runner/native.mjs';
import { rootFolder } from './runner/paths.mjs';
import { buildNodeExpat, describe, installPeers, versionOf } from './runner/peers.mjs';
import { progress } from './runner/progress.mjs';
import { printTable } from './runner/table.mjs';
import { suiteNames } from './suites/names.mjs';

/** The npm packages behind the subjects that are not compiled here. */
const packages = {
  ltx: ['ltx'],
  'saxes-ns': ['saxes'],
  sax: ['sax'],
  easysax: ['easysax'],
  'node-expat': ['node-expat'],
  'sax-wasm': ['sax-wasm'],
  htmlparser2: ['htmlparser2'],
  'xmpp-xml': ['@xmpp/xml', 'ltx'],
  'xmpp-framed': ['@xmpp/websocket', 'ltx'],
  stanza: ['stanza'],
  'xmpp-jid-js': ['@xmpp/jid'],
  'xmpp-js': ['@xmpp/xml', '@xmpp/jid', 'ltx'],
  strophe: ['strophe.js'],
  'xmpp-jid': ['xmpp-jid'],
};

process.exitCode = await main();

async function main() {
  const line = commandLine();
  if (line === undefined) return 2;
  const { suiteName, values } = line;
  const runtime = runtimeAt(values.node);
  const other = otherNode(runtime === undefined ? values.node : undefined);
  if (other !== undefined) {
    return spawnSync(other, process.argv.slice(1), { stdio: 'inherit' }).status ?? 1;
  }
  const { say, clear } = progress(suiteName);
  const { suite } = await import(`./suites/${suiteName}.mjs`);

  const cases = values.cases?.split(',') ?? suite.defaultCases ?? suite.cases;
  const unknown = cases.filter((name) => !suite.cases.includes(name));
  if (unknown.length > 0) {
    console.error(
      `bench: no case ${unknown.join(', ')} in ${suiteName}; there are ${suite.cases.join(', ')}`,
    );
    return 2;
  }

  const node = process.execPath;
  const nodeVersions = { ...describe(node), runtime: runtime?.version };
  const skipped = [];
  const { present, native, versions } = await setUp(suite.subjects, node, skipped, say);

  // Set-up happens once on a machine and is not part of the suite's time.
  const began = performance.now();
  const seconds =
    values.seconds === undefined ? (suite.defaultSeconds ?? 46) : Number(values.seconds);
  const context = {
    cases,
    /** What subjects in JavaScript run on. */
    node: runtime?.path ?? node,
    native,
    say,
    /** The subjects that can run, in the order of the suite. */
    available: (subjects) => subjects.filter((subject) => present.has(subject)),
    /** When the case of this index has to be done, in the time of performance.now(). */
    deadline: (index) => {
      const end = began + seconds * 1000;
      const now = performance.now();
      return now + Math.max(0, end - now) / (cases.length - index);
    },
    seconds,
  };
  const found = await suite.run(context);
  const { rows, skipped: alsoSkipped = [], errors = [] } = found;
  clear();

  const result = {
    suite: suiteName,
    commit: commit(),
    environment: { ...environment(nodeVersions), versions: { ...versions, ...found.versions } },
    rows,
    skipped: [...skipped, ...alsoSkipped],
    ...(errors.length === 0 ? {} : { errors }),
  };
  if (values.save) {
    const file = new URL(`results/${suiteName}.json`, import.meta.url);
    writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else printTable(result);
  for (const { case: where, subject, reason } of errors)
    console.error(`bench: ${where}: ${subject} ${reason}`);
  return errors.length === 0 ? 0 : 1;
}

/** Bun or Deno, where `--node` names one: the suite stays on Node, its subjects run there. */
function runtimeAt(path) {
  if (path === undefined || !/^(bun|deno)/.test(basename(path))) return undefined;
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const version = stdout
    .trim()
    .split('\n')[0]
    .replace(/^deno /, '');
  const name = basename(path).startsWith('bun') ? 'Bun' : 'Deno';
  return { path: resolve(path), version: `${name} ${version.split(' ')[0]}` };
}

/** The Node to run on, when this is not it: the one asked for, else the one that the repository pins. */
function otherNode(wanted) {
  const pinned = join(rootFolder, 'node_modules', 'node', 'bin', 'node');
  const path = wanted ?? (existsSync(pinned) ? pinned : process.execPath);
  return realpathSync(path) === realpathSync(process.execPath) ? undefined : path;
}

function commandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        seconds: { type: 'string' },
        cases: { type: 'string' },
        node: { type: 'string' },
        save: { type: 'boolean', default: false },
      },
    });
    if (values.seconds !== undefined && !(Number(values.seconds) > 0))
      throw new Error('--seconds takes a number above 0');
    if (values.node !== undefined && !existsSync(values.node)) {
      throw new Error(`there is no ${values.node}`);
    }
    if (positionals.length !== 1 || !suiteNames.includes(positionals[0])) {
      throw new Error(`name one suite: ${suiteNames.join(', ')}`);
    }
    return { suiteName: positionals[0], values };
  } catch (error) {
    console.error(`bench: ${error.message}`);
    console.error(
      'usage: npm run bench -- SUITE [--json] [--seconds N] [--cases a,b] [--node PATH]',
    );
    return undefined;
  }
}

/** Makes the subjects of a suite ready; the others land in `skipped`. */
async function setUp(subjects, node, skipped, say) {
  const present = new Set();
  const native = new Map();
  const versions = {};
  const skip = (subject, reason) => skipped.push({ subject, reason });

  const wanted = subjects.filter((subject) => packages[subject] !== undefined);
  const missing = wanted.length > 0 ? await installPeers(say) : '';
  for (const subject of subjects) {
    if (nativeNames.includes(subject)) {
      const { path, reason, compiler, version, language } = compileNative(subject);
      if (path === undefined) skip(subject, reason);
      else {
        present.add(subject);
        native.set(subject, { path });
        versions[language] = compiler;
        versions[subject] = version;
      }
    } else if (subject === 'tercet' || subject.startsWith('tercet-')) {
      const { reason } = await import('./subjects/package.mjs');
      if (reason === '') present.add(subject);
      else skip(subject, reason);
    } else if (missing !== '') skip(subject, missing);
    else {
      const reason = subject === 'node-expat' ? await buildNodeExpat(node, say) : '';
      if (reason !== '') skip(subject, reason);
      else {
        present.add(subject);
        for (const name of packages[subject]) versions[name] = versionOf(name);
      }
    }
  }
  return { present, native, versions };
}
