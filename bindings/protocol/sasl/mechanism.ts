/*
 * What a SASL mechanism is to the exchange that drives it (RFC 4422, section 4): a small machine that
 * takes the client's messages and answers each with one step. A mechanism holds no password and no
 * key: what only the host can decide, it asks (`check`) and is told (`answer`).
 *
 *     start ──► check ──► answer ──► challenge ──► respond ──► check ──► answer ──► success
 *                                                                              └──► failure
 */

/** The hash functions of the SCRAM family that are spoken here (RFC 5802, RFC 7677). */
export type ScramHash = 'SHA-1' | 'SHA-256';

/** RFC 6120, section 6.5. */
export type SaslCondition =
  | 'aborted'
  | 'account-disabled'
  | 'credentials-expired'
  | 'encryption-required'
  | 'incorrect-encoding'
  | 'invalid-authzid'
  | 'invalid-mechanism'
  | 'malformed-request'
  | 'mechanism-too-weak'
  | 'not-authorized'
  | 'temporary-auth-failure';

/** What the host is asked. A user name stands as the client wrote it: the host prepares it. */
export type AuthQuestion =
  /** Is this the password? Answered by `accepted` or `refused`. */
  | { readonly kind: 'plain'; readonly username: string; readonly password: string }
  /** Salt and iteration count, derived ones for a user who does not exist. Answered by `salt`. */
  | { readonly kind: 'scram-salt'; readonly hash: ScramHash; readonly username: string }
  /** Does the proof fit the stored key? Answered by `accepted` with the signature, or `refused`. */
  | {
      readonly kind: 'scram-proof';
      readonly hash: ScramHash;
      readonly username: string;
      readonly authMessage: Uint8Array;
      readonly proof: Uint8Array;
    };

/** What the host is asked about a client without a password. Answered by `accepted` or `refused`. */
export type IdentityQuestion =
  /** A guest; `trace` is what it tells of itself. The account that it gets is the host's to make up. */
  | { readonly kind: 'anonymous'; readonly trace: string }
  /** A client with a certificate (XEP-0178); `authzid` is '' where that is to say who it is. */
  | { readonly kind: 'external'; readonly authzid: string };

export type AuthAnswer =
  | { readonly kind: 'salt'; readonly salt: Uint8Array; readonly iterationCount: number }
  /** `local` is the localpart of the account in its canonical form. */
  | { readonly kind: 'accepted'; readonly local: string; readonly serverSignature?: Uint8Array }
  | { readonly kind: 'refused'; readonly condition: SaslCondition };

export type SaslStep =
  | { readonly type: 'challenge'; readonly data: Uint8Array }
  | { readonly type: 'check'; readonly question: AuthQuestion | IdentityQuestion }
  | {
      readonly type: 'success';
      readonly local: string;
      /** The identity to act as, as the client wrote it; '' for its own. */
      readonly authzid: string;
      readonly data?: Uint8Array;
    }
  | { readonly type: 'failure'; readonly condition: SaslCondition };

export interface ServerMechanism {
  /** The client's initial response; undefined when it sent none. */
  start(initial: Uint8Array | undefined): SaslStep;
  /** The response to the last challenge. */
  respond(data: Uint8Array): SaslStep;
  /** The answer to the last check. */
  answer(answer: AuthAnswer): SaslStep;
}

export const failed = (condition: SaslCondition): SaslStep => ({ type: 'failure', condition });

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The text of a SASL message, or undefined when it is not UTF-8. */
export function decodeText(data: Uint8Array): string | undefined {
  try {
    return decoder.decode(data);
  } catch {
    return undefined;
  }
}

export const encodeText = (text: string): Uint8Array => encoder.encode(text);
