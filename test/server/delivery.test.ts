/*
 * The delivery table against the whole of RFC 6121, section 8.5, with the choices that it leaves. The
 * machine-readable table lies beside the repository; where it is absent the test says so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decide } from '../../dist/bindings/server/delivery.js';
import type { Candidate, Verdict } from '../../dist/bindings/server/delivery.js';
import type { StanzaKind } from 'tercet/protocol';

interface Row {
  readonly kind: StanzaKind;
  readonly type: string;
  readonly to: string;
  readonly state: string;
  /** What is done with a stranger's stanza, and with one of somebody known where that differs. */
  readonly default: string;
  readonly known?: string;
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

function verdictOf(row: Row, isKnown: boolean): Verdict<Candidate> {
  const resource = row.to === 'bare' ? '' : row.to === 'full-match' ? 'a' : 'gone';
  return decide(row.kind, row.type === 'none' ? 'available' : row.type, {
    exists: row.state !== 'no-account',
    sessions: states[row.state] ?? [],
    resource,
    isKnown: () => isKnown,
  });
}

/** What a cell means for the resources of a state. */
function expected(cell: string, row: Row): Verdict<Candidate> {
  const sessions = states[row.state] ?? [];
  const deliver = (...resources: string[]): Verdict<Candidate> => ({
    type: 'deliver',
    targets: sessions.filter(({ resource }) => resources.includes(resource)),
  });
  switch (cell) {
    case 'D':
      return deliver('a');
    case 'A':
      return deliver('a', 'b', 'c');
    case 'M':
      return deliver('b', 'c');
    case 'V':
      return deliver('a', 'b', 'c', 'd');
    case 'O':
      return { type: 'store' };
    case 'E':
      return { type: 'bounce', condition: 'service-unavailable' };
    case 'S':
      return { type: 'drop' };
    default:
      return { type: 'handle' };
  }
}

test.skipIf(!isThere)(
  `each cell is the one chosen, for strangers and for others${isThere ? '' : ' (skipped: no routing-table.json)'}`,
  () => {
    for (const row of rows) {
      const place = `${row.kind} ${row.type} to ${row.to}, ${row.state}`;
      expect(verdictOf(row, false), place).toEqual(expected(row.default, row));
      expect(verdictOf(row, true), place).toEqual(expected(row.known ?? row.default, row));
    }
    expect(rows.length).toBeGreaterThan(200);
  },
);
