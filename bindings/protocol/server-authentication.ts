/*
 * Authentication as elements, on the server's side: which way it is written (RFC 6120, section 6, or
 * SASL2, XEP-0388) is decided by the element that begins an attempt, and holds until the attempt is over.
 *
 *     <auth/>, <authenticate/>   a new attempt
 *     <response/>                goes on; in the other dialect it is a response to nothing
 *     <abort/>                   ends it
 */
import type { Element } from '../element.js';
import { NS } from '../namespaces.js';
import { classicSasl } from './sasl/classic.js';
import type { AuthRequest, SaslDialect } from './sasl/dialect.js';
import type { AuthAnswer, SaslCondition, SaslStep } from './sasl/mechanism.js';
import { SaslServer } from './sasl/negotiation.js';
import type { SaslServerOptions } from './sasl/negotiation.js';
import { sasl2 } from './sasl/sasl2.js';

export class ServerAuthentication {
  readonly server: SaslServer;
  #dialect: SaslDialect = classicSasl;
  #request: AuthRequest | undefined;

  constructor(options: SaslServerOptions) {
    this.server = new SaslServer(options);
  }

  /** What the client asked for beside authentication; undefined in the dialect of RFC 6120. */
  get inline(): AuthRequest | undefined {
    return this.#dialect === sasl2 ? this.#request : undefined;
  }

  start(element: Element): SaslStep {
    this.#dialect = element.ns === NS.sasl2 ? sasl2 : classicSasl;
    const request = this.#dialect.readAuth(element);
    if (typeof request === 'string') return this.server.fail(request);
    this.#request = request;
    return this.server.start(request.mechanism, request.initial);
  }

  /** An attempt that fails whatever it says. */
  refuse(element: Element, condition: SaslCondition): SaslStep {
    this.#dialect = element.ns === NS.sasl2 ? sasl2 : classicSasl;
    return this.server.fail(condition);
  }

  respond(element: Element): SaslStep {
    if (element.ns !== this.#dialect.ns) return this.server.fail('malformed-request');
    const data = this.#dialect.readData(element);
    return data ? this.server.respond(data) : this.server.fail('incorrect-encoding');
  }

  answer(answer: AuthAnswer): SaslStep {
    return this.server.answer(answer);
  }

  writeChallenge(data: Uint8Array): Element {
    return this.#dialect.writeChallenge(data);
  }

  writeFailure(condition: SaslCondition): Element {
    return this.#dialect.writeFailure(condition);
  }
}
