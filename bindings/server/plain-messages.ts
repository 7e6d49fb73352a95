/*
 * The short way of messages: a chunk that holds nothing else goes through the router in the core, from the
 * bytes of the sender's stream to bytes for each recipient, and no object is made for a stanza.
 *
 *     chunk -> only messages? -> seat.feed -> bytes by recipient -> their queues
 *                                          -> verdicts: to be kept first, then to their queues
 *                                                       what only the server can do goes the long way
 *
 * Both ways are decided in the core, and read the same stream of it, so chunks may take turns. Requests and presence go
 * the long way, since they change what the server remembers; so do the messages of a client that blocks somebody. Those
 * of a client that is acknowledged are kept on their way where storage lasts (XEP-0198, mailbox.ts), as bytes.
 */
import { xml } from '../builder.js';
import type { Element } from '../element.js';
import { NS } from '../namespaces.js';
import { parse } from '../parse.js';
import type { Verdict } from '../router.js';
import type { Session } from './sessions.js';

/** Keeps a message for an account until one of so many resources confirms it; 0: it is not one to keep. */
export type KeepPlain = (account: string, bytes: Uint8Array, holderCount: number) => number;

/** What the sender's own stream does with what its chunk has. */
export interface PlainSource {
  /** So many stanzas count as received. */
  received(count: number): void;
  /** An element that is no stanza, such as of stream management. */
  take(element: Element): void;
}

export interface PlainActions {
  /** Where the core keeps the sender's stream. */
  readonly handle: number;
  readonly source: PlainSource;
  /** Takes a stanza the long way. */
  readonly route: (stanza: Element, sender: Session) => void;
  readonly keep: KeepPlain;
}

/** Routes a chunk of the sender's stream. Returns the stream error that it calls for. */
export function feedPlain(
  chunk: Uint8Array,
  sender: Session,
  actions: PlainActions,
): string | undefined {
  const { seat } = sender;
  if (!seat) return undefined;
  if (seat.stream < 0) seat.open({ handle: actions.handle });
  for (const batch of seat.feed(chunk)) {
    actions.source.received(batch.stanzas);
    for (let index = 0; index < batch.count; index++) {
      batch.target(index).connection.deliver(batch.output(index));
    }
    for (const verdict of batch.verdicts) {
      if (verdict.subject !== 'element') carryOut(verdict, sender, actions);
      else actions.source.take(parse(verdict.bytes));
      if (sender.seat !== seat) return undefined;
    }
    if (batch.error) return batch.error.condition;
  }
  return undefined;
}

function carryOut(verdict: Verdict<Session>, sender: Session, { route, keep }: PlainActions): void {
  const { type, kind, bytes, targets } = verdict;
  if (type === 'bounce') sender.connection.deliver(bytes);
  // The chunk before has begun it, and ended within it.
  else if (kind !== 'message') route(clientsOwn(verdict), sender);
  else if (type === 'deliver' && !targets.some(isFiltered)) {
    const tag = sender.seat?.flags.kept === true ? keep(verdict.toBare, bytes, targets.length) : 0;
    for (const { connection } of targets) connection.deliver(bytes, tag);
  } else if (type !== 'drop') route(clientsOwn(verdict), sender);
}

/** Whether what is for an account has to be looked at. */
const isFiltered = ({ seat }: Session): boolean => seat?.flags.filtered === true;

/**
 * The stanza as its client sent it. What is for elsewhere is in the names of servers, and is going to be refused: the
 * content of a message is not needed for that, a request has none in those names.
 */
function clientsOwn({ type, kind, bytes }: Verdict<Session>): Element {
  const stanza = parse(bytes);
  if (type !== 'forward') return stanza;
  const content = kind === 'iq' ? stanza.children : [];
  return xml(stanza.name, { ...stanza.attrs, xmlns: NS.client }, ...content);
}

/**
 * How much of a chunk begins with a message and has nothing in it that could be another kind of first-level element; 0
 * for a chunk that begins otherwise. Elements of a message that look like one make the rest of it go the long way, which is
 * as right: both read the same stream, and a chunk may be cut anywhere.
 */
export function plainLength(chunk: Uint8Array): number {
  if (chunk[0] !== lessThan || chunk[1] !== 0x6d) return 0; // <m
  let at = 0;
  for (;;) {
    at = chunk.indexOf(lessThan, at + 1);
    if (at < 0) return chunk.length;
    if (mayBeginOther(chunk, at) || mayBeginEnable(chunk, at)) return at;
  }
}

/** How much of a chunk goes the long way: to the end of an element of stream management that it begins with, or all of it. */
export function otherLength(chunk: Uint8Array): number {
  const isCount = chunk[0] === lessThan && (chunk[1] === 0x72 || chunk[1] === 0x61); // <r, <a
  if (!isCount || chunk[2] >= 0x41) return chunk.length;
  const end = chunk.indexOf(greaterThan);
  return end < 0 ? chunk.length : end + 1;
}

const lessThan = 0x3c;
const greaterThan = 0x3e;

/** Presence, requests, stream management, the end of a stream, and what is no element. */
function mayBeginOther(chunk: Uint8Array, at: number): boolean {
  const second = chunk[at + 2];
  switch (chunk[at + 1]) {
    case 0x70: // <pr
      return second === 0x72;
    case 0x69: // <iq
      return second === 0x71;
    case 0x65: // <en
      return second === 0x6e;
    case 0x72: // <r and no letter
    case 0x61: // <a and no letter
      return second < 0x41;
    case 0x73: // <st
      return second === 0x74;
    case 0x2f: // </s
      return second === 0x73;
    case 0x3f: // <?
    case 0x21: // <!, but <![ of CDATA
      return second !== 0x5b;
    default:
      return false;
  }
}

/** With a prefix: <x:en. After an <enable/> another seat reads on, so none may stand in a chunk of messages. */
function mayBeginEnable(chunk: Uint8Array, at: number): boolean {
  let end = at + 1;
  while (chunk[end] > 0x2f && chunk[end] !== 0x3a && chunk[end] !== greaterThan) end++;
  return chunk[end] === 0x3a && chunk[end + 1] === 0x65 && chunk[end + 2] === 0x6e;
}
