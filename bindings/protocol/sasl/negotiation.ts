/*
 * One stream's authentication on the server's side, in the shape of SASL2 (XEP-0388): a mechanism is
 * started, answers come and go, and the end is success or failure. How this is written as XML is a
 * projection: classic.ts has the one of RFC 6120, section 6, sasl2.ts the other.
 *
 * Attempts are counted over the whole connection, restarts included (section 6.4.5 wants at least two
 * and at most five). A failure says nothing about which part was wrong: an unknown user, a wrong
 * password and a refused account look the same from outside.
 */
import { orderedBindings } from './channel-binding.js';
import type { ChannelBinding, TlsFacts } from './channel-binding.js';
import { AnonymousServer, ExternalServer } from './external.js';
import { failed } from './mechanism.js';
import type { AuthAnswer, SaslStep, ServerMechanism } from './mechanism.js';
import { PlainServer } from './plain.js';
import { ScramServer } from './scram-server.js';

export type MechanismName =
  | 'SCRAM-SHA-256-PLUS'
  | 'SCRAM-SHA-1-PLUS'
  | 'SCRAM-SHA-256'
  | 'SCRAM-SHA-1'
  | 'EXTERNAL'
  | 'ANONYMOUS'
  | 'PLAIN';

/**
 * Offered unless others are named; strongest first, since many clients take the first that they know. The
 * -PLUS forms are offered where there are channel bindings, EXTERNAL to clients with a certificate.
 */
export const mechanismNames: readonly MechanismName[] = [
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-256',
  'SCRAM-SHA-1',
  'PLAIN',
];

export interface SaslServerOptions {
  readonly mechanisms: readonly MechanismName[];
  readonly maxAttempts: number;
  /** Printable ASCII without a comma, from a source that cannot be guessed. */
  readonly nonce: () => string;
}

export class SaslServer {
  readonly #options: SaslServerOptions;
  #bindings: readonly ChannelBinding[] = [];
  #isPeerCertified = false;
  #mechanism: ServerMechanism | undefined;
  #failureCount = 0;

  constructor(options: SaslServerOptions) {
    this.#options = options;
  }

  /** TLS holds: what it allows. */
  secured(facts: TlsFacts | undefined): void {
    this.#bindings = orderedBindings(facts);
    this.#isPeerCertified = facts?.isPeerCertified ?? false;
  }

  /** The mechanisms that are possible now. */
  get offered(): readonly MechanismName[] {
    return this.#options.mechanisms.filter((name) => {
      if (name === 'EXTERNAL') return this.#isPeerCertified;
      return !name.endsWith('-PLUS') || this.#bindings.length > 0;
    });
  }

  get channelBindings(): readonly ChannelBinding[] {
    return this.#offersPlus ? this.#bindings : [];
  }

  /** No further attempt is allowed: the stream must end (RFC 6120, section 6.4.5). */
  get isExhausted(): boolean {
    return this.#failureCount >= this.#options.maxAttempts;
  }

  start(name: string, initial: Uint8Array | undefined): SaslStep {
    const known = this.offered.find((mechanism) => mechanism === name);
    if (!known) return this.fail('invalid-mechanism');
    this.#mechanism = this.#make(known);
    return this.#take(this.#mechanism.start(initial));
  }

  respond(data: Uint8Array): SaslStep {
    if (!this.#mechanism) return this.fail('malformed-request');
    return this.#take(this.#mechanism.respond(data));
  }

  answer(answer: AuthAnswer): SaslStep {
    if (!this.#mechanism) return this.fail('temporary-auth-failure');
    return this.#take(this.#mechanism.answer(answer));
  }

  /** Ends the attempt from outside the mechanism: an abort, bad encoding, a refused identity. */
  fail(condition: Parameters<typeof failed>[0]): SaslStep {
    return this.#take(failed(condition));
  }

  get #offersPlus(): boolean {
    return this.offered.some((name) => name.endsWith('-PLUS'));
  }

  #take(step: SaslStep): SaslStep {
    if (step.type === 'failure') this.#failureCount += 1;
    if (step.type === 'failure' || step.type === 'success') this.#mechanism = undefined;
    return step;
  }

  #make(name: MechanismName): ServerMechanism {
    switch (name) {
      case 'PLAIN':
        return new PlainServer();
      case 'ANONYMOUS':
        return new AnonymousServer();
      case 'EXTERNAL':
        return new ExternalServer();
      case 'SCRAM-SHA-256-PLUS':
      case 'SCRAM-SHA-1-PLUS':
      case 'SCRAM-SHA-256':
      case 'SCRAM-SHA-1':
        return new ScramServer({
          hash: name.startsWith('SCRAM-SHA-1') ? 'SHA-1' : 'SHA-256',
          nonce: this.#options.nonce(),
          isPlus: name.endsWith('-PLUS'),
          offersPlus: this.#offersPlus,
          channelBindings: this.#bindings,
        });
    }
  }
}
