/*
 * Between a connection and the server: what carries its bytes, what it asks of the server that it belongs to, and what
 * that does with it. The server answers with the parts that create-server.ts joins.
 */
import type { Element } from '../element.js';
import type {
  BindAnswer,
  EnableAnswer,
  EndReason,
  ResumeAnswer,
  ServerEffect,
} from '../protocol/effects.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import type { StreamCondition } from '../protocol/stream-error.js';
import type { StreamManagement } from '../protocol/stream-management.js';
import type { Log } from './log.js';
import type { PlainSource } from './plain-messages.js';
import type { SeatOptions } from './seats.js';
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

/** What the server does with a connection. */
export interface OwnedConnection extends SessionStream {
  /** What it counts for; undefined where nobody counts. */
  address: string | undefined;
  /** The bare JID of its client, once it is authenticated. */
  readonly account: string | undefined;
  /** Whether output waits for a commit. */
  readonly isHeld: boolean;
  /** Hands over what is queued, unless it has to wait for a commit. */
  flush(): void;
  /** Says why, and does not wait for the client's answer. */
  refuse(condition: StreamCondition): void;
  /** Ends everything at once, without a word. */
  cut(): void;
  tick(now: number): void;
}

type Wanted<T extends ServerEffect['type']> = Extract<ServerEffect, { type: T }>;

/** What a connection asks of the server that it belongs to. */
export interface ConnectionOwner {
  readonly log: Log;
  /** Writes to storage so far, and those that last. */
  readonly commits: { readonly written: number; readonly lasting: number };
  readonly storage: { readonly isLasting: boolean };

  // Before there is a session.

  authenticate(question: AuthQuestion): Promise<AuthAnswer>;
  /** A request for an account, of a client that has none yet; never rejected. */
  register(stanza: Element): Promise<Element>;
  bind(
    wanted: Wanted<'bind'>,
    connection: SessionStream,
  ): { readonly answer: BindAnswer; readonly session?: Session };
  enable(wanted: Wanted<'enable'>, session: Session): EnableAnswer;
  resume(
    wanted: Wanted<'resume'>,
    connection: SessionStream,
  ): { readonly answer: ResumeAnswer; readonly session?: Session };
  seat(session: Session, options: SeatOptions): void;

  // With one.

  route(stanza: Element, sender: Session): void;
  /** Routes a chunk that holds nothing but messages. Returns the stream error that it calls for. */
  routePlain(
    chunk: Uint8Array,
    sender: Session,
    handle: number,
    source: PlainSource,
  ): string | undefined;
  /** Messages of the mailbox have arrived, or will not do so here. */
  confirm(tags: readonly number[]): void;
  release(tags: readonly number[]): void;
  /** A stanza is for a session that has ended. */
  missed(session: Session, bytes: Uint8Array, tag: number): void;
  flushLater(connection: OwnedConnection): void;

  // In the end.

  streamEnded(connection: SessionStream, session: Session | undefined, end: StreamEnd): void;
  connectionClosed(connection: OwnedConnection): void;
}

/** How a stream has ended. */
export interface StreamEnd {
  readonly reason: EndReason;
  readonly isResumable: boolean;
  /** The account of its session, if it was managed. */
  readonly management: StreamManagement | undefined;
}
