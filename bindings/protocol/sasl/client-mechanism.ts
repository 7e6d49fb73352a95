/*
 * Mechanisms on the client's side: each takes the server's messages and answers with one step. A password
 * stays with the host: it is asked for the password itself (PLAIN) or for what is computed from it (SCRAM).
 *
 *     PLAIN                 ask ──► respond
 *     SCRAM-*               respond ──► challenge ──► ask ──► respond ──► success with the server's signature
 *     ANONYMOUS, EXTERNAL   respond
 *
 * `succeeds` decides whether a success is to be believed: with SCRAM the server must have shown that it
 * knows the account too, in the success itself or in a last challenge.
 */
import { decodeText, encodeText } from './mechanism.js';
import type { MechanismName } from './negotiation.js';
import { ScramClient } from './scram-client.js';
import type { ClientBinding, ScramProof, ScramQuestion } from './scram-client.js';

export type ProofQuestion =
  | { readonly kind: 'password' }
  /** `computeScramProof` answers it, from a password. */
  | ({ readonly kind: 'scram' } & ScramQuestion);

export type ProofAnswer =
  | { readonly kind: 'password'; readonly password: string }
  | ({ readonly kind: 'scram' } & ScramProof)
  /** The host has no password after all. */
  | { readonly kind: 'refused' };

export type ClientStep =
  | { readonly type: 'respond'; readonly data: Uint8Array }
  | { readonly type: 'ask'; readonly question: ProofQuestion }
  /** The server cannot be trusted, or does not speak the mechanism. */
  | { readonly type: 'fail' };

export interface ClientMechanism {
  start(): ClientStep;
  challenge(data: Uint8Array): ClientStep;
  answer(answer: ProofAnswer): ClientStep;
  /** `data`: what the server adds to its success, undefined for nothing. */
  succeeds(data: Uint8Array | undefined): boolean;
}

export interface ClientIdentity {
  readonly username: string;
  readonly nonce: string;
  readonly binding: ClientBinding;
}

export function clientMechanism(name: MechanismName, identity: ClientIdentity): ClientMechanism {
  switch (name) {
    case 'PLAIN':
      return new Plain(identity.username);
    case 'ANONYMOUS':
    case 'EXTERNAL':
      return new OneMessage();
    case 'SCRAM-SHA-256-PLUS':
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-1-PLUS':
    case 'SCRAM-SHA-1': {
      const hash = name.startsWith('SCRAM-SHA-1') ? 'SHA-1' : 'SHA-256';
      return new Scram(new ScramClient(hash, identity.username, identity.nonce, identity.binding));
    }
  }
}

const fail: ClientStep = { type: 'fail' };
const empty: ClientStep = { type: 'respond', data: new Uint8Array() };

/** RFC 4616. */
class Plain implements ClientMechanism {
  readonly #username: string;

  constructor(username: string) {
    this.#username = username;
  }

  start(): ClientStep {
    return { type: 'ask', question: { kind: 'password' } };
  }

  challenge(): ClientStep {
    return fail;
  }

  answer(answer: ProofAnswer): ClientStep {
    if (answer.kind !== 'password') return fail;
    return { type: 'respond', data: encodeText(`\0${this.#username}\0${answer.password}`) };
  }

  succeeds(): boolean {
    return true;
  }
}

/** ANONYMOUS without a trace (RFC 4505), EXTERNAL as the certificate says (RFC 4422, appendix A). */
class OneMessage implements ClientMechanism {
  start(): ClientStep {
    return empty;
  }

  challenge(): ClientStep {
    return fail;
  }

  answer(): ClientStep {
    return fail;
  }

  succeeds(): boolean {
    return true;
  }
}

class Scram implements ClientMechanism {
  readonly #client: ScramClient;
  #expected: 'first' | 'final' | 'success' = 'first';

  constructor(client: ScramClient) {
    this.#client = client;
  }

  start(): ClientStep {
    return { type: 'respond', data: this.#client.start() };
  }

  challenge(data: Uint8Array): ClientStep {
    if (this.#expected === 'final') {
      // Some servers send their signature as a last challenge (RFC 5802, section 5; RFC 4422, 3.6).
      if (!this.#client.finish(data)) return fail;
      this.#expected = 'success';
      return empty;
    }
    const question = this.#expected === 'first' ? this.#client.question(data) : undefined;
    return question ? { type: 'ask', question: { kind: 'scram', ...question } } : fail;
  }

  answer(answer: ProofAnswer): ClientStep {
    if (answer.kind !== 'scram') return fail;
    this.#expected = 'final';
    return { type: 'respond', data: this.#client.respond(answer) };
  }

  succeeds(data: Uint8Array | undefined): boolean {
    if (this.#expected === 'success') return data === undefined || decodeText(data) === '';
    return this.#expected === 'final' && data !== undefined && this.#client.finish(data);
  }
}
