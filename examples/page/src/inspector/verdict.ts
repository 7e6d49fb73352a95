/*
 * The router's verdict on one stanza, with the sessions of a text field.
 */
import { Jid, Router, XmlError, parse, type Seat } from 'tercet';
import { placeOfByte, type Place } from './place.ts';

export interface Question {
  readonly stanza: string;
  readonly sender: string;
  /** One a line: a full JID and its priority, or `unavailable`. */
  readonly sessions: string;
  readonly exists: boolean;
  readonly knows: boolean;
}

export interface Answer {
  readonly type: string;
  /** The condition of an error, or which part of the host is asked; '' for none. */
  readonly detail: string;
  readonly rule: string;
  readonly targets: readonly string[];
  readonly bytes: string;
}

/** What the account of the stanza's addressee is asked. */
let answers = { exists: true, knows: true };

/** The router of the last question: each has an engine to itself. */
let last: { readonly domain: string; readonly router: Router<string> } | undefined;

function routerOf(domain: string): Router<string> {
  if (last?.domain !== domain) {
    const accounts = { exists: () => answers.exists, knows: () => answers.knows };
    last = { domain, router: new Router<string>({ domains: [domain], accounts }) };
  }
  return last.router;
}

/** Why there is no verdict; `place` is in the stanza. */
export interface Refusal {
  readonly fault: string;
  readonly place: Place | undefined;
}

export function verdictOn(question: Question): Answer | Refusal {
  try {
    return decide(question);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    const isXml = error instanceof XmlError;
    return { fault, place: isXml ? placeOfByte(question.stanza, error.offset) : undefined };
  }
}

function decide({ stanza, sender, sessions, exists, knows }: Question): Answer {
  const from = named('From', () => Jid.parse(sender));
  answers = { exists, knows };
  const router = routerOf(from.domain);
  const seats: Seat<string>[] = [];
  const sitDown = (address: string, state: string): Seat<string> => {
    const seat = router.bind(address, address);
    seats.push(seat);
    if (state !== 'unavailable') seat.available({ priority: Number(state) });
    return seat;
  };
  try {
    const seat = sitDown(String(from), '0');
    for (const [index, line] of sessions.split('\n').entries()) {
      const [address = '', state = '0'] = line.trim().split(/\s+(?=\S+$)/);
      if (address === '') continue;
      named(`Signed in, line ${index + 1}`, () => {
        if (String(Jid.parse(address)) !== String(from)) sitDown(address, state);
      });
    }
    const verdict = router.route(parse(stanza).toBytes(), seat);
    return {
      type: verdict.type,
      detail: verdict.condition ?? verdict.subject ?? '',
      rule: verdict.rule,
      targets: verdict.targets,
      bytes: new TextDecoder().decode(verdict.bytes),
    };
  } finally {
    for (const seat of seats) seat.unbind();
  }
}

/** What goes wrong says in which field. */
function named<T>(field: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Error(`${field}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
