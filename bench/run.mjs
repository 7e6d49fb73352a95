/**
 * The benchmarks of the repository.
 *
 *     npm run bench -- tokenizer                    a table
 *     npm run bench -- tokenizer --json             one JSON object on stdout and nothing else there
 *     npm run bench -- trees frames route           three suites, a column a runtime
 *     npm run bench -- trees --cases eager-16k --seconds 20 --node /usr/bin/node
 *     npm run bench -- ltx                          the suite of ltx's own benchmarks, with Benchmark.js
 *     npm run bench -- micro                        small tasks, tinybench and Benchmark.js beside each other
 *
 * `--save` also writes bench/results/SUITE.json, which the report is made of (report.mjs); `--help` has the rest.
 *
 * Installs and compiles what it compares with; what cannot be had is named under `skipped`. Ends with 1 when a subject
 * failed or counted something else than the others, with 2 on a wrong command line. How it measures: measure.mjs.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './runner/command-line.mjs';
import { commit, environment } from './runner/environment.mjs';
import { otherHosts, pinnedHost, runtimeAt } from './runner/hosts.mjs';
import { rootFolder } from './runner/paths.mjs';
import { describe } from './runner/peers.mjs';
import { progress } from './runner/progress.mjs';
import { setUp } from './runner/set-up.mjs';
import { printTable } from './runner/table.mjs';

process.exitCode = await main();

async function main() {
  const { code, names, values } = commandLine();
  if (code !== undefined) return code;
  const runtime = runtimeAt(values.node);
  const other = otherNode(runtime === undefined ? values.node : undefined);
  if (other !== undefined) {
    return spawnSync(other, process.argv.slice(1), { stdio: 'inherit' }).status ?? 1;
  }
  const results = [];
  for (const name of names) {
    const result = await measure(name, values, runtime);
    if (result === undefined) return 2;
    results.push(result);
    if (values.save) {
      const file = new URL(`results/${name}.json`, import.meta.url);
      writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
    }
    if (!values.json) printTable(result);
    for (const { case: where, subject, runtime: on, reason } of result.errors ?? [])
      console.error(`bench: ${where}: ${subject}${on === undefined ? '' : ` on ${on}`} ${reason}`);
  }
  if (values.json) {
    const answer = results.length === 1 ? results[0] : { suites: results };
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  }
  return results.every(({ errors }) => errors === undefined) ? 0 : 1;
}

/** The result of one suite; undefined when it has no such case. */
async function measure(suiteName, values, runtime) {
  const { say, clear } = progress(suiteName);
  const { suite } = await import(`./suites/${suiteName}.mjs`);
  const cases = values.cases?.split(',') ?? suite.defaultCases ?? suite.cases;
  const unknown = cases.filter((name) => !suite.cases.includes(name));
  if (unknown.length > 0) {
    console.error(
      `bench: no case ${unknown.join(', ')} in ${suiteName}; there are ${suite.cases.join(', ')}`,
    );
    return undefined;
  }

  const node = process.execPath;
  const nodeVersions = { ...describe(node), runtime: runtime?.version };
  const skipped = [];
  const { present, native, versions } = await setUp(suite.subjects, node, skipped, say);
  const hosts = [pinnedHost(runtime?.path ?? node, runtime?.version)];
  if (values.runtimes && suite.hasRuntimes) hosts.push(...(await otherHosts(skipped)));

  // Set-up happens once on a machine and is not part of the suite's time.
  const began = performance.now();
  const onOne = values.seconds === undefined ? (suite.defaultSeconds ?? 46) : +values.seconds;
  const seconds = onOne * (1 + (hosts.length - 1) / 2);
  /** The time to stop at, in that of performance.now(), for work that is this part of what is left to do. */
  const deadlineFor = (part) => {
    const now = performance.now();
    return now + Math.max(0, began + seconds * 1000 - now) * part;
  };
  const context = {
    cases,
    /** What subjects in JavaScript run on, and the same as a host, with the hosts of more columns after it. */
    node: runtime?.path ?? node,
    hosts,
    native,
    say,
    /** The subjects that can run, in the order of the suite. */
    available: (subjects) => subjects.filter((subject) => present.has(subject)),
    deadlineFor,
    /** When the case of this index has to be done. */
    deadline: (index) => deadlineFor(1 / (cases.length - index)),
    seconds,
  };
  const found = await suite.run(context);
  for (const host of hosts) await host.close?.();
  const { rows, skipped: alsoSkipped = [], errors = [] } = found;
  clear();

  const columns = hosts.map(({ name, clock }) => ({ name, ...(clock && { clock }) }));
  return {
    suite: suiteName,
    commit: commit(),
    environment: {
      ...environment(nodeVersions),
      ...(hosts.length > 1 && { runtimes: columns }),
      versions: { ...versions, ...found.versions },
    },
    rows,
    skipped: [...skipped, ...alsoSkipped],
    ...(errors.length === 0 ? {} : { errors }),
  };
}

/** The Node to run on, when this is not it: the one asked for, else the one that the repository pins. */
function otherNode(wanted) {
  const pinned = join(rootFolder, 'node_modules', 'node', 'bin', 'node');
  const path = wanted ?? (existsSync(pinned) ? pinned : process.execPath);
  return realpathSync(path) === realpathSync(process.execPath) ? undefined : path;
}
