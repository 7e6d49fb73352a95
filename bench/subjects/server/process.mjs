/**
 * A server as a process of its own: started in a scratch folder, looked at through /proc, ended by its id.
 *
 * CPU time is user and system time of the process and of all its children, those that have ended included.
 */

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';

const ticksASecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

export class ServerProcess {
  #child;
  #output = '';
  #hasEnded;

  constructor(command, words, { folder, environment = {} }) {
    this.#child = spawn(command, words, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#output = (this.#output + text).slice(-20_000);
      });
    }
    this.#hasEnded = once(this.#child, 'exit').catch(() => undefined);
  }

  get pid() {
    return this.#child.pid;
  }

  get output() {
    return this.#output;
  }

  /** Resolves once `test` holds; it is asked again and again while the process lives. */
  async until(test, seconds = 30) {
    const deadline = performance.now() + seconds * 1000;
    while (!(await test())) {
      if (this.#child.exitCode !== null || this.#child.pid === undefined) {
        throw new Error(`it ended: ${lastLine(this.#output)}`);
      }
      if (performance.now() > deadline) throw new Error('it does not listen');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Seconds of CPU time so far. */
  get cpu() {
    let ticks = 0;
    for (const id of this.#family()) {
      const fields = statOf(id);
      // utime, stime, and both of the children that were waited for.
      ticks += fields[11] + fields[12] + fields[13] + fields[14];
    }
    return ticks / ticksASecond;
  }

  /** Kilobytes of memory in use. */
  get rss() {
    return this.#family().reduce((sum, id) => {
      const status = readFileSync(`/proc/${id}/status`, 'utf8');
      return sum + Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
    }, 0);
  }

  async stop() {
    const family = this.#child.exitCode === null ? this.#family() : [];
    this.#child.kill('SIGTERM');
    await Promise.race([this.#hasEnded, new Promise((resolve) => setTimeout(resolve, 1500))]);
    for (const id of family) {
      try {
        process.kill(id, 'SIGKILL');
      } catch {
        // It is gone already.
      }
    }
    await this.#hasEnded;
  }

  /** The process and those below it. */
  #family(id = this.#child.pid) {
    let children = [];
    try {
      children = readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').trim().split(' ');
    } catch {
      return [];
    }
    return [id, ...children.filter(Boolean).flatMap((child) => this.#family(Number(child)))];
  }
}

/** The numbers after the name of the program, which may have spaces. */
function statOf(id) {
  try {
    const text = readFileSync(`/proc/${id}/stat`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  } catch {
    return new Array(15).fill(0);
  }
}

const lastLine = (text) => text.trim().split('\n').at(-1) ?? '';

/** A port on loopback that nobody has. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether somebody listens there. */
export async function listens(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** What a command prints, '' when it cannot be run. */
export function outputOf(command, words) {
  const { stdout } = spawnSync(command, words, { encoding: 'utf8' });
  return stdout ?? '';
}
