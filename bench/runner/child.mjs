/** One subject's process, seen from the runner: orders go in, answers come back, one line each. */

import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { benchFolder } from './paths.mjs';

const denoWords = ['run', '--allow-all', '--no-lock', '--quiet'];

export class Child {
  #process;
  #answers = [];
  #waiting = [];
  #errors = '';
  #ended = false;

  constructor(command, words) {
    const all = basename(command).startsWith('deno') ? [...denoWords, ...words] : words;
    this.#process = spawn(command, all, { cwd: benchFolder, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr.on('data', (piece) => {
      this.#errors = (this.#errors + piece).slice(-4000);
    });
    this.#process.stdin.on('error', () => {});
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      let answer;
      try {
        answer = JSON.parse(line);
      } catch {
        return; // A library that prints something of its own.
      }
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#answers.push(answer);
      else waiting.resolve(answer);
    });
    this.#process.on('error', (error) => this.#end(error.message));
    this.#process.on('close', (code) =>
      this.#end(code === 0 ? 'ended early' : this.#lastWords(code)),
    );
  }

  /** The next answer. Rejects with the process's last words when it dies. */
  answer() {
    if (this.#answers.length > 0) return Promise.resolve(this.#answers.shift());
    if (this.#ended) return Promise.reject(new Error('ended early'));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  order(text) {
    const answer = this.answer();
    this.#process.stdin.write(`${text}\n`);
    return answer;
  }

  stop() {
    this.#process.stdin.end('quit\n');
    setTimeout(() => this.#process.kill('SIGKILL'), 2000).unref();
  }

  #end(reason) {
    this.#ended = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(reason));
  }

  #lastWords(code) {
    const lines = this.#errors.trim().split('\n');
    return (
      lines.find((line) => /^[\w ]*(Error|libexpat|pugixml)\b.*:/.test(line)) ??
      `ended with code ${code}`
    );
  }
}

/** How many processes may work at once, where nothing is being measured. */
export const parallel = Math.max(1, Math.min(cpus().length, 4));

/** Runs tasks, at most `limit` at a time; results in order. */
export async function pool(limit, tasks) {
  const results = new Array(tasks.length);
  let next = 0;
  const worker = async () => {
    while (next < tasks.length) {
      const index = next++;
      results[index] = await tasks[index]();
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, tasks.length) }, worker));
  return results;
}
