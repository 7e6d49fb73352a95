/*
 * One client: its stream machine, its transport, and what waits to be written. Carries out the effects
 * of the machine and is the door through which other streams reach this one.
 *
 * Output is collected and written once a turn of the event loop, so that twenty stanzas for one client
 * cost one system call. What a client does not read is bounded: beyond the limit it is cut off.
 */
import { UsageError } from '../errors.js';
import { NS } from '../namespaces.js';
import type { StreamEffect } from '../protocol/effects.js';
import type { Framing } from '../protocol/framing.js';
import type { AuthAnswer } from '../protocol/sasl/mechanism.js';
import type { ServerStream } from '../protocol/server-stream.js';
import type { StreamCondition } from '../protocol/stream-error.js';
import type { Server } from './create-server.js';
import type { Session } from './sessions.js';

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
}

/** What the server does with a connection; not for hosts. */
export interface ConnectionOptions {
  readonly id: number;
  readonly server: Server;
  readonly stream: ServerStream;
  readonly framing: Framing;
  readonly transport: Transport;
  readonly maxQueueBytes: number;
  readonly now: () => number;
}

export class Connection {
  readonly id: number;
  readonly #options: ConnectionOptions;
  readonly #stream: ServerStream;
  #effects: StreamEffect[] = [];
  #isPerforming = false;
  #outbox: Uint8Array[] = [];
  #outboxLength = 0;
  #deadline: number | undefined;
  #session: Session | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.#options = options;
    this.#stream = options.stream;
    this.#perform(this.#stream.open(options.now()));
  }

  get session(): Session | undefined {
    return this.#session;
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
    this.#guard(() => this.#perform(this.#stream.receive(bytes, this.#options.now())));
  }

  /** TLS holds. */
  secured(): void {
    this.#guard(() => this.#perform(this.#stream.secured(this.#options.now())));
  }

  /** The transport is gone. */
  disconnected(): void {
    this.#isClosed = true;
    this.#guard(() => this.#perform(this.#stream.disconnected(this.#options.now())));
  }

  // The server tells.

  /** Queues the bytes of one stanza; ignored when the stream is not bound (any more). */
  deliver(bytes: Uint8Array): void {
    if (this.#stream.isBound) this.#queue(bytes);
  }

  /** Ends the stream, with an error or without. */
  close(condition?: StreamCondition): void {
    this.#guard(() => this.#perform(this.#stream.close(condition, this.#options.now())));
  }

  /** Ends everything at once, without a word. */
  cut(): void {
    this.#outbox = [];
    this.#outboxLength = 0;
    this.#options.transport.destroy();
    this.disconnected();
  }

  tick(now: number): void {
    if (this.#deadline === undefined || now < this.#deadline) return;
    this.#guard(() => this.#perform(this.#stream.tick(now)));
  }

  /** Hands over what is queued. */
  flush(): void {
    if (this.#outbox.length === 0 || this.#isClosed) return;
    const units = this.#outbox;
    this.#outbox = [];
    this.#outboxLength = 0;
    this.#guard(() => {
      const waiting = this.#options.transport.write(units);
      if (waiting > this.#options.maxQueueBytes) this.#cutSlowReader(waiting);
    });
  }

  /** A fault is ours to mend, but no reason to lose everybody else's streams: it costs this one. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.server.log('error', 'a stream failed', { id: this.id, error: String(error) });
      this.cut();
    }
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

  /** Effects of effects are carried out after those before them. */
  #perform(effects: StreamEffect[]): void {
    this.#effects.push(...effects);
    if (this.#isPerforming) return;
    this.#isPerforming = true;
    try {
      for (;;) {
        const effect = this.#effects.shift();
        if (!effect) return;
        this.#carryOut(effect);
      }
    } finally {
      this.#isPerforming = false;
    }
  }

  #carryOut(effect: StreamEffect): void {
    const { server, transport, id } = this.#options;
    switch (effect.type) {
      case 'send':
        return this.#queue(effect.bytes);
      case 'stanza':
        if (!this.#session) throw new UsageError('a stanza came from a stream without a session');
        return server.route(effect.stanza, this.#session);
      case 'upgradeTls':
        this.flush();
        return transport.startTls();
      case 'authCheck': {
        const { token, question } = effect;
        const settle = (answer: AuthAnswer) =>
          this.#guard(() =>
            this.#perform(this.#stream.answerAuth(token, answer, this.#options.now())),
          );
        server.authenticate(question).then(
          (answer) => {
            server.log('info', 'authentication', {
              id,
              kind: question.kind,
              outcome: answer.kind,
            });
            settle(answer);
          },
          (error: unknown) => {
            server.log('error', 'authentication failed', { id, error: String(error) });
            settle({ kind: 'refused', condition: 'temporary-auth-failure' });
          },
        );
        return;
      }
      case 'bind': {
        const { answer, session } = server.bind(effect, this);
        this.#session = session;
        this.#perform(this.#stream.answerBind(effect.token, answer, this.#options.now()));
        return;
      }
      case 'timerSet':
        this.#deadline = effect.at;
        return;
      case 'ended': {
        const session = this.#session;
        this.#session = undefined;
        return server.streamEnded(this, session, effect.reason);
      }
      case 'close':
        this.flush();
        if (!this.#isClosed) transport.close();
        this.#isClosed = true;
        return server.connectionClosed(this);
    }
  }
}
