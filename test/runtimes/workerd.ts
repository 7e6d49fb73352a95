/*
 * Runs a bundle in workerd, Cloudflare's runtime, from a configuration in a temporary folder. The wasm is a
 * module of the worker, as `wrangler` would declare it; workerd tells its port through a descriptor.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { bundle } from './bundle.js';
import type { Outcome } from './check.js';

export async function runInWorkerd(program: string): Promise<Outcome[]> {
  const [script, ...wasmFiles] = await bundle('workerd');
  const folder = mkdtempSync(join(tmpdir(), 'tercet-workerd-'));
  for (const file of [script, ...wasmFiles]) copyFileSync(file, join(folder, basename(file)));
  const configuration = join(folder, 'config.capnp');
  writeFileSync(configuration, configurationOf(basename(script), wasmFiles));
  const child = spawn(program, ['serve', configuration, '--control-fd=3'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`workerd ended: ${complaints}`);
  });
  try {
    const port = await Promise.race([listening(child.stdio[3] as Readable), ended]);
    const answer = await Promise.race([fetch(`http://127.0.0.1:${port}/`), ended]);
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()} ${complaints}`);
    return (await answer.json()) as Outcome[];
  } finally {
    ended.catch(() => undefined);
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function configurationOf(script: string, wasmFiles: readonly string[]): string {
  const wasm = wasmFiles
    .map((path) => basename(path))
    .map((name) => `, (name = "${name}", wasm = embed "${name}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .suite),
    # The worker connects to itself, on loopback.
    (name = "internet", network = (allow = ["private"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const suite :Workerd.Worker = (
  modules = [(name = "${script}", esModule = embed "${script}")${wasm.join('')}],
  compatibilityDate = "2026-01-01"
);
`;
}

async function listening(control: Readable): Promise<number> {
  let text = '';
  for await (const piece of control.setEncoding('utf8')) {
    text += String(piece);
    const port = /"port":(\d+)/.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`workerd listens nowhere: ${text}`);
}
