/*
 * `tercet serve --demo` as a child process on free ports, in a folder of its own.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const commandLine = join(import.meta.dirname, '../../dist/bindings/cli/main.js');

export interface Serving {
  readonly process: ChildProcess;
  readonly port: number;
  readonly tlsPort: number;
  readonly httpPort: number;
  readonly webSocket: string;
  /** PEM of the development authority. */
  readonly authorityPath: string;
  /** What it prints on stdout and stderr so far. */
  readonly output: () => string;
  readonly log: () => string;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number | null>;
}

export async function serve(...options: string[]): Promise<Serving> {
  const folder = mkdtempSync(join(tmpdir(), 'tercet-'));
  const child = spawn(process.execPath, [
    commandLine,
    ...['serve', '--demo', '--port', '0', '--tls-port', '0', '--http-port', '0'],
    ...['--data', folder, '--log', 'debug', ...options],
  ]);
  let output = '';
  let log = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  while (!output.includes('Ctrl-C')) {
    if (child.exitCode !== null) throw new Error(`tercet serve ended:\n${output}${log}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const portOf = (pattern: RegExp): number => Number(pattern.exec(output)?.[1]);
  const httpPort = portOf(/wss?:\/\/127\.0\.0\.1:(\d+)\//);
  return {
    process: child,
    port: portOf(/XMPP +127\.0\.0\.1:(\d+)/),
    tlsPort: portOf(/over TLS +127\.0\.0\.1:(\d+)/),
    httpPort,
    webSocket: `ws://127.0.0.1:${httpPort}/xmpp-websocket`,
    authorityPath: join(folder, 'ca.pem'),
    output: () => output,
    log: () => log,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

/** Whether a program runs with these arguments and ends well. */
export async function canRun(program: string, ...parameters: string[]): Promise<boolean> {
  const child = spawn(program, parameters, { stdio: 'ignore' });
  return new Promise((resolve) => {
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}
