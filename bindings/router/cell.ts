/*
 * The table of RFC 6121, section 8.5, for a host that decides on a stanza beside the router: it asks for the cell, and
 * there is one table (assembly/router/table.ts).
 */
import { Column } from '../../assembly/abi.js';
import { rowOf, type StanzaKind } from './verdict.js';

/** What `to` meets. A bare JID: how many available resources have a priority of 0 or more; a full one: whether it is bound. */
export type TableColumn =
  | 'no-account'
  | 'no-resource'
  | 'only-negative'
  | 'one'
  | 'several'
  | 'match'
  | 'miss'
  | 'miss-no-account';

/**
 * What becomes of the stanza:
 *
 *     ignore         nothing, silently            store           for when somebody is there
 *     deliver        to the one that is meant     refuse          `service-unavailable`
 *     non-negative   to all of priority >= 0      handle          the server does, for the account
 *     highest        to all that share the        subscription    the subscription machine
 *                    highest priority >= 0        unsubscribed    answered so
 *     available      to all available ones        as-bare         as for the bare JID, in its state
 *
 *     refuse-known   refused for those whom the account knows, ignored for others
 *     deliver-known  delivered for those whom the account knows, refused for others
 */
export type TableCell = (typeof cells)[number];

/** In the order of Action (abi.ts). */
const cells = [
  'ignore',
  'deliver',
  'non-negative',
  'highest',
  'available',
  'store',
  'refuse',
  'handle',
  'subscription',
  'unsubscribed',
  'refuse-known',
  'deliver-known',
  'as-bare',
] as const;

const columns: Readonly<Record<TableColumn, number>> = {
  'no-account': Column.NoAccount,
  'no-resource': Column.NoResource,
  'only-negative': Column.OnlyNegative,
  one: Column.OneNonNegative,
  several: Column.ManyNonNegative,
  match: Column.Match,
  miss: Column.Miss,
  'miss-no-account': Column.MissNoAccount,
};

/** The arguments of the core's call; undefined for a type that there is not. */
export function placeOf(
  kind: StanzaKind,
  type: string,
  column: TableColumn,
): readonly [number, number] | undefined {
  const row = rowOf(kind, type);
  return row < 0 ? undefined : [row, columns[column]];
}

/** The name of what the core's call returns, an Action of the table. */
export const cellNamed = (action: number): TableCell => cells[action] ?? 'ignore';
