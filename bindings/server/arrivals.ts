/*
 * The recipient's side of a stanza: blocked or not, then what the router in the core decides for the account that it is
 * for (seats.ts), carried out here. Stanzas of clients, of the server itself and of modules enter alike (`pass`).
 *
 * What one stanza causes is done before the next one is looked at, and stanzas that it causes arrive in the
 * order in which they were sent, each when the one before it is done with.
 */
import type { Element } from '../element.js';
import type { Jid } from '../jid.js';
import { messageType, presenceType } from '../protocol/stanza-check.js';
import type { StanzaKind } from '../protocol/stanza-check.js';
import { bareOf } from './addresses.js';
import { isWorthKeeping } from './mailbox.js';
import type { Arrival, ModuleHost } from './module.js';
import type { Seats } from './seats.js';
import type { Session } from './sessions.js';

/** A stanza on its way to an account here. */
export interface Passing {
  readonly kind: StanzaKind;
  readonly stanza: Element;
  readonly to: Jid;
  readonly sender: Session | undefined;
}

export class Arrivals {
  readonly #server: ModuleHost;
  readonly #seats: Seats;
  #passing: Passing[] = [];
  #isPassing = false;

  constructor(server: ModuleHost, seats: Seats) {
    this.#server = server;
    this.#seats = seats;
  }

  /** What leaves with it arrives after it. */
  leave(passing: Omit<Passing, 'to'>, act: () => void): void {
    this.#isPassing = true;
    this.#guard(passing, act);
    this.#isPassing = false;
    this.arrive();
  }

  push(passing: Passing): void {
    this.#passing.push(passing);
  }

  /** Lets arrive what was pushed, unless that is under way. */
  arrive(): void {
    if (this.#isPassing) return;
    this.#isPassing = true;
    for (;;) {
      const next = this.#passing.shift();
      if (!next) break;
      this.#guard(next, () => this.#arrive(next));
    }
    this.#isPassing = false;
  }

  #arrive({ kind, stanza, to, sender }: Passing): void {
    const server = this.#server;
    const account = to.bare.toString();
    const from = stanza.attr('from') ?? server.domain;
    const exists = server.hasAccount(to);
    if (exists && server.isBlocked(account, from)) {
      // As if nobody were there (XEP-0191, section 5).
      if (kind !== 'presence') server.refuse(stanza, 'service-unavailable', sender);
      return;
    }
    const { resource } = to;
    const address = to.toString();
    const isKnown = (): boolean => exists && knows(server, account, from, address);
    const type = typeOf(stanza, kind);
    const verdict = this.#seats.decide({ kind, type, from, to: address, exists });
    switch (verdict.type) {
      case 'deliver':
        for (const module of server.modules) {
          module.delivered?.(stanza, from, verdict.targets, server);
        }
        return server.sendKept(
          stanza,
          this.#promise(stanza, account, verdict.targets.length, sender),
          ...verdict.targets,
        );
      case 'bounce':
        return server.refuse(stanza, 'service-unavailable', sender);
      case 'handle':
      case 'store': {
        const arrival: Arrival = {
          verdict: verdict.type,
          ...{ kind, stanza, from, account, resource, exists, sender, isKnown },
          server,
        };
        if (server.modules.some((module) => module.arrival?.(arrival) === true)) return;
        if (kind !== 'presence' && isKnown()) server.refuse(stanza, 'service-unavailable', sender);
        return;
      }
      case 'drop':
      // An account here is nobody else's, and what the server knows of it is known at once.
      case 'forward':
      case 'wait':
      case 'close':
    }
  }

  /** Keeps a message whose sender will be told that it is safe; 0 for any other. */
  #promise(stanza: Element, account: string, holderCount: number, sender?: Session): number {
    const { storage, mailbox } = this.#server;
    if (stanza.name !== 'message' || !storage.isLasting) return 0;
    if (!sender?.connection.isManaged || holderCount === 0 || !isWorthKeeping(stanza)) return 0;
    return mailbox.keepOnItsWay(account, stanza, holderCount);
  }

  /** A module's fault costs its stanza, not the stream and not the server. */
  #guard({ kind, stanza, sender }: Omit<Passing, 'to'>, act: () => void): void {
    try {
      act();
    } catch (error) {
      const server = this.#server;
      server.log('error', 'a module failed', { jid: sender?.jid, kind, error: String(error) });
      server.refuse(stanza, 'internal-server-error', sender);
    }
  }
}

/** Whether the sender may know that this account, or that resource of it, is there (section 8.1). */
export function knows(server: ModuleHost, account: string, from: string, to: string): boolean {
  const { rosters, domain, sessions } = server;
  const sender = bareOf(from);
  if (from === domain || rosters.isSubscriber(account, sender)) return true;
  const hasGreeted = ({ directed, jid }: Session): boolean =>
    (to === account || to === jid) && (directed.has(from) || directed.has(sender));
  return [...sessions.of(account)].some(hasGreeted);
}

function typeOf(stanza: Element, kind: StanzaKind): string {
  switch (kind) {
    case 'message':
      return messageType(stanza);
    case 'presence':
      return presenceType(stanza);
    case 'iq':
      return stanza.attr('type') ?? '';
  }
}
