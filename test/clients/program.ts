/*
 * A program of somebody else, running: its output line by line, and its end.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Running {
  /** stdout so far. */
  readonly lines: () => string[];
  /** stderr so far. */
  readonly complaints: () => string;
  write(text: string): void;
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  kill(): Promise<void>;
}

export function run(
  program: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(program, parameters, { env: { ...process.env, ...environment } });
  let output = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    lines: () => output.split('\n').slice(0, -1),
    complaints: () => complaints,
    write: (text) => child.stdin.end(text),
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
