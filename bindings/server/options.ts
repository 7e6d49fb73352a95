/*
 * What whoever embeds a server decides, and what a host says about each transport that it hands over.
 */
import type { Engine } from '../engine.js';
import type { Limits } from '../limits.js';
import type { Framing } from '../protocol/framing.js';
import type { LivenessOptions } from '../protocol/managed-stream.js';
import type { TlsFacts } from '../protocol/sasl/channel-binding.js';
import type { MechanismName } from '../protocol/sasl/negotiation.js';
import type { ManagementLimits } from '../protocol/stream-management.js';
import type { Accounts } from './accounts.js';
import type { Log } from './log.js';
import type { ServerModule } from './module.js';
import type { RateLimits } from './rate-meter.js';
import type { ConflictPolicy } from './sessions.js';
import type { Storage } from './storage/storage.js';

export interface ServerOptions {
  /** The domain served; it is prepared like any domain of an address. */
  readonly domain: string;
  /** What lasts; in memory, and gone with the process, by default. */
  readonly storage?: Storage;
  /** Those of the storage by default. */
  readonly accounts?: Accounts;
  /** Instead of the standard ones; `[...standardModules(), mine]` adds to them. */
  readonly modules?: readonly ServerModule[];
  readonly log?: Log;
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
  /** Milliseconds since 1970, for stamps. */
  readonly date?: () => number;
  readonly random?: (byteCount: number) => Uint8Array;
  /**
   * Runs a function once this turn of the event loop has read its input: `setImmediate` where there is
   * one, else a microtask.
   */
  readonly defer?: (action: () => void) => void;
  /** Runs a function after a while: `setTimeout` by default. */
  readonly delay?: (action: () => void, ms: number) => void;
  /** How long writes are collected before they are made to last (5). */
  readonly commitMs?: number;
  /** Stream management (XEP-0198) with its limits; false: none. */
  readonly management?: ManagementLimits | false;
  /** How long a session whose connection was lost can be resumed (300). */
  readonly maxResumeSeconds?: number;
  /** When silent clients are asked for a sign of life; absent: never. */
  readonly liveness?: LivenessOptions;
  readonly mechanisms?: readonly MechanismName[];
  /** Whether SASL2 and Bind 2 are offered on encrypted streams (XEP-0388, XEP-0386); true by default. */
  readonly hasSasl2?: boolean;
  readonly limits?: { readonly beforeAuth?: Limits; readonly afterAuth?: Limits };
  readonly maxAuthAttempts?: number;
  readonly negotiationMs?: number;
  readonly closeMs?: number;
  /** What may wait for a client that does not read, before it is cut off. */
  readonly maxQueueBytes?: number;
  readonly maxResources?: number;
  /** Clients beyond these (10,000) are refused with `resource-constraint`. */
  readonly maxConnections?: number;
  /** Connections from one address beyond these are refused with `policy-violation`; absent: no limit. */
  readonly maxConnectionsPerAddress?: number;
  /** How much one client may send; false: as much as it can. */
  readonly rates?: RateLimits | false;
  readonly conflict?: ConflictPolicy;
  readonly engine?: Engine;
}

export interface ConnectOptions {
  /** TCP's by default. */
  readonly framing?: Framing;
  /** The transport is encrypted from its start. */
  readonly isEncrypted?: boolean;
  /** What is known of that TLS; what STARTTLS brings comes with `secured`. */
  readonly tlsFacts?: TlsFacts;
  /** STARTTLS: 'none' by default. */
  readonly tls?: 'none' | 'offered' | 'required';
  /** Where it comes from, for the log. */
  readonly peer?: string;
  /** The network address of the same, for limits. */
  readonly address?: string;
}
