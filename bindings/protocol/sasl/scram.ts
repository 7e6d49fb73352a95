/*
 * SCRAM's four messages, on both sides, without its cryptography (RFC 5802, section 5; RFC 7677):
 *
 *     C  n,,n=user,r=clientNonce                            client-first
 *     S  r=clientNonce+serverNonce,s=salt,i=count           server-first
 *     C  c=biws,r=clientNonce+serverNonce,p=proof           client-final
 *     S  v=serverSignature                                  server-final
 *
 * AuthMessage is client-first without its GS2 header, server-first and client-final without its proof,
 * joined by commas. The proofs themselves are computed by the host (scram-keys.ts has them on WebCrypto).
 *
 * Channel binding (the -PLUS mechanisms) is not spoken yet: a client that insists on it (`p=`) is
 * refused, one that could (`y`) is served, since no -PLUS mechanism was offered that it might miss.
 */
import { decodeBase64, encodeBase64 } from './base64.js';
import { decodeText, encodeText, failed } from './mechanism.js';
import type { AuthAnswer, SaslStep, ScramHash, ServerMechanism } from './mechanism.js';

/** A client takes no fewer iterations (RFC 7677, section 4) ... */
const minIterationCount = 4096;
/** ... and no more, since the count is the server's word and the work is the client's. */
const maxIterationCount = 10_000_000;

export class ScramServer implements ServerMechanism {
  readonly #hash: ScramHash;
  readonly #serverNonce: string;
  #expected: 'first' | 'salt' | 'final' | 'proof' | 'nothing' = 'first';
  #gs2Header = '';
  #authzid = '';
  #username = '';
  #nonce = '';
  #clientFirstBare = '';
  #serverFirst = '';

  /** `serverNonce` is printable ASCII without a comma, unpredictable and used once. */
  constructor(hash: ScramHash, serverNonce: string) {
    this.#hash = hash;
    this.#serverNonce = serverNonce;
  }

  start(initial: Uint8Array | undefined): SaslStep {
    if (initial === undefined) return { type: 'challenge', data: new Uint8Array() };
    return this.respond(initial);
  }

  respond(data: Uint8Array): SaslStep {
    const message = decodeText(data);
    if (message === undefined) return failed('malformed-request');
    if (this.#expected === 'first') return this.#clientFirst(message);
    if (this.#expected === 'final') return this.#clientFinal(message);
    return failed('malformed-request');
  }

  answer(answer: AuthAnswer): SaslStep {
    if (answer.kind === 'refused') return failed(answer.condition);
    if (this.#expected === 'salt' && answer.kind === 'salt') {
      this.#expected = 'final';
      this.#serverFirst = `r=${this.#nonce},s=${encodeBase64(answer.salt)},i=${answer.iterationCount}`;
      return { type: 'challenge', data: encodeText(this.#serverFirst) };
    }
    if (this.#expected === 'proof' && answer.kind === 'accepted' && answer.serverSignature) {
      this.#expected = 'nothing';
      const data = encodeText(`v=${encodeBase64(answer.serverSignature)}`);
      return { type: 'success', local: answer.local, authzid: this.#authzid, data };
    }
    return failed('temporary-auth-failure');
  }

  #clientFirst(message: string): SaslStep {
    const match = /^([ny]),(?:a=([^,]*))?,(n=([^,]+),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/su.exec(
      message,
    );
    if (!match) return failed('malformed-request');
    const [, flag = '', authzid = '', bare = '', name = '', clientNonce = ''] = match;
    const username = decodeName(name);
    const decodedAuthzid = decodeName(authzid);
    if (username === undefined || decodedAuthzid === undefined) return failed('malformed-request');
    this.#gs2Header = `${flag},${authzid && `a=${authzid}`},`;
    this.#authzid = decodedAuthzid;
    this.#username = username;
    this.#nonce = clientNonce + this.#serverNonce;
    this.#clientFirstBare = bare;
    this.#expected = 'salt';
    return { type: 'check', question: { kind: 'scram-salt', hash: this.#hash, username } };
  }

  #clientFinal(message: string): SaslStep {
    const match = /^(c=([^,]+),r=([^,]+)(?:,.*)?),p=([^,]+)$/su.exec(message);
    if (!match) return failed('malformed-request');
    const [, withoutProof = '', binding = '', nonce = '', encodedProof = ''] = match;
    const proof = decodeBase64(encodedProof);
    if (!proof) return failed('malformed-request');
    // The GS2 header comes once more under the proof, so that nobody changed it on the way.
    if (binding !== encodeBase64(encodeText(this.#gs2Header)) || nonce !== this.#nonce) {
      return failed('not-authorized');
    }
    this.#expected = 'proof';
    const authMessage = encodeText(`${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`);
    const { hash, username } = { hash: this.#hash, username: this.#username };
    return { type: 'check', question: { kind: 'scram-proof', hash, username, authMessage, proof } };
  }
}

/** What the client side asks its host: the keys of a password, applied to the exchange. */
export interface ScramQuestion {
  readonly hash: ScramHash;
  readonly salt: Uint8Array;
  readonly iterationCount: number;
  readonly authMessage: Uint8Array;
}

/** What the client's host answers, computed from the password. */
export interface ScramProof {
  readonly proof: Uint8Array;
  readonly serverSignature: Uint8Array;
}

/**
 * The client's side. Each method returns undefined for a message that must not be trusted: the
 * exchange is then over, whatever the server says next.
 */
export class ScramClient {
  readonly #hash: ScramHash;
  readonly #nonce: string;
  readonly #clientFirstBare: string;
  #withoutProof = '';
  #serverSignature = '';

  constructor(hash: ScramHash, username: string, clientNonce: string) {
    this.#hash = hash;
    this.#nonce = clientNonce;
    this.#clientFirstBare = `n=${encodeName(username)},r=${clientNonce}`;
  }

  /** The initial response. */
  start(): Uint8Array {
    return encodeText(`n,,${this.#clientFirstBare}`);
  }

  /** Takes server-first; what must be computed for client-final. */
  question(serverFirst: Uint8Array): ScramQuestion | undefined {
    const message = decodeText(serverFirst) ?? '';
    const match = /^r=([^,]+),s=([^,]+),i=([1-9][0-9]{0,9})(?:,.*)?$/su.exec(message);
    if (!match) return undefined;
    const [, nonce = '', encodedSalt = '', count = ''] = match;
    const salt = decodeBase64(encodedSalt);
    const iterationCount = Number(count);
    if (!salt || iterationCount < minIterationCount || iterationCount > maxIterationCount) {
      return undefined;
    }
    if (!nonce.startsWith(this.#nonce) || nonce.length === this.#nonce.length) return undefined;
    this.#withoutProof = `c=biws,r=${nonce}`;
    const authMessage = encodeText(`${this.#clientFirstBare},${message},${this.#withoutProof}`);
    return { hash: this.#hash, salt, iterationCount, authMessage };
  }

  /** Takes the host's answer; client-final. */
  respond(answer: ScramProof): Uint8Array {
    this.#serverSignature = encodeBase64(answer.serverSignature);
    return encodeText(`${this.#withoutProof},p=${encodeBase64(answer.proof)}`);
  }

  /** Takes server-final; whether the server knows the account's keys too. */
  finish(serverFinal: Uint8Array): boolean {
    const match = /^v=([^,]+)(?:,.*)?$/su.exec(decodeText(serverFinal) ?? '');
    return match !== null && this.#serverSignature !== '' && match[1] === this.#serverSignature;
  }
}

/** `=2C` and `=3D` stand for the comma and the equals sign; another `=` is an error (section 5.1). */
function decodeName(text: string): string | undefined {
  if (/=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

const encodeName = (text: string): string => text.replaceAll('=', '=3D').replaceAll(',', '=2C');
