/*
 * What a gate does with a stanza of one of its streams: it goes to the object of the account that it is for, by the
 * router's next hop.
 *
 *     message, iq    gate ─────────────────────► object of `to`
 *     presence       gate ──► own object ──────► objects of those who see it
 *     iq to the domain, and what is for elsewhere: answered here
 *
 * Presence takes the way by the own object because what it means is known there: the roster, and who was sent
 * presence directly.
 */
import type { Element } from 'tercet';
import type { StreamCondition } from 'tercet/protocol';
import { Dispatcher, Router } from 'tercet/router';
import type { NextHop, Outcome, Seat, Verdict } from 'tercet/router';
import { accountObject, bareOf, isAccount } from './env.js';
import type { Env } from './env.js';
import { hostReply } from './host.js';
import { toClient } from './stanzas.js';

export interface Streams {
  send(stream: string, stanza: Uint8Array): void;
  end(stream: string, condition: StreamCondition): void;
}

/** One for all gates of this isolate: it prepares stanzas and decides on what is for the domain. */
let shared: Router<string> | undefined;

export const routerOf = ({ DOMAIN }: Env): Router<string> =>
  (shared ??= new Router<string>({
    domains: [DOMAIN],
    accounts: { exists: () => false, knows: () => false },
  }));

export class Outgoing {
  readonly #env: Env;
  readonly #streams: Streams;
  readonly #router: Router<string>;
  readonly #dispatcher: Dispatcher<string>;

  constructor(env: Env, gate: string, streams: Streams) {
    this.#env = env;
    this.#streams = streams;
    this.#router = routerOf(env);
    const nextHop: NextHop = {
      locate: (to) =>
        isAccount(to, env) ? { kind: 'owner', node: bareOf(to), epoch: 0 } : { kind: 'local' },
      forward: (_hop, envelope) => {
        const bytes = envelope.bytes.slice();
        return accountObject(env, envelope.account).receive({ ...envelope, bytes });
      },
      // Gates own no account.
      subscribe: () => undefined,
    };
    this.#dispatcher = new Dispatcher<string>({
      router: this.#router,
      nextHop,
      node: gate,
      // A later life of the gate has a later time.
      epoch: Date.now(),
      act: (verdict, from) => this.#act(verdict, from),
    });
  }

  /** A message or a request; resolves once it has been decided on. Those to one account keep their order. */
  async send(stanza: Element, seat: Seat<string>): Promise<void> {
    await this.#dispatcher.send(stanza, seat);
  }

  /** Presence of a bound stream; resolves once everybody concerned has accepted it. */
  async presence(stanza: Element, seat: Seat<string>, jid: string): Promise<void> {
    const ready = this.#router.prepare(stanza, seat);
    if (ready.type !== 'handle' && ready.type !== 'forward') {
      this.#act(ready, seat);
      return;
    }
    const isBroadcast = ready.type === 'handle';
    if (!isBroadcast && !isAccount(ready.to, this.#env)) return;
    await accountObject(this.#env, bareOf(jid)).presence({
      jid,
      stream: seat.target,
      to: isBroadcast ? undefined : ready.to,
      type: ready.stanzaType,
      priority: ready.priority,
      bytes: ready.bytes.slice(),
    });
  }

  /** Carries out what is decided at this end: answers to the sender. */
  #act(verdict: Verdict<string>, from: Seat<string>): Outcome {
    switch (verdict.type) {
      case 'bounce':
      case 'deliver':
        for (const stream of verdict.targets) this.#streams.send(stream, verdict.bytes);
        break;
      case 'handle': {
        const reply = verdict.subject === 'host' ? hostReply(verdict.bytes) : undefined;
        if (reply) this.#streams.send(from.target, reply);
        break;
      }
      case 'forward':
        // Other domains: there is no federation here.
        this.#act(
          this.#router.refuse(toClient(verdict.bytes), from, 'remote-server-not-found', 'cancel'),
          from,
        );
        break;
      case 'store':
        // The account's object could not be reached, and nobody else may keep its messages.
        this.#act(
          this.#router.refuse(toClient(verdict.bytes), from, 'recipient-unavailable', 'wait'),
          from,
        );
        break;
      case 'close':
        this.#streams.end(
          from.target,
          (verdict.condition ?? 'undefined-condition') as StreamCondition,
        );
        break;
      case 'drop':
      case 'wait':
    }
    return 'delivered';
  }
}
