/*
 * Where a stanza to an account of a served domain goes: RFC 6121, section 8.5, with RFC 6120, section 10
 * behind it. Rows are kinds and types of stanza in the order of Row (abi.ts), columns say what `to` meets.
 *
 *     S ignore silently                     D deliver to that resource
 *     A all resources with priority >= 0    M the most available: all that share the highest priority >= 0
 *     V all available ones                  O store
 *     E `service-unavailable`               H the server handles it
 *     P the subscription machine            U answer `unsubscribed`
 *     K E for those whom the account knows, S for strangers (section 8.1)
 *     Q D for those whom the account knows, E for strangers
 *     B as for the bare JID, in the state that the account is in
 *
 * Where the RFC leaves a choice, strangers learn nothing: storing and ignoring look the same from outside,
 * so O for an account goes with S for none. docs/design/040-router.md has the reasons, cell by cell.
 * A stanza of type error or result is never answered: its rows hold no E, K, Q, U.
 */
import { Action, Column, Row } from '../abi';

const S = Action.Ignore;
const D = Action.Deliver;
const A = Action.AllNonNegative;
const M = Action.MostAvailable;
const V = Action.AllAvailable;
const O = Action.Store;
const E = Action.Refuse;
const H = Action.Handle;
const P = Action.Subscription;
const U = Action.Unsubscribed;
const K = Action.RefuseKnown;
const Q = Action.DeliverKnown;
const B = Action.AsBare;

export function buildTable(): void {
  //                                   to a bare JID      |   to a full JID
  //                       no     no     only  one   more | one   another  no
  //                     account resource  <0   >=0   >=0 |match  resource account
  row(Row.Normal, /*        */ S, /* */ O, O, /* */ D, A, /* */ D, /* */ K, S);
  row(Row.Chat, /*          */ S, /* */ O, O, /* */ D, M, /* */ D, /* */ B, S);
  row(Row.Groupchat, /*     */ E, /* */ E, E, /* */ E, E, /* */ D, /* */ E, E);
  row(Row.Headline, /*      */ S, /* */ S, S, /* */ D, A, /* */ D, /* */ K, S);
  row(Row.MessageError, /*  */ S, /* */ S, S, /* */ S, S, /* */ D, /* */ S, S);
  row(Row.Available, /*     */ S, /* */ S, V, /* */ V, V, /* */ D, /* */ S, S);
  row(Row.Unavailable, /*   */ S, /* */ S, V, /* */ V, V, /* */ D, /* */ S, S);
  row(Row.Subscribe, /*     */ S, /* */ P, P, /* */ P, P, /* */ P, /* */ P, S);
  row(Row.Subscribed, /*    */ S, /* */ P, P, /* */ P, P, /* */ P, /* */ S, S);
  row(Row.Unsubscribe, /*   */ S, /* */ P, P, /* */ P, P, /* */ P, /* */ S, S);
  row(Row.Unsubscribed, /*  */ S, /* */ P, P, /* */ P, P, /* */ P, /* */ S, S);
  row(Row.Probe, /*         */ U, /* */ H, H, /* */ H, H, /* */ H, /* */ H, U);
  row(Row.PresenceError, /* */ S, /* */ S, V, /* */ V, V, /* */ D, /* */ S, S);
  row(Row.Get, /*           */ E, /* */ H, H, /* */ H, H, /* */ Q, /* */ E, E);
  row(Row.Set, /*           */ E, /* */ H, H, /* */ H, H, /* */ Q, /* */ E, E);
  row(Row.Result, /*        */ S, /* */ H, H, /* */ H, H, /* */ D, /* */ S, S);
  row(Row.IqError, /*       */ S, /* */ H, H, /* */ H, H, /* */ D, /* */ S, S);
}

/** The cells of a row, four bits a column. */
const ROWS: usize = memory.data((<i32>Row.None) << 2, 16);

function row(
  number: Row,
  noAccount: u32,
  noResource: u32,
  negative: u32,
  one: u32,
  many: u32,
  match: u32,
  miss: u32,
  missNoAccount: u32,
): void {
  let cells = noAccount | (noResource << 4) | (negative << 8) | (one << 12);
  cells |= (many << 16) | (match << 20) | (miss << 24) | (missNoAccount << 28);
  store<u32>(ROWS + ((<usize>number) << 2), cells);
}

/** The cell as it stands in the table; AsBare is for the caller to resolve. */
export function cellOf(number: u32, column: Column): Action {
  return (load<u32>(ROWS + ((<usize>number) << 2)) >> ((<u32>column) << 2)) & 15;
}

/**
 * The cell of a host that prefers errors to silence. Then nothing is stored either: what is stored for an
 * account and refused for none would tell them apart.
 */
export function outspoken(number: u32, column: Column, cell: Action): Action {
  if (cell == Action.RefuseKnown || cell == Action.Store) return Action.Refuse;
  const noAccount =
    (column == Column.NoAccount && number <= <u32>Row.Chat) ||
    (column == Column.MissNoAccount && number <= <u32>Row.Headline);
  return noAccount ? Action.Refuse : cell;
}
