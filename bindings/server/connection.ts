/*
 * One client: its stream machine, its transport, and what waits to be written. Carries out the effects
 * of the machine and is the door through which other streams reach this one.
 *
 * Output is collected and written once a turn of the event loop, so that twenty stanzas for one client
 * cost one system call. What a client does not read is bounded: beyond the limit it is cut off.
 *
 * What its client hears is held back until everything that the client caused lasts (commits.ts); what it
 * holds of the mailbox is confirmed when the client has it: acknowledged where that is spoken (XEP-0198),
 * else written out.
 *
 * Whatever throws on the way in or out is caught in `#attempt`: it is logged and costs this stream, not the
 * server. The effects after it are carried out all the same, so that the server's account is right.
 */
import { UsageError } from '../errors.js';
import { NS } from '../namespaces.js';
import type {
  BindAnswer,
  EnableAnswer,
  EndReason,
  ResumeAnswer,
  ServerEffect,
} from '../protocol/effects.js';
import type { Framing } from '../protocol/framing.js';
import type { ServerStream } from '../protocol/server-stream.js';
import type { StreamCondition } from '../protocol/stream-error.js';
import type { StreamManagement } from '../protocol/stream-management.js';
import type { TlsFacts } from '../protocol/sasl/channel-binding.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import type { Element } from '../element.js';
import type { Log } from './log.js';
import { isPlain } from './plain-messages.js';
import type { PlainOutcome, SeatOptions } from './plain-messages.js';
import type { RateMeter } from './rate-meter.js';
import type { Session, SessionStream } from './sessions.js';

/** What carries a connection's bytes. The host implements it; tests have one in memory. */
export interface Transport {
  /**
   * Takes units of bytes, which it may keep but not change: over TCP one after the other, over WebSocket
   * one message each. Returns how many bytes wait to leave, these included.
   */
  write(units: readonly Uint8Array[]): number;
  /** Starts TLS after what was written; `Connection.secured` tells that it holds. */
  startTls(): void;
  /** Closes after what was written. */
  close(): void;
  /** Closes at once. */
  destroy(): void;
  /** Stops reading, so that the client has to wait; and goes on. Absent where that cannot be done. */
  pause?(): void;
  resume?(): void;
}

/** What a connection asks of the server that it belongs to. */
export interface ConnectionOwner {
  readonly log: Log;
  /** Writes to storage so far, and those that last. */
  readonly commits: { readonly written: number; readonly lasting: number };
  readonly storage: { readonly isLasting: boolean };
  route(stanza: Element, sender: Session): void;
  /** Routes a chunk that holds nothing but messages. */
  routePlain(chunk: Uint8Array, sender: Session, handle: number): PlainOutcome;
  seat(session: Session, options: Omit<SeatOptions, 'isFiltered'>): void;
  /** A request for an account, of a client that has none yet; never rejected. */
  register(stanza: Element): Promise<Element>;
  authenticate(question: AuthQuestion): Promise<AuthAnswer>;
  bind(
    wanted: Extract<ServerEffect, { type: 'bind' }>,
    connection: Connection,
  ): { readonly answer: BindAnswer; readonly session?: Session };
  enable(wanted: Extract<ServerEffect, { type: 'enable' }>, session: Session): EnableAnswer;
  resume(
    wanted: Extract<ServerEffect, { type: 'resume' }>,
    connection: Connection,
  ): { readonly answer: ResumeAnswer; readonly session?: Session };
  /** Messages of the mailbox have arrived, or will not do so here. */
  confirm(tags: readonly number[]): void;
  release(tags: readonly number[]): void;
  streamEnded(connection: Connection, session: Session | undefined, end: StreamEnd): void;
  connectionClosed(connection: Connection): void;
  flushLater(connection: Connection): void;
}

/** How a stream has ended. */
export interface StreamEnd {
  readonly reason: EndReason;
  readonly isResumable: boolean;
  /** The account of its session, if it was managed. */
  readonly management: StreamManagement | undefined;
}

/** What the server does with a connection; not for hosts. */
export interface ConnectionOptions {
  readonly id: number;
  readonly server: ConnectionOwner;
  readonly stream: ServerStream;
  readonly framing: Framing;
  readonly transport: Transport;
  readonly maxQueueBytes: number;
  /** Absent: it may send as fast as it can. */
  readonly meter: RateMeter | undefined;
  readonly now: () => number;
}

export class Connection implements SessionStream {
  readonly id: number;
  /** What it counts for; undefined where nobody counts. */
  address: string | undefined;
  readonly #options: ConnectionOptions;
  readonly #stream: ServerStream;
  #effects: ServerEffect[] = [];
  #isPerforming = false;
  #outbox: Uint8Array[] = [];
  #outboxLength = 0;
  /** Tags of messages in the outbox that count as arrived when they are written. */
  #unconfirmed: number[] = [];
  /** How many writes must last before the outbox may be written. */
  #heldUntil = 0;
  /** What comes after the outbox. */
  #afterFlush: (() => void) | undefined;
  #deadline: number | undefined;
  #session: Session | undefined;
  #isClosed = false;
  /** The client's stream in the core, and the header that it began with. */
  #handle: number | undefined;
  #header: Element | undefined;
  #faultCount = 0;
  /** Stanzas of the present chunk, for the meter. */
  #stanzaCount = 0;
  /** Until when nothing is read. */
  #pausedUntil: number | undefined;
  #wasFast = false;

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#stream = options.stream;
    this.#run((now) => this.#stream.open(now));
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get isManaged(): boolean {
    return this.#stream.management !== undefined;
  }

  readonly isLost = false;

  /** Whether output waits for a commit. */
  get isHeld(): boolean {
    return this.#outbox.length > 0 && this.#heldUntil > this.#options.server.commits.lasting;
  }

  get isEncrypted(): boolean {
    return this.#stream.isEncrypted;
  }

  /** The namespace that stanzas need not declare here. */
  get scope(): string {
    return this.#options.framing.scope(NS.client);
  }

  /** The language that its stanzas inherit. */
  get lang(): string {
    return this.#stream.lang;
  }

  // The host tells.

  /** Bytes have come: any number over TCP, one whole message over WebSocket. */
  receive(bytes: Uint8Array): void {
    const session = this.#session;
    if (session && this.#isShort(session) && isPlain(bytes)) this.#receivePlain(bytes, session);
    else this.#run((now) => this.#stream.receive(bytes, now));
    this.#meter(bytes.length);
  }

  /** TLS holds, and this is known of it. */
  secured(facts?: TlsFacts): void {
    this.#run((now) => this.#stream.secured(now, facts));
  }

  /** The transport is gone. */
  disconnected(): void {
    this.#isClosed = true;
    this.#run((now) => this.#stream.disconnected(now));
    this.#finishFlush();
    this.#releaseUnsent();
  }

  // The server tells.

  /**
   * Queues the bytes of one stanza; ignored when there is no session (any more). The machine may be ahead:
   * when the stream ends in the chunk that has a request, the reply still goes out before the end.
   */
  deliver(bytes: Uint8Array, tag = 0): void {
    if (!this.#session) {
      this.#options.server.release([tag]);
      return;
    }
    if (this.#stream.management) this.#stream.sent(bytes, tag);
    else if (tag !== 0) this.#unconfirmed.push(tag);
    this.#queue(bytes);
  }

  act(action: () => void): void {
    const { commits } = this.#options.server;
    const before = commits.written;
    action();
    if (commits.written > before) this.#heldUntil = commits.written;
  }

  handOver(): StreamManagement | undefined {
    const management = this.#stream.detach();
    this.#session = undefined;
    this.close('conflict');
    return management;
  }

  /** Ends the stream, with an error or without. */
  close(condition?: StreamCondition): void {
    this.#run((now) => this.#stream.close(condition, now));
  }

  /** Says why, and does not wait for the client's answer. */
  refuse(condition: StreamCondition): void {
    this.close(condition);
    this.#run((now) => this.#stream.disconnected(now));
  }

  /** Ends everything at once, without a word. */
  cut(): void {
    this.#outbox = [];
    this.#outboxLength = 0;
    this.#attempt(() => this.#options.transport.destroy());
    this.disconnected();
  }

  tick(now: number): void {
    if (this.#pausedUntil !== undefined && now >= this.#pausedUntil) this.#readOn();
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#run(() => this.#stream.tick(now));
  }

  /** Hands over what is queued, unless it has to wait for a commit. */
  flush(): void {
    if (this.#stream.management) this.#run((now) => this.#stream.flushing(now));
    if (this.#outbox.length === 0 || this.#isClosed || this.isHeld) return;
    const units = this.#outbox;
    this.#outbox = [];
    this.#outboxLength = 0;
    try {
      this.#write(units);
    } catch (error) {
      // Where nothing can be written, nothing can be said about it.
      this.#failed(error, () => this.cut());
    }
    this.#finishFlush();
  }

  #write(units: readonly Uint8Array[]): void {
    const waiting = this.#options.transport.write(units);
    if (this.#unconfirmed.length > 0) {
      const sent = this.#unconfirmed;
      this.#unconfirmed = [];
      this.#options.server.confirm(sent);
    }
    if (waiting > this.#options.maxQueueBytes) this.#cutSlowReader(waiting);
  }

  /** Does something as soon as nothing is left to be written. */
  #flushThen(action: () => void): void {
    this.flush();
    if (this.isHeld && !this.#isClosed) this.#afterFlush = action;
    else action();
  }

  /** What the client can no longer get. */
  #releaseUnsent(): void {
    if (!this.#isClosed) return;
    const unsent = this.#unconfirmed;
    this.#unconfirmed = [];
    this.#options.server.release(unsent);
  }

  #finishFlush(): void {
    const action = this.#afterFlush;
    this.#afterFlush = undefined;
    action?.();
  }

  /** Whether messages of this client may take the short way (plain-messages.ts). */
  #isShort({ seat }: Session): boolean {
    if (!seat || seat.flags.filtered === true) return false;
    // What is acknowledged must be kept first, where anything lasts.
    if (this.isManaged && this.#options.server.storage.isLasting) return false;
    return this.#handle !== undefined && !this.#isPerforming && !seat.isFramed;
  }

  #receivePlain(bytes: Uint8Array, session: Session): void {
    const { server, now } = this.#options;
    const before = server.commits.written;
    try {
      const { stanzaCount, condition } = server.routePlain(bytes, session, this.#handle ?? -1);
      this.#stream.received(stanzaCount, now());
      this.#stanzaCount += stanzaCount;
      if (server.commits.written > before) this.#heldUntil = server.commits.written;
      if (condition !== undefined) this.close(condition as StreamCondition);
    } catch (error) {
      this.#failed(error, () => this.close('internal-server-error'));
    }
  }

  /** Stops reading where the client is ahead of its rate. */
  #meter(byteCount: number): void {
    const { meter, now, transport, server, id } = this.#options;
    const stanzaCount = this.#stanzaCount;
    this.#stanzaCount = 0;
    if (!meter || this.#isClosed) return;
    const time = now();
    const until = meter.count(byteCount, stanzaCount, time);
    if (until <= time) return;
    if (!this.#wasFast) server.log('info', 'too fast', { id, jid: this.#session?.jid });
    this.#wasFast = true;
    if (transport.pause) {
      transport.pause();
      this.#pausedUntil = until;
    } else if (until > time + meter.burstMs) this.close('policy-violation');
  }

  #readOn(): void {
    if (this.#pausedUntil === undefined) return;
    this.#pausedUntil = undefined;
    this.#options.transport.resume?.();
  }

  #queue(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    if (this.#outbox.length === 0) this.#options.server.flushLater(this);
    this.#outbox.push(bytes);
    this.#outboxLength += bytes.length;
    if (this.#outboxLength > this.#options.maxQueueBytes) this.#cutSlowReader(this.#outboxLength);
  }

  #cutSlowReader(waiting: number): void {
    const { server, id } = this.#options;
    server.log('warn', 'slow reader cut', { id, jid: this.#session?.jid, bytes: waiting });
    this.cut();
  }

  /** Moves the machine and carries out its effects; effects of effects come after those before them. */
  #run(step: (now: number) => ServerEffect[]): void {
    this.#attempt(() => this.#effects.push(...step(this.#options.now())));
    if (this.#isPerforming) return;
    this.#isPerforming = true;
    for (;;) {
      const effect = this.#effects.shift();
      if (!effect) break;
      this.#attempt(() => this.#carryOut(effect));
    }
    this.#isPerforming = false;
  }

  /** A fault is ours to mend, but no reason to lose everybody else's streams. */
  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#failed(error, () => this.close('internal-server-error'));
    }
  }

  #failed(error: unknown, rescue: () => void): void {
    const { server, id } = this.#options;
    server.log('error', 'a stream failed', { id, jid: this.#session?.jid, error: String(error) });
    this.#faultCount += 1;
    // Each time by means that have less to fail with.
    if (this.#faultCount === 1) rescue();
    else if (this.#faultCount === 2) this.cut();
    else server.connectionClosed(this);
  }

  #carryOut(effect: ServerEffect): void {
    const { server, transport, id } = this.#options;
    switch (effect.type) {
      case 'send':
        return this.#queue(effect.bytes);
      case 'stanza':
        return this.#pass(effect.stanza);
      case 'upgradeTls':
        this.#readOn();
        return this.#flushThen(() => transport.startTls());
      case 'authCheck': {
        const { token, question } = effect;
        server.authenticate(question).then(
          (answer) => {
            server.log('info', 'authentication', {
              id,
              kind: question.kind,
              outcome: answer.kind,
            });
            this.#run((now) => this.#stream.answerAuth(token, answer, now));
          },
          (error: unknown) => {
            server.log('error', 'authentication failed', { id, error: String(error) });
            const answer = { kind: 'refused', condition: 'temporary-auth-failure' } as const;
            this.#run((now) => this.#stream.answerAuth(token, answer, now));
          },
        );
        return;
      }
      case 'register': {
        const { token, stanza } = effect;
        // Whoever makes an account must find it after a crash: the answer waits until it lasts.
        const before = server.commits.written;
        void server.register(stanza).then((reply) => {
          if (server.commits.written > before) this.#heldUntil = server.commits.written;
          this.#run((now) => this.#stream.answerRegister(token, reply, now));
        });
        return;
      }
      case 'identityCheck': {
        // Guests and certificates need a policy that no module has.
        const refused = { kind: 'refused', condition: 'not-authorized' } as const;
        return this.#run((now) => this.#stream.answerAuth(effect.token, refused, now));
      }
      case 'bind': {
        const { answer, session } = server.bind(effect, this);
        this.#session = session;
        if (session) this.#seat(session);
        this.#run((now) => this.#stream.answerBind(effect.token, answer, now));
        return;
      }
      case 'enable': {
        if (!this.#session) throw new UsageError('there is no session to be managed');
        const answer = server.enable(effect, this.#session);
        this.#run((now) => this.#stream.answerEnable(effect.token, answer, now));
        return this.#seat(this.#session);
      }
      case 'resume': {
        const { answer, session } = server.resume(effect, this);
        // It says how much was handled, and that must last.
        this.#heldUntil = Math.max(this.#heldUntil, server.commits.written);
        this.#session = session;
        this.#run((now) => this.#stream.answerResume(effect.token, answer, now));
        if (session) this.#seat(session);
        return;
      }
      case 'ack':
        this.#stanzaCount += 1;
        // All that came before was carried out, and what it wrote holds this answer back. What came after in
        // the same chunk, such as the end of the stream, was not: so the answer goes first.
        this.#effects.unshift(...this.#stream.acknowledge(effect.h, this.#options.now()));
        return;
      case 'acked':
        return server.confirm(effect.stanzas.map(({ tag }) => tag));
      case 'timerSet':
        this.#deadline = effect.at;
        return;
      case 'ended': {
        const session = this.#session;
        const { reason, isResumable } = effect;
        const { management } = this.#stream;
        this.#session = undefined;
        server.streamEnded(this, session, { reason, isResumable, management });
        return this.#releaseUnsent();
      }
      case 'close':
        return this.#flushThen(() => {
          server.connectionClosed(this);
          const isOurs = !this.#isClosed;
          this.#isClosed = true;
          if (isOurs) transport.close();
        });
    }
  }

  /** The router reads this stream and writes to it from now on. */
  #seat(session: Session): void {
    const { server, framing } = this.#options;
    const { place, header } = this.#stream.takeOver();
    this.#header ??= header;
    this.#handle = place.handle;
    server.seat(session, {
      header: this.#header,
      isFramed: framing.name === 'websocket',
      isManaged: this.isManaged,
    });
  }

  #pass(stanza: Element): void {
    const { server } = this.#options;
    if (!this.#session) throw new UsageError('a stanza came from a stream without a session');
    const session = this.#session;
    this.#stanzaCount += 1;
    this.act(() => server.route(stanza, session));
  }
}
