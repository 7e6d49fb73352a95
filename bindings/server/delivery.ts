/*
 * Where a stanza to a local account goes (RFC 6121, section 8.5). Rows are kinds and types of stanza,
 * columns say what `to` meets; the first row group is for bare JIDs, `match` and `miss` for full ones.
 *
 *     D deliver to that resource            A all resources with priority >= 0
 *     M the most available ones             V all available ones, negative priority included
 *     E `service-unavailable`               S ignore silently
 *     O store until the account is there    H the server handles it
 *     K E if the account knows the sender, else S
 *     R D if the account knows the sender, else E
 *     B as for the bare JID, in the state that the account is in
 *
 * Storing and ignoring look the same from outside, so what is stored for an account is ignored where there
 * is none, and a stranger learns neither accounts nor resources (section 8.1; RFC 6120, section 10.2). Who
 * sees the account's presence, or was sent presence by that resource, is known and gets errors.
 *
 * This is the one place where the server decides on a stanza that has arrived: `decide` gives a verdict,
 * whatever computes it, and the server carries it out.
 */
import type { MessageType, PresenceType, StanzaKind } from '../protocol/stanza-check.js';
import type { StanzaCondition } from '../protocol/stanza-error.js';

type Outcome = 'D' | 'A' | 'M' | 'V' | 'E' | 'S' | 'O' | 'H';
type Cell = Outcome | 'K' | 'R' | 'B';

type Column =
  | 'no-account'
  | 'no-resource'
  | 'only-negative'
  | 'non-negative'
  | 'match'
  | 'miss'
  | 'miss-no-account';

/** One row: cells in the order of the columns. */
type Row = readonly [Cell, Cell, Cell, Cell, Cell, Cell, Cell];

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
  normal: /*                 */ ['S', 'O', 'O', 'A', 'D', 'K', 'S'],
  chat: /*                   */ ['S', 'O', 'O', 'M', 'D', 'B', 'S'],
  groupchat: /*              */ ['E', 'E', 'E', 'E', 'D', 'E', 'E'],
  headline: /*               */ ['S', 'S', 'S', 'A', 'D', 'K', 'S'],
  error: /*                  */ ['S', 'S', 'S', 'S', 'D', 'S', 'S'],
};

const presences: Record<PresenceType, Row> = {
  available: /*              */ ['S', 'S', 'V', 'V', 'D', 'S', 'S'],
  unavailable: /*            */ ['S', 'S', 'V', 'V', 'D', 'S', 'S'],
  subscribe: /*              */ ['S', 'H', 'H', 'H', 'H', 'H', 'S'],
  subscribed: /*             */ ['S', 'H', 'H', 'H', 'H', 'S', 'S'],
  unsubscribe: /*            */ ['S', 'H', 'H', 'H', 'H', 'S', 'S'],
  unsubscribed: /*           */ ['S', 'H', 'H', 'H', 'H', 'S', 'S'],
  probe: /*                  */ ['H', 'H', 'H', 'H', 'H', 'H', 'H'],
  error: /*                  */ ['S', 'S', 'V', 'V', 'D', 'S', 'S'],
};

const requests: Row = /*     */ ['E', 'H', 'H', 'H', 'R', 'E', 'E'];
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
  /** Whether the account, or that resource of it, knows the sender; asked only where it matters. */
  isKnown(): boolean;
}

/** What is to be done with a stanza. */
export type Verdict<T extends Candidate> =
  | { readonly type: 'deliver'; readonly targets: readonly T[] }
  /** The server acts for the account: requests, probes, subscriptions. */
  | { readonly type: 'handle' }
  /** Nobody is there; it may be kept until somebody is. */
  | { readonly type: 'store' }
  | { readonly type: 'bounce'; readonly condition: StanzaCondition }
  | { readonly type: 'drop' };

/** `type` is one that `checkStanza` let pass, for messages the one of `messageType`. */
export function decide<T extends Candidate>(
  kind: StanzaKind,
  type: string,
  destination: Destination<T>,
): Verdict<T> {
  const { sessions, resource } = destination;
  switch (outcomeOf(rowOf(kind, type), destination)) {
    case 'D':
      return deliver(sessions.filter((session) => session.resource === resource));
    case 'A':
      return deliver(nonNegative(sessions));
    case 'M': {
      const candidates = nonNegative(sessions);
      const highest = Math.max(...candidates.map((session) => session.priority));
      return deliver(candidates.filter((session) => session.priority === highest));
    }
    case 'V':
      return deliver(sessions.filter((session) => session.isAvailable));
    case 'H':
      return { type: 'handle' };
    case 'O':
      return { type: 'store' };
    case 'E':
      return { type: 'bounce', condition: 'service-unavailable' };
    case 'S':
      return { type: 'drop' };
  }
}

const deliver = <T extends Candidate>(targets: readonly T[]): Verdict<T> => ({
  type: 'deliver',
  targets,
});

function outcomeOf<T extends Candidate>(row: Row, destination: Destination<T>): Outcome {
  const cell = row[columns.indexOf(columnOf(destination))] ?? 'S';
  // Once: a bare JID never leads to B.
  if (cell === 'B') return outcomeOf(row, { ...destination, resource: '' });
  if (cell === 'K') return destination.isKnown() ? 'E' : 'S';
  if (cell === 'R') return destination.isKnown() ? 'D' : 'E';
  return cell;
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

function columnOf<T extends Candidate>(destination: Destination<T>): Column {
  const { exists, sessions, resource } = destination;
  if (resource === '') return bareColumn(destination);
  if (!exists) return 'miss-no-account';
  return sessions.some((session) => session.resource === resource) ? 'match' : 'miss';
}

function bareColumn<T extends Candidate>({ exists, sessions }: Destination<T>): Column {
  if (!exists) return 'no-account';
  if (nonNegative(sessions).length > 0) return 'non-negative';
  return sessions.some((session) => session.isAvailable) ? 'only-negative' : 'no-resource';
}

const nonNegative = <T extends Candidate>(sessions: readonly T[]): T[] =>
  sessions.filter((session) => session.isAvailable && session.priority >= 0);
