/*
 * Runs a worker on the real workerd, on loopback: bundles it under the condition "workerd", writes the
 * configuration and starts the program. What Durable Objects store goes to a folder, since workerd has SQLite on
 * disk only; without one it is a temporary folder that ends with the program.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '../..');

/** The program of the npm package `workerd`: where the tests have it, beside this package, or on the path. */
export function findWorkerd() {
  const folders = [
    join(root, 'test/runtimes/node_modules/.bin'),
    join(root, 'node_modules/.bin'),
    ...(process.env.PATH ?? '').split(delimiter).filter(Boolean),
  ];
  return folders.map((folder) => join(folder, 'workerd')).find((path) => existsSync(path));
}

/**
 * Starts a worker and resolves once it listens: `{ port, pid, print(), ended, stop() }`, where `print` shows what the
 * worker logs from then on.
 *
 *     entry       its module
 *     objects     names of Durable Object classes, each bound under its name in capitals
 *     variables   texts for its environment
 *     port        0 takes a free one
 *     data        folder for what its objects store
 */
export async function startWorker({ entry, objects = [], variables = {}, port = 0, data }) {
  const program = findWorkerd();
  if (program === undefined) throw new Error('workerd is not there: npm install workerd');
  const folder = await mkdtemp(join(tmpdir(), 'tercet-edge-'));
  const storage = data === undefined ? join(folder, 'data') : resolve(data);
  await mkdir(storage, { recursive: true });
  const modules = await bundle(entry, join(folder, 'worker'));
  const configuration = join(folder, 'worker/config.capnp');
  await writeFile(configuration, configure({ modules, objects, variables, port, storage }));
  const child = spawn(program, ['serve', configuration, '--control-fd=3'], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const ended = new Promise((resolve) => child.once('close', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
    await ended;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  };
  const listening = new Promise((resolve) => {
    createInterface({ input: child.stdio[3] }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.event === 'listen') resolve(message.port);
    });
  });
  const actual = await Promise.race([listening, ended.then(() => undefined)]);
  if (actual === undefined) {
    await stop();
    throw new Error(`workerd did not start: ${output}`);
  }
  const print = () => {
    child.stdout.pipe(process.stdout);
    child.stderr.pipe(process.stderr);
  };
  return { port: actual, pid: child.pid, print, ended, stop };
}

/** The worker as modules of workerd: one of JavaScript, and the core, which must be a file there. */
async function bundle(entry, outdir) {
  const { outputFiles } = await build({
    entryPoints: { worker: entry },
    outdir,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd'],
    external: ['cloudflare:*'],
    loader: { '.wasm': 'copy' },
    assetNames: '[name]',
    absWorkingDir: root,
    logLevel: 'silent',
  });
  await mkdir(outdir, { recursive: true });
  for (const { path, contents } of outputFiles) await writeFile(path, contents);
  const names = outputFiles.map(({ path }) => path.slice(outdir.length + 1));
  // The first module is the one that is run.
  return names.sort((one, other) => Number(other.endsWith('.js')) - Number(one.endsWith('.js')));
}

function configure({ modules, objects, variables, port, storage }) {
  const text = (value) => JSON.stringify(value);
  const list = (values) => `[${values.join(', ')}]`;
  const kind = (name) => (name.endsWith('.wasm') ? 'wasm' : 'esModule');
  const bindings = [
    ...objects.map(
      (name) => `(name = "${name.toUpperCase()}", durableObjectNamespace = "${name}")`,
    ),
    ...Object.entries(variables).map(
      ([name, value]) => `(name = "${name}", text = ${text(value)})`,
    ),
  ];
  const namespaces = objects.map(
    (name) => `(className = "${name}", uniqueKey = "${name.toLowerCase()}", enableSql = true)`,
  );
  const worker = [
    `modules = ${list(modules.map((name) => `(name = "${name}", ${kind(name)} = embed "${name}")`))}`,
    'compatibilityDate = "2026-11-01"',
    `bindings = ${list(bindings)}`,
    `durableObjectNamespaces = ${list(namespaces)}`,
    'durableObjectStorage = (localDisk = "disk")',
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "disk", disk = (path = ${text(storage)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  ${worker.join(',\n  ')},
);
`;
}
