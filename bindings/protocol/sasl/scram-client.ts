/*
 * SCRAM on the client's side, without its cryptography: the same four messages as in scram-server.ts
 * (RFC 5802, RFC 7677), with channel binding where the host has it.
 *
 * Each method returns undefined for a message that must not be trusted: the exchange is then over,
 * whatever the server says next. The server must show that it knows the account's keys too (`finish`).
 */
import { decodeBase64, encodeBase64 } from './base64.js';
import type { ChannelBinding } from './channel-binding.js';
import { decodeText, encodeText } from './mechanism.js';
import type { ScramHash } from './mechanism.js';
import { encodeName } from './scram-name.js';

/** A client takes no fewer iterations (RFC 7677, section 4) ... */
const minIterationCount = 4096;
/** ... and no more, since the count is the server's word and the work is the client's. */
const maxIterationCount = 10_000_000;

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
 * What the client says of channel binding: that it binds; that it could, but saw no -PLUS mechanism
 * offered; that it cannot.
 */
export type ClientBinding = ChannelBinding | 'not-offered' | 'none';

export class ScramClient {
  readonly #hash: ScramHash;
  readonly #nonce: string;
  readonly #gs2Header: string;
  readonly #bindingData: Uint8Array;
  readonly #clientFirstBare: string;
  #withoutProof = '';
  #serverSignature = '';

  constructor(
    hash: ScramHash,
    username: string,
    clientNonce: string,
    binding: ClientBinding = 'none',
  ) {
    this.#hash = hash;
    this.#nonce = clientNonce;
    const flag = binding === 'none' ? 'n' : binding === 'not-offered' ? 'y' : `p=${binding.type}`;
    this.#gs2Header = `${flag},,`;
    this.#bindingData = typeof binding === 'string' ? new Uint8Array() : binding.data;
    this.#clientFirstBare = `n=${encodeName(username)},r=${clientNonce}`;
  }

  /** The initial response. */
  start(): Uint8Array {
    return encodeText(this.#gs2Header + this.#clientFirstBare);
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
    const binding = encodeBase64(
      new Uint8Array([...encodeText(this.#gs2Header), ...this.#bindingData]),
    );
    this.#withoutProof = `c=${binding},r=${nonce}`;
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
