/*
 * The suite on every runtime that is there: what a runtime can do it does as the pinned Node does, to the
 * byte. docs/RUNTIMES.md has the table of it.
 *
 *     npm run generate -- runtimes     writes the table
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { root } from './bundle.js';
import type { Outcome } from './check.js';
import { runtimes } from './runtimes.js';
import { readTable, tableOf, withTable, type Column } from './table.js';

const [pinned, ...others] = runtimes;
const columns: Column[] = [];

const passed = (outcomes: readonly Outcome[]): readonly Outcome[] =>
  outcomes.filter(({ state }) => state === 'yes');

/** What the runtime could do and the machine cannot. */
const isOfMachine = (value: string): boolean => /^(n\/a: )?this machine /.test(value);

const valuesOf = (outcomes: readonly Outcome[]): object =>
  Object.fromEntries(outcomes.map(({ name, value }) => [name, value]));

let expected: readonly Outcome[] = [];
beforeAll(async () => {
  expected = await pinned.run();
  columns.push({ name: pinned.name, outcomes: expected });
}, 120_000);

test(`${pinned.name} passes every check`, () => {
  expect(expected.length).toBeGreaterThan(20);
  const others = expected.filter(({ state }) => state !== 'yes');
  expect(others.filter(({ value }) => !isOfMachine(value))).toEqual([]);
});

describe.each(others)('$name', (runtime) => {
  const { absence, name } = runtime;
  const skipped = absence === undefined ? '' : ` (skipped: ${absence})`;
  test.skipIf(absence !== undefined)(
    `says the same as the pinned Node${skipped}`,
    async () => {
      const outcomes = await runtime.run();
      columns.push({ name, outcomes });
      expect(outcomes.filter(({ state }) => state === 'fail')).toEqual([]);
      const names = passed(outcomes).map((each) => each.name);
      const wanted = expected.filter((each) => names.includes(each.name));
      expect(valuesOf(passed(outcomes))).toEqual(valuesOf(wanted));
    },
    180_000,
  );
});

test('docs/RUNTIMES.md has the table of what came out', () => {
  const path = join(root, 'docs/RUNTIMES.md');
  const text = readFileSync(path, 'utf8');
  if (process.env.TERCET_WRITE_RUNTIMES === '1') {
    // A table without a column would say that nobody knows.
    expect(columns.map(({ name }) => name)).toEqual(runtimes.map(({ name }) => name));
    writeFileSync(path, withTable(text, tableOf(columns)));
    return;
  }
  const table = readTable(text);
  for (const { name, rows } of tableOf(columns)) {
    const written = table.find((column) => column.name === name);
    for (const [check, cell] of Object.entries(rows)) {
      if (written !== undefined && isOfMachine(cell)) rows[check] = written.rows[check];
    }
    // Another machine may have another Node.
    if (written !== undefined || !name.startsWith('Node'))
      expect(written?.rows, name).toEqual(rows);
  }
});
