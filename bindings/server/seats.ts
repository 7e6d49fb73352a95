/*
 * The router in the core, as the server has it: a seat for each session, and the one place that knows where a stanza
 * goes (RFC 6121, section 8.5). The server only carries out what it says.
 *
 *     decide   the decision on a stanza that the server carries itself, the long way (arrivals.ts)
 *     seat     what a chunk of messages is fed to, the short way (plain-messages.ts)
 *
 * Both are answered from one table (assembly/router/table.ts), and from what the server knows of its accounts.
 */
import type { Element } from '../element.js';
import { Engine } from '../engine.js';
import { Router } from '../router.js';
import type { Decision, Query, RouterAccounts } from '../router.js';
import type { Session } from './sessions.js';

export interface SeatsOptions {
  readonly domain: string;
  readonly accounts: RouterAccounts;
  /** One that has no other router; a new one by default. */
  readonly engine?: Engine | undefined;
  /** Whether what comes from and goes to an account has to be looked at. */
  readonly isFiltered: (account: string) => boolean;
}

/** How a session reads and writes. */
export interface SeatOptions {
  /** The header of the session's stream, and where the core keeps that; absent: nothing is read from it. */
  readonly header: Element | undefined;
  readonly isFramed: boolean;
  /** Each stanza is counted for itself (XEP-0198). */
  readonly isManaged: boolean;
  /** Its messages are to last before they are acknowledged. */
  readonly isKept: boolean;
}

export class Seats {
  /** Streams that are to be read by seats live in it. */
  readonly engine: Engine;
  readonly #router: Router<Session>;
  readonly #isFiltered: SeatsOptions['isFiltered'];

  constructor({ domain, accounts, engine = new Engine(), isFiltered }: SeatsOptions) {
    this.engine = engine;
    this.#router = new Router<Session>({ domains: [domain], accounts, engine });
    this.#isFiltered = isFiltered;
  }

  /** Gives a session its seat, or another one where its stream has changed. */
  seat(session: Session, { header, isFramed, isManaged, isKept }: SeatOptions): void {
    session.seat?.unbind();
    session.seat = this.#router.bind(session.jid, session, {
      ...(header && { header }),
      framing: isFramed ? 'websocket' : 'stream',
      flags: {
        filtered: this.#isFiltered(session.account),
        // Presence and requests are the server's: it remembers what they say.
        attended: true,
        units: isManaged,
        kept: isKept,
      },
    });
    if (session.isAvailable) session.seat.available({ priority: session.priority });
  }

  leave(session: Session): void {
    session.seat?.unbind();
    session.seat = undefined;
  }

  /** What `isFiltered` says of the account of these sessions may have changed. */
  refilter(sessions: Iterable<Session>): void {
    for (const { seat, account } of sessions) {
      if (seat) seat.flags = { ...seat.flags, filtered: this.#isFiltered(account) };
    }
  }

  /** What becomes of a stanza with these addresses, and whose it is. */
  decide(query: Query): Decision<Session> {
    return this.#router.decide(query);
  }
}
