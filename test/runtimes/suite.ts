/*
 * What every runtime must do the same: a list of named checks, without a test runner, without `node:`
 * and without globals beyond those of the web platform.
 *
 * A check returns a text, which must be the same in all runtimes to the byte (long ones as a hash), or
 * throws. What a runtime cannot have at all throws `NotHere` with the reason. The result is plain JSON,
 * so that it can come out of a page, a worker or a process.
 */
import { addresses } from './checks/addresses.js';
import { errorTexts } from './checks/error-texts.js';
import { machines } from './checks/machines.js';
import { routing } from './checks/routing.js';
import { starts } from './checks/starts.js';
import { webStreams } from './checks/web-streams.js';
import { xmlCases } from './checks/xml-cases.js';
import { NotHere, type Check, type Outcome } from './check.js';

const checks: readonly Check[] = [
  ...starts,
  ...xmlCases,
  ...addresses,
  ...routing,
  ...errorTexts,
  ...webStreams,
  ...machines,
];

/** The outcome of each check, of the suite and of `others`, in order. */
export async function runSuite(others: readonly Check[] = []): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const check of [...checks, ...others]) outcomes.push(await outcomeOf(check));
  return outcomes;
}

async function outcomeOf({ name, run }: Check): Promise<Outcome> {
  try {
    return { name, state: 'yes', value: await run() };
  } catch (error) {
    if (error instanceof NotHere) return { name, state: 'n/a', value: error.message };
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { name, state: 'fail', value: message };
  }
}
