/*
 * The short way of messages: a chunk that holds nothing else goes through the router in the core, from the
 * bytes of the sender's stream to bytes for each recipient, and no object is made for a stanza.
 *
 *     chunk -> only messages? -> seat.feed -> bytes by recipient -> their queues
 *                                          -> verdicts: what only the server can do goes the long way
 *
 * Both ways are decided in the core, and read the same stream of it, so chunks may take turns. Requests and presence go
 * the long way, since they change what the server remembers; so do the messages of a client that blocks somebody, and
 * of one that is acknowledged where storage lasts (they are kept first).
 */
import { xml } from '../builder.js';
import type { Element } from '../element.js';
import { NS } from '../namespaces.js';
import { parse } from '../parse.js';
import type { Verdict } from '../router.js';
import type { Session } from './sessions.js';

/** Takes a stanza the long way. */
export type LongWay = (stanza: Element, sender: Session) => void;

export interface PlainOutcome {
  readonly stanzaCount: number;
  /** The stream error that the chunk calls for. */
  readonly condition?: string;
}

/** Routes a chunk of the sender's stream, which the core keeps at `handle`. */
export function feedPlain(
  chunk: Uint8Array,
  sender: Session,
  handle: number,
  route: LongWay,
): PlainOutcome {
  const { seat } = sender;
  let stanzaCount = 0;
  if (!seat) return { stanzaCount };
  if (seat.stream < 0) seat.open({ handle });
  for (const batch of seat.feed(chunk)) {
    stanzaCount += batch.stanzas;
    for (let index = 0; index < batch.count; index++) {
      batch.target(index).connection.deliver(batch.output(index));
    }
    for (const verdict of batch.verdicts) {
      // A message of another namespace, such as a server's, is no stanza (RFC 6120, section 4.9.3.24).
      if (verdict.subject === 'element') return { stanzaCount, condition: notNegotiated };
      carryOut(verdict, sender, route);
    }
    if (batch.error) return { stanzaCount, condition: batch.error.condition };
  }
  return { stanzaCount };
}

function carryOut({ type, bytes }: Verdict<Session>, sender: Session, route: LongWay): void {
  if (type === 'drop') return;
  if (type === 'bounce') sender.connection.deliver(bytes);
  else route(type === 'forward' ? shellOf(parse(bytes)) : parse(bytes), sender);
}

const notNegotiated = 'unsupported-stanza-type';

/** A message for elsewhere is in the names of servers, and is going to be refused: its content is not needed. */
const shellOf = ({ name, attrs }: Element): Element => xml(name, { ...attrs, xmlns: NS.client });

/**
 * Whether a chunk begins with a message, and has nothing in it that could be another kind of first-level
 * element. Elements of a message that look like one make it go the long way, which is as right.
 */
export function isPlain(chunk: Uint8Array): boolean {
  if (chunk[0] !== lessThan || chunk[1] !== 0x6d) return false; // <m
  let at = 0;
  for (;;) {
    at = chunk.indexOf(lessThan, at + 1);
    if (at < 0) return true;
    if (mayBeginOther(chunk, at)) return false;
  }
}

const lessThan = 0x3c;

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
