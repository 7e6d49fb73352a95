/**
 * What it costs to have the engine: bytes of the module, and the time to the first stanza in a fresh process.
 *
 * `cold-start` is wall time: it is what a function at the edge waits for. It begins after the JavaScript is loaded and
 * ends when the first stanza has been delivered, so it holds decoding the embedded module, compiling, instantiating,
 * and the first parse.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants, brotliCompressSync } from 'node:zlib';
import { benchFolder } from '../runner/paths.mjs';
import { median, rounded } from '../runner/statistics.mjs';
import { entryUrl } from '../subjects/package.mjs';

const wasmPath = entryUrl('./tercet.wasm');
const tokenizerPath = entryUrl('./tercet-parser.wasm');
const processes = 31;

const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  }).length;

const cases = {
  'wasm-bytes': {
    metric: 'the full module',
    unit: 'B',
    file: wasmPath,
    measure: (bytes) => [bytes.length],
  },
  'wasm-brotli': {
    metric: 'the full module, brotli 11',
    unit: 'B',
    file: wasmPath,
    measure: (bytes) => [brotli(bytes)],
  },
  'wasm-tokenizer-bytes': {
    metric: 'the module of the parser alone',
    unit: 'B',
    file: tokenizerPath,
    measure: (bytes) => [bytes.length],
  },
  'cold-start': {
    metric: 'wall time to the first stanza',
    unit: 'ms',
    file: wasmPath,
    measure: (_, context) => coldStarts(context),
  },
};

export const suite = {
  name: 'startup',
  subjects: ['tercet'],
  cases: Object.keys(cases),

  async run(context) {
    const rows = [];
    const skipped = [];
    for (const key of context.available(['tercet']).length === 0 ? [] : context.cases) {
      const { metric, unit, file, measure } = cases[key];
      context.say(key);
      if (!existsSync(file)) {
        skipped.push({
          case: key,
          reason: `${file.pathname.split('/').slice(-2).join('/')} is not built`,
        });
        continue;
      }
      const figures = measure(readFileSync(file), context);
      rows.push({
        case: key,
        subject: 'tercet',
        metric,
        value: rounded(median(figures)),
        unit,
        better: 'lower',
        ratio: 1,
        min: rounded(Math.min(...figures)),
        max: rounded(Math.max(...figures)),
        rounds: figures.length,
      });
    }
    return { rows, skipped };
  },
};

function coldStarts(context) {
  const until = context.deadline(context.cases.indexOf('cold-start'));
  const figures = [];
  while (figures.length < processes && (figures.length < 7 || performance.now() < until)) {
    figures.push(
      Number(
        execFileSync(context.node, ['subjects/cold-start.mjs'], {
          cwd: benchFolder,
          encoding: 'utf8',
        }),
      ),
    );
  }
  return figures;
}
