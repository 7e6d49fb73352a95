/*
 * What a server decides about the streams of its clients, and the limits of the parser before and after
 * authentication (RFC 6120, section 13.12).
 */
import type { Element } from '../element.js';
import type { Limits } from '../limits.js';
import type { ManagedStreamOptions } from './managed-stream.js';
import type { MechanismName } from './sasl/negotiation.js';
import type { ManagementLimits } from './stream-management.js';

export interface ServerStreamOptions extends ManagedStreamOptions {
  /** Domains served here, in canonical form; the first is the default. */
  readonly domains: readonly string[];
  /** Domains that were served here once: `host-gone` instead of `host-unknown`. */
  readonly formerDomains?: readonly string[];
  /** Bytes that cannot be guessed, for stream ids and SCRAM nonces. */
  readonly random: (byteCount: number) => Uint8Array;
  /**
   * STARTTLS: none; offered; required before anything else. Without meaning where the transport is
   * encrypted already.
   */
  readonly tls?: 'none' | 'offered' | 'required';
  readonly mechanisms?: readonly MechanismName[];
  readonly limits?: {
    readonly beforeAuth?: Limits;
    readonly afterAuth?: Limits;
  };
  /** Whether SASL2 is offered beside the SASL of RFC 6120, on encrypted streams; false by default. */
  readonly hasSasl2?: boolean;
  /** Whether clients may ask for an account before they authenticate (XEP-0077). */
  readonly hasRegistration?: boolean;
  /** SASL attempts a connection, 2 to 5. */
  readonly maxAuthAttempts?: number;
  /** Stream management, with its limits; absent: none. */
  readonly management?: ManagementLimits;
  /** Features of extensions for authenticated streams. */
  readonly extensions?: readonly Element[];
}

/** RFC 6120 wants at least 10,000 bytes a stanza; before authentication nobody needs more. */
export const limitsBeforeAuth = {
  maxStanzaBytes: 10_000,
  maxDepth: 32,
  maxAttributes: 32,
  maxChildren: 256,
  maxNameBytes: 256,
  maxNamespaces: 32,
} as const satisfies Limits;

export const limitsAfterAuth = {
  maxStanzaBytes: 262_144,
  maxDepth: 256,
  maxAttributes: 256,
  maxChildren: 65_536,
  maxNameBytes: 1024,
  maxNamespaces: 256,
} as const satisfies Limits;
