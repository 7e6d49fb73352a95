/*
 * What a server may send when, and what comes of it: the client's side of its stream as one table
 * (RFC 6120, sections 4 to 7; XEP-0198; XEP-0388).
 *
 * opening          our header is out, the server's is expected: first, after TLS, after SASL
 * offered          the server's header is there, its features are expected
 * securing         <starttls/> is out
 * authenticating   <auth/> or <authenticate/> is out, perhaps with more inside
 * resuming         <resume/> is out
 * binding          the request for a resource is out, or the session of RFC 3921
 * enabling         bound; <enable/> is out
 * bound            stanzas pass
 *
 * A server that says something out of order is not understood, and nothing good can come of guessing: the
 * stream ends. While TLS starts or the host is asked, and once our side is closing, no row counts.
 */
import type { Element } from '../element.js';
import { NS } from '../namespaces.js';
import { stanzaKind } from './stanza-check.js';

export type ClientPhase =
  | 'opening'
  | 'offered'
  | 'securing'
  | 'authenticating'
  | 'resuming'
  | 'binding'
  | 'enabling'
  | 'bound';

export type ClientInput =
  | 'header'
  | 'features'
  | 'proceed'
  | 'tlsFailure'
  | 'challenge'
  | 'success'
  | 'saslFailure'
  /** Of stream management: <resumed/>, <enabled/>, <failed/>, <r/>, <a/>. */
  | 'resumed'
  | 'enabled'
  | 'failed'
  | 'request'
  | 'ack'
  | 'stanza'
  | 'error'
  | 'other'
  | 'close';

export type ClientAction =
  /** Look at the header; choose the next step of what is offered; take note of what is left to do. */
  | 'meet'
  | 'choose'
  | 'learn'
  /** Start TLS; do without a server that cannot. */
  | 'secure'
  | 'insecure'
  /** Answer a challenge, believe or doubt a success, try another mechanism or give up. */
  | 'respond'
  | 'enter'
  | 'retry'
  /** Go on with the earlier session; bind instead. */
  | 'goOn'
  | 'startOver'
  /** Stream management holds; goes without. */
  | 'manage'
  | 'goWithout'
  /** The answer to a request of ours, else a stanza. */
  | 'bind'
  | 'pass'
  | 'answer'
  | 'note'
  /** End the stream: a stanza before its time; an element that was not asked for; no stream yet. */
  | 'unauthorized'
  | 'unsupported'
  | 'early'
  | 'finish';

/** All inputs alike, but for those named. */
function row(
  others: ClientAction,
  named: Partial<Record<ClientInput, ClientAction>>,
): Record<ClientInput, ClientAction> {
  return {
    header: others,
    features: others,
    proceed: others,
    tlsFailure: others,
    challenge: others,
    success: others,
    saslFailure: others,
    resumed: others,
    enabled: others,
    failed: others,
    request: others,
    ack: others,
    stanza: others,
    error: others,
    other: others,
    close: others,
    ...named,
  };
}

const ends = { error: 'finish', close: 'finish' } as const;
const early = { ...ends, stanza: 'unauthorized' } as const;

/** Rows are phases; what a row does not name gets its first word. */
export const clientGates: Record<ClientPhase, Record<ClientInput, ClientAction>> = {
  opening: row('early', { header: 'meet', close: 'finish' }),
  offered: row('unsupported', { features: 'choose', ...early }),
  securing: row('unsupported', { proceed: 'secure', tlsFailure: 'insecure', ...early }),
  authenticating: row('unsupported', {
    challenge: 'respond',
    success: 'enter',
    saslFailure: 'retry',
    ...early,
  }),
  resuming: row('unsupported', { resumed: 'goOn', failed: 'startOver', ...early }),
  binding: row('unsupported', { stanza: 'bind', ...ends }),
  enabling: row('unsupported', {
    enabled: 'manage',
    failed: 'goWithout',
    stanza: 'pass',
    ...ends,
  }),
  bound: row('unsupported', {
    // With SASL2 they come after the session has begun.
    features: 'learn',
    request: 'answer',
    ack: 'note',
    stanza: 'pass',
    ...ends,
  }),
};

/** Columns of elements that are no stanzas, by namespace and name. */
const inputs: ReadonlyMap<string, ClientInput> = new Map<string, ClientInput>([
  [`${NS.streams} features`, 'features'],
  [`${NS.streams} error`, 'error'],
  [`${NS.tls} proceed`, 'proceed'],
  [`${NS.tls} failure`, 'tlsFailure'],
  [`${NS.sasl} challenge`, 'challenge'],
  [`${NS.sasl} success`, 'success'],
  [`${NS.sasl} failure`, 'saslFailure'],
  [`${NS.sasl2} challenge`, 'challenge'],
  [`${NS.sasl2} success`, 'success'],
  [`${NS.sasl2} failure`, 'saslFailure'],
  [`${NS.streamManagement} resumed`, 'resumed'],
  [`${NS.streamManagement} enabled`, 'enabled'],
  [`${NS.streamManagement} failed`, 'failed'],
  [`${NS.streamManagement} r`, 'request'],
  [`${NS.streamManagement} a`, 'ack'],
]);

/** Which column a first-level element belongs to. */
export function clientInput(element: Element): ClientInput {
  if (stanzaKind(element, NS.client)) return 'stanza';
  return inputs.get(`${element.ns} ${element.name}`) ?? 'other';
}
