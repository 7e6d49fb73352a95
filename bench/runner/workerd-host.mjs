/**
 * workerd as a host: a process for each subject, with Node's modules as far as workerd has them. Its clock stands still
 * while a worker computes, so that the time is that of a request on loopback, about a millisecond of it HTTP.
 */

import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder, rootFolder } from './paths.mjs';
import { bundleFor } from './web-bundle.mjs';
import { WebChild } from './web-child.mjs';

/** The host, or `{ absence }`. */
export async function workerdHost() {
  const program = join(rootFolder, 'test/runtimes/node_modules/.bin/workerd');
  if (!existsSync(program)) return { absence: 'not installed: npm ci --prefix test/runtimes' };
  const { folder, wasmFiles } = await bundleFor('worker');
  for (const file of wasmFiles) copyFileSync(file, join(folder, basename(file)));
  const configuration = join(folder, 'config.capnp');
  writeFileSync(configuration, configurationOf(wasmFiles.map((file) => basename(file))));

  const open = async () => {
    const child = spawn(program, ['serve', configuration, '--control-fd=3'], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    let complaints = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (complaints += text));
    const ended = new Promise((_, reject) => {
      child.on('exit', () => reject(new Error(`workerd ended: ${complaints.slice(-400)}`)));
    });
    ended.catch(() => {});
    const port = await Promise.race([portFrom(child.stdio[3]), ended]);
    const ask = async (message) => {
      const body = JSON.stringify(message);
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
      if (!response.ok) throw new Error((await response.text()).slice(0, 400));
      return response.json();
    };
    return { child, send: (message) => Promise.race([ask(message), ended]) };
  };
  const childWith = (messages) =>
    new WebChild({
      opening: open(),
      messages,
      insideClock: false,
      close: ({ child }) => child.kill('SIGKILL'),
    });
  return {
    name: `workerd ${versionOf(program)}`,
    clock: 'wall time of a request on loopback',
    start: (job) => childWith([{ job }]),
    startChecks: (checks) => childWith(checks.map((check) => ({ check }))),
    close: () => rmSync(folder, { recursive: true }),
  };
}

function configurationOf(wasmFiles) {
  const wasm = wasmFiles.map((name) => `, (name = "${name}", wasm = embed "${name}")`).join('');
  const corpora = JSON.stringify(join(cacheFolder, 'corpora'));
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .bench), (name = "corpora", disk = (path = ${corpora}))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const bench :Workerd.Worker = (
  modules = [(name = "worker.mjs", esModule = embed "worker.mjs")${wasm}],
  bindings = [(name = "corpora", service = "corpora")],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ["nodejs_compat"]
);
`;
}

async function portFrom(control) {
  let text = '';
  for await (const piece of control.setEncoding('utf8')) {
    text += piece;
    const port = /"port":(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`workerd listens nowhere: ${text}`);
}

/** `workerd 2026-11-17` */
function versionOf(program) {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /\d+(-\d+)+/.exec(stdout ?? '')?.[0] ?? 'unknown';
}
