/*
 * The delivery table against the whole of RFC 6121, section 8.5: every cell must be one that the RFC
 * allows. The machine-readable table lies beside the repository; where it is absent the test says so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decide } from '../../dist/bindings/server/delivery.js';
import type { Candidate } from '../../dist/bindings/server/delivery.js';
import type { StanzaKind } from 'tercet/protocol';

interface Row {
  readonly kind: StanzaKind;
  readonly type: string;
  readonly to: string;
  readonly state: string;
  readonly rfc: string;
}

const path = join(import.meta.dirname, '../../../shared/data/routing-table.json');
const isThere = existsSync(path);
const rows: readonly Row[] = isThere
  ? (JSON.parse(readFileSync(path, 'utf8')) as { rows: Row[] }).rows
  : [];

const session = (resource: string, priority?: number): Candidate => ({
  resource,
  priority: priority ?? 0,
  isAvailable: priority !== undefined,
});

const states: Record<string, readonly Candidate[]> = {
  'no-account': [],
  'no-resource': [],
  'connected-only': [session('a')],
  'only-negative': [session('a', -1)],
  'one-nonneg': [session('a', 0)],
  'many-nonneg': [session('a', 0), session('b', 5), session('c', 5), session('d', -1)],
};

test.skipIf(!isThere)(
  `each cell is one that RFC 6121 allows${isThere ? '' : ' (skipped: no routing-table.json)'}`,
  () => {
    const wrong: string[] = [];
    for (const row of rows) {
      const sessions = states[row.state];
      const resource = row.to === 'bare' ? '' : row.to === 'full-match' ? 'a' : 'gone';
      const type = row.type === 'none' ? 'available' : row.type;
      const { cell, targets } = decide(row.kind, type, {
        exists: row.state !== 'no-account',
        sessions,
        resource,
      });
      const allowed = row.rfc.split('/').map((each) => each.replace('*', ''));
      // To one resource, all ways are one.
      const isAllowed = allowed.includes(cell) || (targets.length === 1 && allowed.includes('D'));
      if (!isAllowed) {
        wrong.push(`${row.kind} ${row.type} to ${row.to}, ${row.state}: ${cell}, not ${row.rfc}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(rows.length).toBeGreaterThan(200);
  },
);

test('the most available resources are all that share the highest priority', () => {
  const { targets } = decide('message', 'chat', {
    exists: true,
    sessions: states['many-nonneg'],
    resource: '',
  });
  expect(targets.map(({ resource }) => resource)).toEqual(['b', 'c']);
});
