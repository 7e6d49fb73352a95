/*
 * Builds what is out of date, then becomes another script of the repository:
 *
 *     node scripts/built.mjs bench/run.mjs tokenizer --json
 *
 * The build writes to stderr alone, so stdout and the exit code are the script's.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';

const [script, ...parameters] = process.argv.slice(2);
if (!(await build())) process.exit(1);

// A signal to npm ends npm and its shell but not this process, which would keep its ports.
const parent = process.ppid;
if (process.env.npm_lifecycle_event !== undefined) {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 200);
  watch.unref();
}

const path = resolve(import.meta.dirname, '..', script);
process.argv = [process.argv[0], path, ...parameters];
await import(pathToFileURL(path).href);
