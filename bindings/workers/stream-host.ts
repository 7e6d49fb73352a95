/*
 * What the streams of an object ask and tell whoever has them, and what they are made with.
 */
import type { Element } from '../element.js';
import type { BindAnswer, EndReason } from '../protocol/effects.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import type { MechanismName } from '../protocol/sasl/negotiation.js';
import type { ServerStreamOptions } from '../protocol/server-options.js';
import type { ManagementLimits } from '../protocol/stream-management.js';
import type { ResumptionOptions } from './resumption.js';

/** A client's stream, as its host sees it. */
export interface EdgeStream {
  /** Names it among all streams of all objects, and cannot be guessed. */
  readonly id: string;
  /** The full JID, in canonical form; '' before it is bound. */
  readonly jid: string;
  /** The language that its stanzas inherit; '' for none. */
  readonly lang: string;
}

/** A resource that a client wants. */
export interface ResourceWish {
  readonly local: string;
  readonly domain: string;
  /** As the client wrote it; undefined: the server chooses one. */
  readonly resource: string | undefined;
}

/** A session that a client wants to go on with. */
export interface ResumeWish {
  readonly local: string;
  readonly domain: string;
  /** As it was named when it began (XEP-0198, `previd`): the id of the stream that it began with. */
  readonly name: string;
}

/** What the streams of an object ask and tell. */
export interface StreamHost {
  /** As of `tercet/protocol`; a rejection is `temporary-auth-failure`. */
  authenticate(question: AuthQuestion): Promise<AuthAnswer>;
  /** A rejection is `resource-constraint`. */
  bind(wish: ResourceWish, stream: EdgeStream): Promise<BindAnswer>;
  /** A stanza of a bound stream, in order; its `from` is not to be trusted. */
  stanza(stanza: Element, stream: EdgeStream): void;
  /** When all stanzas of a stream so far are safe, and may be acknowledged; absent: at once. */
  handled?(stream: EdgeStream): Promise<void>;
  /**
   * A client wants to go on with an earlier session of its account, in `stream`. True once that session has been
   * handed over: `handOver` where it was, then `takeOver` here for `stream`. Absent: there is no resumption.
   */
  resume?(wish: ResumeWish, stream: EdgeStream): Promise<boolean>;
  /**
   * A bound stream is over, and its session with it. Called once, also for one whose client went away while it was being
   * bound. `unacked`: what its client, under stream management, has not acknowledged and may not have got. Of a session
   * that could be resumed these are kept until the promise resolves; if it rejects it is called again.
   */
  ended(
    stream: EdgeStream,
    reason: EndReason,
    unacked: readonly Uint8Array[],
  ): Promise<void> | undefined;
}

export interface HibernatingStreamsOptions {
  /** The domain served, in canonical form. */
  readonly domain: string;
  /** SCRAM-SHA-256, SCRAM-SHA-1 and PLAIN by default. */
  readonly mechanisms?: readonly MechanismName[];
  /** Limits of the parser before and after authentication. */
  readonly limits?: ServerStreamOptions['limits'];
  /** Features of extensions for authenticated streams. */
  readonly extensions?: readonly Element[];
  /** From the first frame to a bound resource (30,000). */
  readonly negotiationMs?: number;
  /** What may wait for a client that does not read (1,048,576), before it is cut off at the next `send`. */
  readonly maxQueueBytes?: number;
  /** Offers stream management (XEP-0198), with its limits; absent: none. */
  readonly management?: ManagementLimits;
  /** Offers resumption too, if the host has `resume`: what is not acknowledged is kept in SQLite. */
  readonly resumption?: ResumptionOptions;
  /** How long a client has for an acknowledgement (30,000), before it is taken for gone. */
  readonly ackMs?: number;
}
