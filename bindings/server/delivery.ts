/*
 * Where a stanza to a local account goes (RFC 6121, section 8.5). Rows are kinds and types of stanza,
 * columns say what `to` meets; the first row group is for bare JIDs, `match` and `miss` for full ones.
 *
 *     D deliver to that resource            A all resources with priority >= 0
 *     M the most available ones             V all available ones, negative priority included
 *     E `service-unavailable`               S ignore silently
 *     H the server handles                  P a subscription        U `unsubscribed`
 *     B as for the bare JID, in the state that the account is in
 *
 * Where the RFC leaves store or error, this is error: there is no offline storage yet. So that an error
 * tells nobody which accounts exist, accounts that do not exist give the same error (section 8.5.1).
 */
import type { MessageType, PresenceType, StanzaKind } from '../protocol/stanza-check.js';

export type Cell = 'D' | 'A' | 'M' | 'V' | 'E' | 'S' | 'H' | 'P' | 'U';

type Column =
  | 'no-account'
  | 'no-resource'
  | 'only-negative'
  | 'non-negative'
  | 'match'
  | 'miss'
  | 'miss-no-account';

/** One row: cells in the order of the columns. */
type Row = readonly [Cell, Cell, Cell, Cell, Cell, Cell | 'B', Cell];

const columns: readonly Column[] = [
  'no-account',
  'no-resource',
  'only-negative',
  'non-negative',
  'match',
  'miss',
  'miss-no-account',
];

//                              none  no   only  >= 0  full   full  full,
//                              such  res. neg.        match  miss  none such
const messages: Record<MessageType, Row> = {
  normal: /*                 */ ['E', 'E', 'E', 'A', 'D', 'E', 'E'],
  chat: /*                   */ ['E', 'E', 'E', 'M', 'D', 'B', 'E'],
  groupchat: /*              */ ['E', 'E', 'E', 'E', 'D', 'E', 'E'],
  headline: /*               */ ['S', 'S', 'S', 'A', 'D', 'E', 'E'],
  error: /*                  */ ['S', 'S', 'S', 'S', 'D', 'S', 'S'],
};

const presences: Record<PresenceType, Row> = {
  available: /*              */ ['S', 'S', 'V', 'V', 'D', 'S', 'S'],
  unavailable: /*            */ ['S', 'S', 'V', 'V', 'D', 'S', 'S'],
  subscribe: /*              */ ['S', 'P', 'P', 'P', 'P', 'P', 'S'],
  subscribed: /*             */ ['S', 'P', 'P', 'P', 'P', 'S', 'S'],
  unsubscribe: /*            */ ['S', 'P', 'P', 'P', 'P', 'S', 'S'],
  unsubscribed: /*           */ ['S', 'P', 'P', 'P', 'P', 'S', 'S'],
  probe: /*                  */ ['U', 'H', 'H', 'H', 'H', 'H', 'U'],
  error: /*                  */ ['S', 'S', 'V', 'V', 'D', 'S', 'S'],
};

const requests: Row = /*     */ ['E', 'H', 'H', 'H', 'D', 'E', 'E'];
const responses: Row = /*    */ ['S', 'H', 'H', 'H', 'D', 'S', 'S'];

/** What the table asks of a session. */
export interface Candidate {
  readonly resource: string;
  readonly priority: number;
  readonly isAvailable: boolean;
}

/** What `to` meets at a local account. */
export interface Destination<T extends Candidate> {
  readonly exists: boolean;
  readonly sessions: readonly T[];
  /** '' for a bare JID. */
  readonly resource: string;
}

export interface Delivery<T extends Candidate> {
  readonly cell: Cell;
  readonly targets: readonly T[];
}

/** `type` is one that `checkStanza` let pass, for messages the one of `messageType`. */
export function decide<T extends Candidate>(
  kind: StanzaKind,
  type: string,
  destination: Destination<T>,
): Delivery<T> {
  const row = rowOf(kind, type);
  const { sessions, resource } = destination;
  const column = columnOf(destination);
  let cell = row[columns.indexOf(column)] ?? 'S';
  if (cell === 'B') cell = bareCell(row, destination);
  switch (cell) {
    case 'D':
      return { cell, targets: sessions.filter((session) => session.resource === resource) };
    case 'A':
      return { cell, targets: nonNegative(sessions) };
    case 'M': {
      const candidates = nonNegative(sessions);
      const highest = Math.max(...candidates.map((session) => session.priority));
      return { cell, targets: candidates.filter((session) => session.priority === highest) };
    }
    case 'V':
      return { cell, targets: sessions.filter((session) => session.isAvailable) };
    case 'E':
    case 'S':
    case 'H':
    case 'P':
    case 'U':
      return { cell, targets: [] };
  }
}

function rowOf(kind: StanzaKind, type: string): Row {
  switch (kind) {
    case 'message':
      return messages[type as MessageType];
    case 'presence':
      return presences[type as PresenceType];
    case 'iq':
      return type === 'get' || type === 'set' ? requests : responses;
  }
}

function columnOf(destination: Destination<Candidate>): Column {
  const { exists, sessions, resource } = destination;
  if (resource === '') return bareColumn(destination);
  if (!exists) return 'miss-no-account';
  return sessions.some((session) => session.resource === resource) ? 'match' : 'miss';
}

function bareColumn({ exists, sessions }: Destination<Candidate>): Column {
  if (!exists) return 'no-account';
  if (nonNegative(sessions).length > 0) return 'non-negative';
  return sessions.some((session) => session.isAvailable) ? 'only-negative' : 'no-resource';
}

function bareCell(row: Row, destination: Destination<Candidate>): Cell {
  const cell = row[columns.indexOf(bareColumn(destination))] ?? 'S';
  return cell === 'B' ? 'S' : cell;
}

const nonNegative = <T extends Candidate>(sessions: readonly T[]): T[] =>
  sessions.filter((session) => session.isAvailable && session.priority >= 0);
