/*
 * Every Markdown case of test/cases, on the reference tokenizer and on the core (release and debug
 * build): whole, in pieces of every size from one byte on, and at random cuts. The logs must be the one
 * of the case each time: events do not depend on how a stream was cut.
 *
 * Then each input again under the other framings and with comments skipped, where no log was written
 * down: there the core must agree with the reference.
 */

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Case, readCases } from '../cases/case-file.js';
import { pieces, randomCut } from '../fuzz/random.js';
import { type Cut, runReference, type Script, whole } from '../reference/run.js';
import type { Framing } from '../reference/settings.js';
import { Core, runCore } from './core-driver.js';

type Run = (script: Script, cut?: Cut) => string;

const cases = readCases();
const framings: readonly Framing[] = ['stream', 'websocket', 'element', 'document'];

const subjects: [name: string, run: Run][] = [['the reference', runReference]];
for (const build of ['release', 'debug']) {
  const path = new URL(`../../build/${build}.wasm`, import.meta.url);
  if (!existsSync(path)) continue;
  // Each case has limits of its own, and an instance holds a thousand profiles of them.
  const cores = new Map<string, Core>();
  const run: Run = (script, cut) => {
    const key = script.settings.framing;
    const core = cores.get(key) ?? Core.load(path);
    cores.set(key, core);
    return runCore(core, script, cut);
  };
  subjects.push([`the ${build} core`, run]);
}

const longest = (script: Script): number =>
  Math.max(...script.inputs.map((input) => input.bytes.length));

test('the cases have names of their own', () => {
  const names = cases.map((one) => `${one.file}: ${one.name}`);
  expect(new Set(names).size).toBe(names.length);
});

test('both builds of the core are there', () => {
  expect(subjects.map(([name]) => name)).toEqual([
    'the reference',
    'the release core',
    'the debug core',
  ]);
});

describe.each(subjects)('%s', (_, run) => {
  test.each(cases)('$file: $name', (one) => {
    expect(run(one)).toBe(one.log);
    for (let size = 1; size < longest(one); size++) {
      expect(run(one, pieces(size)), `in pieces of ${size}`).toBe(one.log);
    }
    for (let seed = 1; seed <= 5; seed++) {
      expect(run(one, randomCut(seed)), `cut by the seed ${seed}`).toBe(one.log);
    }
  });
});

/** The case's input under other settings, for which no log was written down. */
function variants(one: Case): Script[] {
  return framings.flatMap((framing) =>
    [false, true].map((skipMisc) => ({
      ...one,
      end: true,
      settings: { ...one.settings, framing, skipMisc },
    })),
  );
}

describe.each(subjects.slice(1))('%s agrees with the reference on every input', (_, run) => {
  test.each(cases)('$file: $name', (one) => {
    for (const script of variants(one)) {
      const log = runReference(script);
      const { framing, skipMisc } = script.settings;
      const where = `${framing}${skipMisc ? ' with skipMisc' : ''}`;
      expect(run(script, whole), where).toBe(log);
      expect(run(script, pieces(1)), `${where}, in pieces of 1`).toBe(log);
    }
  });
});
