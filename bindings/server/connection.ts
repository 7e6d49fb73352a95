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
import type { ServerEffect } from '../protocol/effects.js';
import type { Framing } from '../protocol/framing.js';
import type { ServerStream } from '../protocol/server-stream.js';
import type { StreamCondition } from '../protocol/stream-error.js';
import type { StreamManagement } from '../protocol/stream-management.js';
import type { TlsFacts } from '../protocol/sasl/channel-binding.js';
import type { Element } from '../element.js';
import type { ConnectionOwner, OwnedConnection, Transport } from './connection-owner.js';
import { answerLate } from './late-answers.js';
import type { Give, LateQuestion } from './late-answers.js';
import { Outbox } from './outbox.js';
import { otherLength, plainLength } from './plain-messages.js';
import type { PlainSource } from './plain-messages.js';
import type { RateMeter } from './rate-meter.js';
import type { Session } from './sessions.js';
import { Throttle } from './throttle.js';

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

export class Connection implements OwnedConnection, PlainSource {
  readonly id: number;
  address: string | undefined;
  readonly #options: ConnectionOptions;
  readonly #stream: ServerStream;
  #effects: ServerEffect[] = [];
  #isPerforming = false;
  readonly #outbox = new Outbox();
  /** Absent: it may send as fast as it can. */
  readonly #throttle: Throttle | undefined;
  #deadline: number | undefined;
  #session: Session | undefined;
  /** The same after it has ended here for good. */
  #formerSession: Session | undefined;
  #isClosed = false;
  /** The client's stream in the core, and the header that it began with. */
  #handle: number | undefined;
  #header: Element | undefined;
  #faultCount = 0;
  /** Stanzas of the present chunk, for the meter. */
  #stanzaCount = 0;

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#stream = options.stream;
    if (options.meter) this.#throttle = new Throttle(options.meter, options.transport);
    this.#run((now) => this.#stream.open(now));
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get isManaged(): boolean {
    return this.#stream.management !== undefined;
  }

  readonly isLost = false;

  get isHeld(): boolean {
    return this.#outbox.isHeld(this.#options.server.commits.lasting);
  }

  get isEncrypted(): boolean {
    return this.#stream.isEncrypted;
  }

  get account(): string | undefined {
    return this.#stream.account;
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
    let rest = bytes;
    do {
      const session = this.#session;
      const plain = session && this.#isShort(session) ? plainLength(rest) : 0;
      const length = plain > 0 ? plain : this.isManaged ? otherLength(rest) : rest.length;
      const part = length < rest.length ? rest.subarray(0, length) : rest;
      if (session && plain > 0) this.#receivePlain(part, session);
      else this.#run((now) => this.#stream.receive(part, now));
      rest = rest.subarray(length);
    } while (rest.length > 0);
    this.#count(bytes.length);
  }

  /** TLS holds, and this is known of it. */
  secured(facts?: TlsFacts): void {
    this.#run((now) => this.#stream.secured(now, facts));
  }

  /** The transport is gone. */
  disconnected(): void {
    this.#isClosed = true;
    this.#run((now) => this.#stream.disconnected(now));
    this.#outbox.finish();
    this.#releaseUnsent();
  }

  // The core has read, the short way.

  received(count: number): void {
    this.#stream.received(count, this.#options.now());
    this.#stanzaCount += count;
  }

  take(element: Element): void {
    // Its answer may say that what came before it is safe.
    this.#outbox.holdUntil(this.#options.server.commits.written);
    this.#run((now) => this.#stream.took(element, now));
  }

  // The server tells.

  /**
   * Queues the bytes of one stanza; without a session (any more) they go back. The machine may be ahead:
   * when the stream ends in the chunk that has a request, the reply still goes out before the end.
   */
  deliver(bytes: Uint8Array, tag = 0): void {
    if (!this.#session) {
      const { server } = this.#options;
      if (this.#formerSession) server.missed(this.#formerSession, bytes, tag);
      else server.release([tag]);
      return;
    }
    if (this.#stream.management) this.#stream.sent(bytes, tag);
    else if (tag !== 0) this.#outbox.confirmWith(tag);
    this.#queue(bytes);
  }

  act(action: () => void): void {
    const { commits } = this.#options.server;
    const before = commits.written;
    action();
    if (commits.written > before) this.#outbox.holdUntil(commits.written);
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

  refuse(condition: StreamCondition): void {
    this.close(condition);
    this.#run((now) => this.#stream.disconnected(now));
  }

  cut(): void {
    this.#outbox.clear();
    this.#attempt(() => this.#options.transport.destroy());
    this.disconnected();
  }

  tick(now: number): void {
    this.#throttle?.tick(now);
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#run(() => this.#stream.tick(now));
  }

  flush(): void {
    if (this.#stream.management) this.#run((now) => this.#stream.flushing(now));
    if (this.#outbox.isEmpty || this.#isClosed || this.isHeld) return;
    try {
      this.#write(this.#outbox.take());
    } catch (error) {
      // Where nothing can be written, nothing can be said about it.
      this.#failed(error, () => this.cut());
    }
    this.#outbox.finish();
  }

  #write(units: readonly Uint8Array[]): void {
    const waiting = this.#options.transport.write(units);
    const sent = this.#outbox.takeTags();
    if (sent.length > 0) this.#options.server.confirm(sent);
    if (waiting > this.#options.maxQueueBytes) this.#cutSlowReader(waiting);
  }

  /** Does something as soon as nothing is left to be written. */
  #flushThen(action: () => void): void {
    this.flush();
    if (this.isHeld && !this.#isClosed) this.#outbox.afterwards(action);
    else action();
  }

  /** What the client can no longer get. */
  #releaseUnsent(): void {
    if (this.#isClosed) this.#options.server.release(this.#outbox.takeTags());
  }

  /** Whether messages of this client may take the short way (plain-messages.ts). */
  #isShort({ seat }: Session): boolean {
    if (!seat || seat.flags.filtered === true) return false;
    return this.#handle !== undefined && !this.#isPerforming && !seat.isFramed;
  }

  #receivePlain(bytes: Uint8Array, session: Session): void {
    const { server } = this.#options;
    const before = server.commits.written;
    try {
      const condition = server.routePlain(bytes, session, this.#handle ?? -1, this);
      if (server.commits.written > before) this.#outbox.holdUntil(server.commits.written);
      if (condition !== undefined) this.close(condition as StreamCondition);
    } catch (error) {
      this.#failed(error, () => this.close('internal-server-error'));
    }
  }

  /** Makes the client wait where it is ahead of its rate. */
  #count(byteCount: number): void {
    const throttle = this.#throttle;
    const stanzaCount = this.#stanzaCount;
    this.#stanzaCount = 0;
    if (!throttle || this.#isClosed) return;
    const { now, server, id } = this.#options;
    const { wasFast } = throttle;
    const isRight = throttle.count(byteCount, stanzaCount, now());
    if (throttle.wasFast && !wasFast) {
      server.log('info', 'too fast', { id, jid: this.#session?.jid });
    }
    if (!isRight) this.close('policy-violation');
  }

  #queue(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const { maxQueueBytes, server } = this.#options;
    const outbox = this.#outbox;
    if (outbox.isEmpty) server.flushLater(this);
    outbox.push(bytes);
    if (outbox.length > maxQueueBytes) this.#cutSlowReader(outbox.length);
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
    const { server, transport } = this.#options;
    switch (effect.type) {
      case 'send':
        return this.#queue(effect.bytes);
      case 'stanza':
        return this.#pass(effect.stanza);
      case 'upgradeTls':
        this.#throttle?.readOn();
        return this.#flushThen(() => transport.startTls());
      case 'authCheck':
      case 'register':
      case 'identityCheck':
        return this.#answerLater(effect);
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
        this.#outbox.holdUntil(server.commits.written);
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
        this.#formerSession = session;
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

  #answerLater(question: LateQuestion): void {
    const { server, id } = this.#options;
    const give: Give = (answer) => {
      this.#run((now) => answer(this.#stream, now));
    };
    // Whoever makes an account must find it after a crash: the answer waits until it lasts.
    const written = (): void => {
      this.#outbox.holdUntil(server.commits.written);
    };
    answerLate(question, server, id, give, written);
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
      isKept: this.isManaged && server.storage.isLasting,
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
