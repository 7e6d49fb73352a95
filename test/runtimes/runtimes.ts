/*
 * The runtimes that the suite runs on, and how each of them is asked for its outcomes. One that is not
 * there is named with the reason.
 *
 * Bun, Deno, workerd and the driver of the browser come from test/runtimes/package.json, installed
 * before the tests (scripts/test.mjs); the browser is the system's Chromium.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { bundle, root } from './bundle.js';
import { chromiumPath, runOnPage } from './chromium.js';
import type { Outcome } from './check.js';
import { runInWorkerd } from './workerd.js';

export interface Runtime {
  readonly name: string;
  /** Why it cannot be used; absent where it can. */
  readonly absence?: string;
  /** Its command line, where it has one. */
  readonly command?: readonly string[];
  run(): Promise<Outcome[]>;
}

const folder = join(import.meta.dirname, 'node_modules');
const bin = (name: string): string => join(folder, '.bin', name);
const runFile = promisify(execFile);

export const runtimes: readonly Runtime[] = [
  // The others are compared with this one.
  program('Node 24, pinned', process.execPath),
  systemNode(),
  program('Bun', bin('bun'), 'run'),
  program('Deno', bin('deno'), 'run', '--allow-all', '--no-lock', '--quiet'),
  at('workerd', bin('workerd'), () => runInWorkerd(bin('workerd'))),
  onChromium('Chromium, page', 'page'),
  onChromium('Chromium, worker', 'worker'),
];

/** Runs a script on a runtime with a command line, in the root of the repository; returns its stdout. */
export async function runScript(command: readonly string[], script: string): Promise<string> {
  const [program, ...parameters] = command;
  const { stdout } = await runFile(program, [...parameters, script], {
    cwd: root,
    maxBuffer: 2 ** 26,
    env: { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
  });
  return stdout;
}

function program(name: string, ...command: string[]): Runtime {
  const [path] = command;
  const runtime = at(name, path, async () => {
    const [script] = await bundle('program');
    const output = await runScript(command, script);
    const line = output.split('\n').find((each) => each.startsWith('outcomes '));
    if (line === undefined) throw new Error(`${name} printed no outcomes: ${output}`);
    return JSON.parse(line.slice('outcomes '.length)) as Outcome[];
  });
  return runtime.absence === undefined ? { ...runtime, command } : runtime;
}

/** The Node of the system, where the package supports it and it is another one. */
function systemNode(): Runtime {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, 'node');
    if (directory.includes('node_modules') || !existsSync(path)) continue;
    const version = execFileSync(path, ['--version'], { encoding: 'utf8' }).trim();
    const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
    if (major > 20 || (major === 20 && minor >= 19)) {
      return program(`Node ${major}, the system's`, path);
    }
  }
  return {
    ...at('Node of the system', '', none),
    absence: 'no Node of 20.19 or later on the PATH',
  };
}

function onChromium(name: string, place: 'page' | 'worker'): Runtime {
  const path = chromiumPath();
  const runtime = at(name, join(folder, 'playwright-core'), () => runOnPage(place));
  if (runtime.absence !== undefined || path !== undefined) return runtime;
  return { ...runtime, absence: 'no chromium on the PATH' };
}

function at(name: string, path: string, run: () => Promise<Outcome[]>): Runtime {
  if (existsSync(path)) return { name, run };
  return { name, run, absence: 'not installed: npm ci --prefix test/runtimes' };
}

const none = (): Promise<Outcome[]> => Promise.resolve([]);
