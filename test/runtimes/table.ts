/*
 * The table in docs/RUNTIMES.md: a row a check, a column a runtime, `yes`, `n/a` with the number of a reason
 * below the table, or `fail`.
 */
import type { Outcome } from './check.js';

export interface Column {
  readonly name: string;
  readonly outcomes: readonly Outcome[];
}

/** What a column says, a row a line of the table. */
export interface Cells {
  readonly name: string;
  readonly rows: Record<string, string>;
}

const [start, end] = ['<!-- table: start -->', '<!-- table: end -->'];

/** Checks that are of TCP. */
const sockets =
  /STARTTLS|TLS$|^a socket|^so many|^all ports|^a client may|^a program may|^large|^two hundred|^IPv6/;

/** Why checks are not run at all on some runtimes. */
const reasons: readonly (readonly [runtime: RegExp, check: RegExp, reason: string])[] = [
  [/^Chromium/, sockets, 'browsers have no sockets of TCP'],
  [/^Chromium/, /^serve/, 'browsers accept no connections'],
  [
    /^Chromium/,
    /SQLite/,
    'browsers have no SQLite; `createServer` runs there with storage in memory',
  ],
  [/^Chromium/, /require/, 'browsers have no modules of CommonJS'],
  [/^workerd/, sockets, 'the platform ends TLS before the worker; sockets that come in speak HTTP'],
  [/^workerd/, /SQLite/, 'a Durable Object has its own: [examples/edge](../examples/edge)'],
  [/^workerd/, /require/, 'workers are modules of ECMAScript'],
];

export function tableOf(columns: readonly Column[]): Cells[] {
  const checks = [...new Set(columns.flatMap(({ outcomes }) => outcomes.map(({ name }) => name)))];
  return columns.map(({ name, outcomes }) => ({
    name,
    rows: Object.fromEntries(checks.map((check) => [check, cellOf(name, check, outcomes)])),
  }));
}

function cellOf(runtime: string, check: string, outcomes: readonly Outcome[]): string {
  const outcome = outcomes.find(({ name }) => name === check);
  if (outcome?.state === 'n/a') return `n/a: ${outcome.value}`;
  if (outcome !== undefined) return outcome.state;
  const known = reasons.find(([where, what]) => where.test(runtime) && what.test(check));
  return known === undefined ? 'fail' : `n/a: ${known[2]}`;
}

export function withTable(text: string, columns: readonly Cells[]): string {
  const notes: string[] = [];
  const short = (cell: string): string => {
    if (!cell.startsWith('n/a: ')) return cell;
    const reason = cell.slice('n/a: '.length);
    if (!notes.includes(reason)) notes.push(reason);
    return `n/a (${notes.indexOf(reason) + 1})`;
  };
  const [first] = columns;
  const lines = Object.keys(first.rows).map((check) => [
    check,
    ...columns.map(({ rows }) => short(rows[check])),
  ]);
  const head = ['what', ...columns.map(({ name }) => name)];
  const widths = head.map((_, index) =>
    Math.max(...[head, ...lines].map((line) => line[index].length)),
  );
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index])).join(' | ')} |`;
  const table = [head, widths.map((width) => '-'.repeat(width)), ...lines].map(row);
  const list = notes.map((reason, index) => `${index + 1}. ${reason}`);
  const [before, after] = [text.split(start)[0], text.split(end)[1]];
  return `${before}${start}\n\n${table.join('\n')}\n\n${list.join('\n')}\n\n${end}${after}`;
}

export function readTable(text: string): Cells[] {
  const inside = text.split(start)[1].split(end)[0];
  const notes = [...inside.matchAll(/^\d+\. (.*)$/gm)].map(([, reason]) => reason);
  const [head, , ...lines] = inside
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const long = (cell: string): string =>
    cell.replace(/^n\/a \((\d+)\)$/, (_, number: string) => `n/a: ${notes[Number(number) - 1]}`);
  return head.slice(1).map((name, index) => ({
    name,
    rows: Object.fromEntries(lines.map((line) => [line[0], long(line[index + 1])])),
  }));
}
