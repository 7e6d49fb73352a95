/*
 * What the two ways to write SASL as XML have in common. SASL2 (XEP-0388) says more at once: who the client
 * is, and what it wants when it is in. RFC 6120 is the part of it that asks for nothing else.
 */
import type { Element } from '../../element.js';
import type { SaslCondition } from './mechanism.js';

export interface AuthRequest {
  readonly mechanism: string;
  /** undefined: none was sent. */
  readonly initial: Uint8Array | undefined;
  /** What identifies this installation of the client; SASL2 only. */
  readonly clientId?: string | undefined;
  /** What is to be done once it is in: <bind/> (XEP-0386), <resume/> (XEP-0198); SASL2 only. */
  readonly bind?: Element | undefined;
  readonly resume?: Element | undefined;
}

export interface SaslDialect {
  readonly ns: string;
  /** What a start asks for, or the condition to refuse it with. */
  readAuth(element: Element): AuthRequest | SaslCondition;
  /** The data of a challenge or a response; undefined when it is not base64. */
  readData(element: Element): Uint8Array | undefined;
  writeAuth(request: AuthRequest): Element;
  writeChallenge(data: Uint8Array): Element;
  writeResponse(data: Uint8Array): Element;
  writeFailure(condition: SaslCondition): Element;
  /** The condition of a failure; `not-authorized` where it names none. */
  readFailure(element: Element): string;
}
