/*
 * What the streams of a gate ask and tell: who a client is and which resource it gets, asked of its account's object; the
 * order of what it sends; and that it has gone.
 *
 * Presence, and what changes the own account, waits for what was sent before, and holds back what comes after it
 * (RFC 6120, section 10.1); messages and requests wait for those to the same account alone (outgoing.ts).
 */
import { xml } from 'tercet';
import type { Element } from 'tercet';
import { Jid } from 'tercet/jid';
import type { AuthAnswer, AuthQuestion, BindAnswer, EndReason } from 'tercet/protocol';
import type { Router, Seat } from 'tercet/router';
import type { EdgeStream, ResourceWish, ResumeWish, StreamHost } from 'tercet/workers';
import { accountObject, bareOf } from './env.js';
import type { AccountCalls, Env } from './env.js';
import { Outgoing, routerOf } from './outgoing.js';
import type { Streams } from './outgoing.js';

interface Session {
  readonly stream: EdgeStream;
  readonly seat: Seat<string>;
  /** When all that is on its way has arrived, or failed. */
  underway: Promise<unknown>;
  /** The last stanza, and how many wait. */
  tail: Promise<unknown>;
  waitingCount: number;
  /** A stanza was not carried out: neither it nor what follows is acknowledged. */
  isBroken: boolean;
}

/** Stanzas of one stream that may wait for what holds them back. */
const maxWaiting = 1000;

export class Connections implements StreamHost {
  readonly #env: Env;
  readonly #gate: string;
  readonly #streams: Streams;
  readonly #router: Router<string>;
  readonly #outgoing: Outgoing;
  readonly #sessions = new Map<string, Session>();

  constructor(env: Env, gate: string, streams: Streams) {
    this.#env = env;
    this.#gate = gate;
    this.#streams = streams;
    this.#router = routerOf(env);
    this.#outgoing = new Outgoing(env, gate, streams);
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

  resume({ local, domain, name }: ResumeWish, stream: EdgeStream): Promise<boolean> {
    const account = `${local}@${domain}`;
    const place = { gate: this.#gate, stream: stream.id };
    return accountObject(this.#env, account).resume(account, name, place);
  }

  stanza(stanza: Element, stream: EdgeStream): void {
    const session = this.#sessions.get(stream.id) ?? this.#open(stream);
    if (session.waitingCount >= maxWaiting) {
      session.isBroken = true;
      return this.#streams.end(stream.id, 'resource-constraint');
    }
    session.waitingCount += 1;
    session.tail = session.tail
      .then(() => this.#process(stanza, session))
      .catch(() => {
        session.isBroken = true;
        this.#streams.end(stream.id, 'internal-server-error');
      })
      .finally(() => (session.waitingCount -= 1));
  }

  /** Rejects where something was not carried out. */
  async handled(stream: EdgeStream): Promise<void> {
    const session = this.#sessions.get(stream.id);
    if (!session) return;
    await (session.isBroken ? Promise.reject(new Error('not carried out')) : session.tail);
    await session.underway;
  }

  async ended(
    stream: EdgeStream,
    _reason: EndReason,
    unacked: readonly Uint8Array[],
  ): Promise<void> {
    const session = this.#sessions.get(stream.id);
    // What the client sent before it went is carried out first.
    await session?.tail;
    await session?.underway;
    this.forget(stream.id);
    const own: AccountCalls = accountObject(this.#env, bareOf(stream.jid));
    const rest = unacked.map((bytes) => bytes.slice());
    const tell = (): Promise<void> => own.left(stream.jid, stream.id, rest);
    // Once more, so that what was not acknowledged is not lost.
    await tell().catch(tell);
  }

  /** A stream goes on elsewhere. */
  forget(stream: string): void {
    this.#sessions.get(stream)?.seat.unbind();
    this.#sessions.delete(stream);
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
      underway: Promise.resolve(),
      tail: Promise.resolve(),
      waitingCount: 0,
      isBroken: false,
    };
    this.#sessions.set(stream.id, session);
    return session;
  }

  async #process(stanza: Element, session: Session): Promise<void> {
    const { stream, seat } = session;
    const own = bareOf(stream.jid);
    if (stanza.name === 'presence') {
      await session.underway;
      return this.#outgoing.presence(stanza, seat, stream.jid);
    }
    // No `to` is the own account (RFC 6120, section 10.3).
    const to = stanza.attr('to') ?? own;
    const isRequest = stanza.name === 'iq' && stanza.attr('type') === 'set' && to === own;
    if (isRequest) await session.underway;
    const sent = this.#outgoing.send(stanza.withAttrs({ to }), seat);
    if (isRequest) return sent;
    session.underway = Promise.allSettled([session.underway, sent]);
  }
}
