/** What was asked for: suites and options. Wrong words end with the reason and the usage. */

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { suiteNames } from '../suites/names.mjs';

const usage = `usage: npm run bench -- SUITE [SUITE ...] [options]

suites   ${suiteNames.join(' ')}

--runtimes     a column for each runtime that is there: the pinned Node, the system's Node, Bun, Deno, workerd,
               Chromium. For trees, frames and route, and what they do without being told when several suites are
               named or when --save is given. The pinned Node takes its usual time and each other runtime half of it:
               about 3 minutes a suite. --no-runtimes: the pinned Node alone.
--seconds N    time a suite takes on the pinned Node, without set-up (46; server 200)
--cases a,b    some cases of one suite
--node PATH    run the subjects on this Node, Bun or Deno, and on no other
--json         one JSON object on stdout: a suite's result, or { "suites": [...] } when several are named
--save         write bench/results/SUITE.json
--help         this`;

const options = {
  json: { type: 'boolean', default: false },
  seconds: { type: 'string' },
  cases: { type: 'string' },
  node: { type: 'string' },
  save: { type: 'boolean', default: false },
  runtimes: { type: 'boolean' },
  'no-runtimes': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

/** `{ names, values }`, or `{ code }` where there is nothing to run. */
export function commandLine() {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options });
    if (values.help) {
      console.log(usage);
      return { code: 0 };
    }
    if (values.seconds !== undefined && !(Number(values.seconds) > 0))
      throw new Error('--seconds takes a number above 0');
    if (values.node !== undefined && !existsSync(values.node)) {
      throw new Error(`there is no ${values.node}`);
    }
    const unknown = positionals.filter((name) => !suiteNames.includes(name));
    if (unknown.length > 0) throw new Error(`no suite ${unknown.join(', ')}`);
    if (positionals.length === 0) throw new Error('name a suite');
    if (positionals.length > 1 && values.cases !== undefined)
      throw new Error('--cases goes with one suite');
    const names = [...new Set(positionals)];
    const columns = values.runtimes ?? (names.length > 1 || values.save);
    const runtimes = columns && values.node === undefined && !values['no-runtimes'];
    return { names, values: { ...values, runtimes } };
  } catch (error) {
    console.error(`bench: ${error.message}`);
    console.error(usage);
    return { code: 2 };
  }
}
