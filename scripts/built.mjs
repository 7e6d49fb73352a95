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
const path = resolve(import.meta.dirname, '..', script);
process.argv = [process.argv[0], path, ...parameters];
await import(pathToFileURL(path).href);
