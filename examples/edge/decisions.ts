/*
 * Decisions on stanzas that have arrived at an account's object (RFC 6121, section 8.5), by the router behind its
 * next hop: `locate` says that this account is here and no other, and what comes from elsewhere is routed as
 * another server's.
 *
 * One router serves all account objects of an isolate: an engine's memory is some 3 MiB, a seat 128 bytes. The seats
 * of an account are a copy of its resources, made when it is first needed and again when the object has begun
 * another life; those of accounts that were not used for long are given up.
 */
import { Dispatcher, Router } from 'tercet/router';
import type { Envelope, NextHop, Outcome, Seat, Verdict } from 'tercet/router';
import { bareOf } from './env.js';
import type { Resource } from './resources.js';

/** The object of an account, as far as decisions need it. */
export interface Owner {
  readonly account: string;
  /** Another one in each life of the object: seats remember it, and not the object, which may be put away. */
  readonly life: object;
  readonly resources: Iterable<Resource>;
  exists(): boolean;
  /** Whether `from` is known to the account, or to the resource that `to` names (RFC 6121, section 8.1). */
  knows(from: string, to: string): boolean;
  /** Carries out what was decided on a stanza. */
  act(verdict: Verdict<Resource>, envelope: Envelope): Outcome;
}

interface Seated {
  readonly life: object;
  readonly seats: Map<string, Seat<Resource>>;
}

/** Accounts with seats, in one isolate. */
const maxSeated = 10_000;

export class Decisions {
  readonly #router: Router<Resource>;
  readonly #seated = new Map<string, Seated>();
  #current: { readonly owner: Owner; readonly envelope: Envelope } | undefined;
  #handler: (envelope: Envelope) => Outcome = () => 'moved';

  constructor(domain: string) {
    this.#router = new Router<Resource>({
      domains: [domain],
      accounts: {
        exists: () => this.#current?.owner.exists() ?? false,
        knows: (_bare, from) =>
          this.#current?.owner.knows(from, this.#current.envelope.to) ?? false,
      },
    });
    const nextHop: NextHop = {
      locate: (to) =>
        bareOf(to) === this.#current?.owner.account ? { kind: 'local' } : { kind: 'none' },
      forward: () => Promise.resolve('unreachable'),
      subscribe: (handler) => void (this.#handler = handler),
    };
    // It only receives: what the objects themselves have to say they post.
    new Dispatcher<Resource>({
      router: this.#router,
      nextHop,
      node: 'accounts',
      epoch: 0,
      act: (verdict) => this.#current?.owner.act(verdict, this.#current.envelope) ?? 'moved',
    });
  }

  /** Decides on a stanza for this account, and has it carried out. */
  receive(owner: Owner, envelope: Envelope): Outcome {
    this.#seats(owner);
    const outer = this.#current;
    this.#current = { owner, envelope };
    try {
      return this.#handler(envelope);
    } finally {
      this.#current = outer;
    }
  }

  /** A resource has come, or its presence has changed. */
  update(owner: Owner, resource: Resource): void {
    this.#seat(this.#seats(owner), resource);
  }

  remove(owner: Owner, resource: Resource): void {
    const seats = this.#seats(owner);
    seats.get(resource.jid)?.unbind();
    seats.delete(resource.jid);
  }

  #seats(owner: Owner): Map<string, Seat<Resource>> {
    const { account, life } = owner;
    let seated = this.#seated.get(account);
    this.#seated.delete(account);
    if (seated?.life !== life) {
      unbind(seated);
      seated = { life, seats: new Map() };
      for (const resource of owner.resources) this.#seat(seated.seats, resource);
    }
    // The last one is the one that was used last.
    this.#seated.set(account, seated);
    for (const [oldest, other] of this.#seated) {
      if (this.#seated.size <= maxSeated) break;
      unbind(other);
      this.#seated.delete(oldest);
    }
    return seated.seats;
  }

  #seat(seats: Map<string, Seat<Resource>>, resource: Resource): void {
    const { jid, presence, priority } = resource;
    let seat = seats.get(jid);
    if (seat?.target !== resource) {
      seat?.unbind();
      seat = this.#router.bind(jid, resource, { framing: 'websocket' });
      seats.set(jid, seat);
    }
    if (presence === undefined) seat.unavailable();
    else seat.available({ priority });
  }
}

function unbind(seated: Seated | undefined): void {
  for (const seat of seated?.seats.values() ?? []) seat.unbind();
}

let shared: Decisions | undefined;

/** Those of this isolate, which serves one domain. */
export const decisionsOf = (domain: string): Decisions => (shared ??= new Decisions(domain));
