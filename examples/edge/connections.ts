/*
 * What a gate does with the stanzas of its streams: each goes to the object of the account that it is for, by the
 * router's next hop.
 *
 *     message, iq    gate ─────────────────────► object of `to`
 *     presence       gate ──► own object ──────► objects of those who see it
 *     iq to the domain, and what is for elsewhere: answered here
 *
 * Presence takes the way by the own object because what it means is known there: the roster, and who was sent
 * presence directly. It waits for what was sent before, and holds back what comes after it (RFC 6120, section 10.1);
 * messages and requests wait for those to the same account alone.
 */
import { xml } from 'tercet';
import type { Element } from 'tercet';
import { Jid } from 'tercet/jid';
import type {
  AuthAnswer,
  AuthQuestion,
  BindAnswer,
  EndReason,
  StreamCondition,
} from 'tercet/protocol';
import { Dispatcher, Router } from 'tercet/router';
import type { NextHop, Outcome, Seat, Verdict } from 'tercet/router';
import type { EdgeStream, ResourceWish, StreamHost } from 'tercet/workers';
import { accountObject, bareOf, isAccount } from './env.js';
import type { Env } from './env.js';
import { hostReply } from './host.js';

export interface Streams {
  send(stream: string, stanza: Uint8Array): void;
  end(stream: string, condition: StreamCondition): void;
}

interface Session {
  readonly stream: EdgeStream;
  readonly seat: Seat<string>;
  /** What is on its way. */
  readonly pending: Set<Promise<unknown>>;
  /** The last stanza, and how many wait. */
  tail: Promise<unknown>;
  waitingCount: number;
}

/** Stanzas of one stream that may wait for what holds them back. */
const maxWaiting = 1000;

/** One for all gates of this isolate: it prepares stanzas and decides on what is for the domain. */
let shared: Router<string> | undefined;

const routerOf = ({ DOMAIN }: Env): Router<string> =>
  (shared ??= new Router<string>({
    domains: [DOMAIN],
    accounts: { exists: () => false, knows: () => false },
  }));

export class Connections implements StreamHost {
  readonly #env: Env;
  readonly #gate: string;
  readonly #streams: Streams;
  readonly #router: Router<string>;
  readonly #dispatcher: Dispatcher<string>;
  readonly #sessions = new Map<string, Session>();

  constructor(env: Env, gate: string, streams: Streams) {
    this.#env = env;
    this.#gate = gate;
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

  // For the streams.

  authenticate(question: AuthQuestion): Promise<AuthAnswer> {
    const { DOMAIN } = this.#env;
    let account = '@';
    try {
      account = Jid.from({ local: question.username, domain: DOMAIN }).toString();
    } catch {
      // No name: an object that nobody has the keys of refuses it, after the same work.
    }
    return accountObject(this.#env, account).answer(question);
  }

  bind({ local, domain, resource }: ResourceWish, stream: EdgeStream): Promise<BindAnswer> {
    const account = `${local}@${domain}`;
    const place = { gate: this.#gate, stream: stream.id };
    return accountObject(this.#env, account).bind(account, resource, place);
  }

  stanza(stanza: Element, stream: EdgeStream): void {
    const session = this.#sessions.get(stream.id) ?? this.#open(stream);
    session.waitingCount += 1;
    if (session.waitingCount > maxWaiting) {
      return this.#streams.end(stream.id, 'resource-constraint');
    }
    session.tail = session.tail
      .then(() => this.#process(stanza, session))
      .catch(() => this.#streams.end(stream.id, 'internal-server-error'))
      .finally(() => (session.waitingCount -= 1));
  }

  async handled(stream: EdgeStream): Promise<void> {
    const session = this.#sessions.get(stream.id);
    await session?.tail;
    if (session) await Promise.allSettled(session.pending);
  }

  ended(stream: EdgeStream, _reason: EndReason, unacked: readonly Uint8Array[]): void {
    const session = this.#sessions.get(stream.id);
    this.#sessions.delete(stream.id);
    const leave = async (): Promise<void> => {
      if (session) await Promise.allSettled(session.pending);
      session?.seat.unbind();
      const tell = (): Promise<void> =>
        accountObject(this.#env, bareOf(stream.jid)).left(
          stream.jid,
          stream.id,
          unacked.map((bytes) => bytes.slice()),
        );
      // Once more, so that what was not acknowledged is not lost.
      await tell().catch(tell);
    };
    // What the client sent before it went is carried out first.
    void (session?.tail ?? Promise.resolve()).then(leave).catch(() => undefined);
  }

  #open(stream: EdgeStream): Session {
    // Of a life of the gate that ended while this stream was asleep.
    this.#router.find(stream.jid)?.unbind();
    const language = stream.lang === '' ? undefined : stream.lang;
    const header = xml('open', {
      xmlns: 'urn:ietf:params:xml:ns:xmpp-framing',
      'xml:lang': language,
    });
    const session: Session = {
      stream,
      seat: this.#router.bind(stream.jid, stream.id, { framing: 'websocket', header }),
      pending: new Set(),
      tail: Promise.resolve(),
      waitingCount: 0,
    };
    this.#sessions.set(stream.id, session);
    return session;
  }

  async #process(stanza: Element, session: Session): Promise<void> {
    const { stream, seat, pending } = session;
    const own = bareOf(stream.jid);
    if (stanza.name === 'presence') {
      await Promise.allSettled(pending);
      return this.#presence(stanza, session);
    }
    // No `to` is the own account (RFC 6120, section 10.3).
    const to = stanza.attr('to') ?? own;
    const isRequest = stanza.name === 'iq' && stanza.attr('type') === 'set' && to === own;
    if (isRequest) await Promise.allSettled(pending);
    const sent = this.#dispatcher.send(stanza.withAttrs({ to }), seat);
    if (isRequest) return sent;
    pending.add(sent);
    void sent.finally(() => pending.delete(sent));
  }

  async #presence(stanza: Element, { stream, seat }: Session): Promise<void> {
    const ready = this.#router.prepare(stanza, seat);
    if (ready.type !== 'handle' && ready.type !== 'forward') {
      this.#act(ready, seat);
      return;
    }
    const isBroadcast = ready.type === 'handle';
    if (!isBroadcast && !isAccount(ready.to, this.#env)) return;
    await accountObject(this.#env, bareOf(stream.jid)).presence({
      jid: stream.jid,
      stream: stream.id,
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
          this.#router.refuse(clientBytes(verdict), from, 'remote-server-not-found', 'cancel'),
          from,
        );
        break;
      case 'store':
        // The account's object could not be reached, and nobody else may keep its messages.
        this.#act(
          this.#router.refuse(clientBytes(verdict), from, 'recipient-unavailable', 'wait'),
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

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A stanza that was made ready for servers, as its client sent it. */
const clientBytes = ({ bytes }: Verdict<string>): Uint8Array =>
  encoder.encode(
    decoder.decode(bytes).replace(/ xmlns=(["'])jabber:server\1/, " xmlns='jabber:client'"),
  );
