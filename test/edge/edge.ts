/*
 * The edge examples as child processes on free ports of loopback, by the commands of their READMEs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../repository/files.js';

export const hasWorkerd = existsSync(join(root, 'test/runtimes/node_modules/.bin/workerd'));
if (!hasWorkerd) console.warn('skipped: workerd is not installed (npm ci --prefix test/runtimes)');

/** An object sleeps after ten seconds: what waits for that is left out of the quick run, as are the many cells. */
export const isQuick = process.env.TERCET_QUICK === '1';
if (isQuick) {
  console.warn(
    'skipped: what objects do after their sleep, section 8.5 between objects, random play (--quick)',
  );
}

export interface EdgeWorker {
  /** Where XMPP over WebSocket is. */
  readonly service: string;
  /** All that the example and workerd have printed. */
  readonly output: () => string;
  stop(): Promise<void>;
  /** Ends workerd in the midst of everything, where the system tells which process it is (Linux). */
  kill(): Promise<void>;
}

/** The block of an example's README that shows what its command prints, with this port. */
export function promisedOutput(name: string, port: string): string {
  const text = readFileSync(join(root, 'examples', name, 'README.md'), 'utf8');
  const block = /^```\n([^`]*^listening[^`]*)^```/m.exec(text)?.[1] ?? '';
  return block.replace(/:\d{4}\//g, `:${port}/`);
}

/** Starts an example; the first address that it prints is its service, and `listening` its last line. */
export const startExample = (name: string, ...parameters: readonly string[]): Promise<EdgeWorker> =>
  startScript(join(root, 'examples', name, 'start.mjs'), '--port', '0', ...parameters);

export async function startScript(
  script: string,
  ...parameters: readonly string[]
): Promise<EdgeWorker> {
  const child = spawn(process.execPath, [script, ...parameters]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    // It ends workerd too, which SIGKILL would leave behind.
    child.kill('SIGTERM');
    await ended;
  };
  const kill = async (): Promise<void> => {
    const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    for (const pid of children.trim().split(' ')) process.kill(Number(pid), 'SIGKILL');
    await ended;
  };
  while (!output.includes('\nlistening')) {
    if (child.exitCode !== null) throw new Error(`the example did not start: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { service: /ws:\/\/\S+/.exec(output)?.[0] ?? '', output: () => output, stop, kill };
}
