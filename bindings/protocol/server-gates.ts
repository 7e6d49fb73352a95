/*
 * What a client may send when, and what comes of it: the server's side of a client's stream as one table
 * (RFC 6120, sections 4 to 7 and 10; XEP-0198, section 3).
 *
 * header        the client's stream header is expected: first, after TLS, after SASL
 * negotiating   features are out; STARTTLS or SASL may come
 * challenged    a SASL challenge is out
 * unbound       authenticated, features are out; a bind request or a resumption may come
 * bound         stanzas pass
 *
 * While the host is asked nothing is read (`hold`), and once our side is closing only the client's closing
 * tag matters: stream-machine.ts has both, so neither is a row.
 */
import type { Element } from '../element.js';
import { NS } from '../namespaces.js';
import { stanzaKind } from './stanza-check.js';

export type ServerPhase = 'header' | 'negotiating' | 'challenged' | 'unbound' | 'bound';

export type ServerInput =
  | 'header'
  | 'starttls'
  | 'auth'
  | 'response'
  | 'abort'
  | 'stanza'
  /** Of stream management: <enable/>, <resume/>, <r/>, <a/>. */
  | 'enable'
  | 'resume'
  | 'request'
  | 'ack'
  | 'error'
  | 'other'
  | 'close';

export type ServerAction =
  /** Reply to a header and offer features. */
  | 'greet'
  /** Start TLS, unless there is none here. */
  | 'secure'
  /** Start a SASL attempt, go on with it, give it up. */
  | 'authenticate'
  | 'respond'
  | 'abort'
  /** Let the host make an account, where it does that (XEP-0077); else the stanza is unauthorized. */
  | 'register'
  /** Bind, or say that nothing else is possible before. */
  | 'bind'
  | 'pass'
  /** Stream management: begin, go on with an earlier session, answer, take note. */
  | 'enable'
  | 'resume'
  | 'answer'
  | 'note'
  /** Stream management out of order is answered with <failed/>, and the stream goes on. */
  | 'misplaced'
  /** End the stream: the stanza comes before its time (RFC 6120, section 4.9.3.12) ... */
  | 'unauthorized'
  /** ... the element is none that was negotiated (section 4.9.3.24) ... */
  | 'unsupported'
  /** ... there is no stream yet. */
  | 'early'
  | 'finish';

/** All inputs alike, but for those named. */
function row(
  others: ServerAction,
  named: Partial<Record<ServerInput, ServerAction>>,
): Record<ServerInput, ServerAction> {
  return {
    header: others,
    starttls: others,
    auth: others,
    response: others,
    abort: others,
    stanza: others,
    enable: others,
    resume: others,
    request: others,
    ack: others,
    error: others,
    other: others,
    close: others,
    ...named,
  };
}

const ends = { error: 'finish', close: 'finish' } as const;

/** Rows are phases; what a row does not name gets its first word. */
export const serverGates: Record<ServerPhase, Record<ServerInput, ServerAction>> = {
  header: row('early', { header: 'greet' }),
  negotiating: row('unsupported', {
    starttls: 'secure',
    auth: 'authenticate',
    response: 'respond',
    abort: 'abort',
    enable: 'misplaced',
    resume: 'misplaced',
    stanza: 'register',
    ...ends,
  }),
  challenged: row('unsupported', {
    // A second <auth/> ends the attempt that is under way as a failure of its own.
    auth: 'abort',
    response: 'respond',
    abort: 'abort',
    stanza: 'unauthorized',
    ...ends,
  }),
  unbound: row('unsupported', {
    stanza: 'bind',
    enable: 'misplaced',
    resume: 'resume',
    ...ends,
  }),
  bound: row('unsupported', {
    stanza: 'pass',
    enable: 'enable',
    resume: 'misplaced',
    request: 'answer',
    ack: 'note',
    ...ends,
  }),
};

/** Columns of elements that are no stanzas, by namespace and name. */
const inputs: ReadonlyMap<string, ServerInput> = new Map<string, ServerInput>([
  [`${NS.tls} starttls`, 'starttls'],
  [`${NS.sasl} auth`, 'auth'],
  [`${NS.sasl} response`, 'response'],
  [`${NS.sasl} abort`, 'abort'],
  [`${NS.sasl2} authenticate`, 'auth'],
  [`${NS.sasl2} response`, 'response'],
  [`${NS.sasl2} abort`, 'abort'],
  [`${NS.streamManagement} enable`, 'enable'],
  [`${NS.streamManagement} resume`, 'resume'],
  [`${NS.streamManagement} r`, 'request'],
  [`${NS.streamManagement} a`, 'ack'],
  [`${NS.streams} error`, 'error'],
]);

/** Which column a first-level element belongs to. */
export function serverInput(element: Element): ServerInput {
  if (stanzaKind(element, NS.client)) return 'stanza';
  return inputs.get(`${element.ns} ${element.name}`) ?? 'other';
}
