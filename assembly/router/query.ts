/*
 * The decision on a stanza that is not here: its kind, type and addresses, and what becomes of it. For a host that
 * carries stanzas itself, such as those that it makes; it gets the same table (table.ts), and no bytes.
 *
 * The sender need not be a seat: it is known to its own account, and by what the host says, not by directed presence.
 * The gates before the table are the host's, all but a malformed `to`.
 */
import { Action } from '../abi';
import { prepareUtf8, Prepared } from '../jid/prepare';
import { copy } from '../memory';
import { putVerdict } from './outcome';
import { Decision, decideTo, refuse, startDecision } from './decision';
import { findAccount } from './directory';
import { Head, fillHead } from './head';
import { Node } from './nodes';
import { Reader } from './reader';
import { startRound, tellVerdicts } from './round';
import { collect } from './settle';

const HEAD: usize = memory.data(96, 16);
/** A sender like any other, of whom there is nothing but the address. */
const SENDER: usize = memory.data(64, 16);

/**
 * Decides on a stanza of `row` for the address of `toLength` bytes at `p`; that of its sender stands behind it. Returns 1,
 * for one verdict without bytes, or 0 where the sender has no address.
 */
export function runQuery(p: usize, row: u32, toLength: u32, fromLength: u32, facts: u32): i32 {
  const sender = changetype<Node>(SENDER);
  startRound(sender, facts);
  if (!setSender(sender, p + toLength, fromLength)) return 0;
  const head = changetype<Head>(HEAD);
  fillHead(head, row, p, toLength);
  startDecision();
  if (head.condition) refuse(head, head.condition);
  else decideTo(head);
  const action = Decision.action;
  const isDelivered = action >= Action.Deliver && action <= Action.AllAvailable;
  putVerdict(head, 0, 0, isDelivered ? collect(action) : 0);
  return tellVerdicts();
}

function setSender(sender: Node, p: usize, length: u32): bool {
  const result = prepareUtf8(p, length, 0);
  if (result < 0) return false;
  const slash = (<u32>result) >> 14;
  const bare = slash ? slash : Prepared.length;
  copy(Reader.text, Prepared.address, Prepared.length);
  Reader.from = Reader.text;
  Reader.fromLength = Prepared.length;
  Reader.fromBare = bare;
  Reader.text += Prepared.length;
  sender.account = <u32>changetype<usize>(findAccount(Reader.from, bare));
  return true;
}
