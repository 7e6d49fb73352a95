/**
 * The runtimes that subjects in JavaScript run on. A host starts the processes of subjects: `start(job)` one that takes
 * orders, `startChecks(checks)` one that counts (child.mjs says what both answer); both have `answer`, `order`, `stop`.
 *
 * Programs with a command line run child.mjs as it is. Chromium and workerd run the same drivers and subjects in a
 * bundle. All of them come from test/runtimes, but Node and Chromium, which are the system's.
 */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { Child } from './child.mjs';
import { chromiumHost } from './chromium-host.mjs';
import { rootFolder } from './paths.mjs';
import { workerdHost } from './workerd-host.mjs';

const bin = (name) => join(rootFolder, 'test/runtimes/node_modules/.bin', name);
const absent = 'not installed: npm ci --prefix test/runtimes';

/** The host of `path`; the first column. */
export function pinnedHost(path, name = `Node ${process.versions.node}`) {
  return programHost(name, path);
}

/** Bun or Deno, where `--node` names one: the suite stays on Node, its subjects run there. */
export function runtimeAt(path) {
  if (path === undefined || !/^(bun|deno)/.test(basename(path))) return undefined;
  const name = basename(path).startsWith('bun') ? 'Bun' : 'Deno';
  return { path: resolve(path), version: `${name} ${versionOf(path)}` };
}

/** The other runtimes that are there; those that are not land in `skipped`. */
export async function otherHosts(skipped) {
  const hosts = [];
  const skip = (subject, reason) => skipped.push({ subject, reason });
  const node = systemNode();
  if (node === undefined) skip('Node of the system', 'no other Node of 20.19 or later on the PATH');
  else hosts.push(programHost(`Node ${versionOf(node)}`, node));
  for (const [name, path] of [
    ['Bun', bin('bun')],
    ['Deno', bin('deno')],
  ]) {
    if (existsSync(path)) hosts.push(programHost(`${name} ${versionOf(path)}`, path));
    else skip(name, absent);
  }
  for (const [name, make] of [
    ['workerd', workerdHost],
    ['Chromium', chromiumHost],
  ]) {
    const host = await make();
    if (host.absence === undefined) hosts.push(host);
    else skip(name, host.absence);
  }
  return hosts;
}

function programHost(name, path) {
  return {
    name,
    start: (job) => new Child(path, ['child.mjs', JSON.stringify(job)]),
    startChecks: (checks) => new Child(path, ['child.mjs', JSON.stringify({ checks })]),
  };
}

/** Of `v20.19.2`, `1.4.5` or `deno 2.9.6 (stable, ...)`: the number. */
function versionOf(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return /\d+(\.\d+)*/.exec(stdout ?? '')?.[0] ?? 'unknown';
}

/** The first Node on the PATH that is not the repository's own and that the package supports. */
function systemNode() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'node');
    if (folder.includes('node_modules') || !existsSync(path)) continue;
    const version = versionOf(path);
    const [major, minor] = version.split('.').map(Number);
    const isSupported = major > 20 || (major === 20 && minor >= 19);
    if (isSupported && version !== process.versions.node) return path;
  }
  return undefined;
}
