/*
 * SASL as RFC 6120, section 6.4 writes it: <auth/>, <challenge/>, <response/>, <abort/>, <success/> and
 * <failure/> in one namespace, data in base64. An empty initial response is `=`, which differs from none.
 */
import type { Element } from '../../element.js';
import { xml } from '../../builder.js';
import { NS } from '../../namespaces.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import type { SaslCondition } from './mechanism.js';

export interface AuthRequest {
  readonly mechanism: string;
  /** undefined: none was sent. */
  readonly initial: Uint8Array | undefined;
}

/** What <auth/> asks for, or the condition to refuse it with. */
export function readAuth(element: Element): AuthRequest | SaslCondition {
  const mechanism = element.attr('mechanism');
  if (!mechanism) return 'invalid-mechanism';
  if (element.text === '') return { mechanism, initial: undefined };
  const initial = readData(element);
  return initial ? { mechanism, initial } : 'incorrect-encoding';
}

/** The data of an <auth/>, <challenge/>, <response/> or <success/>; undefined when it is not base64. */
export function readData(element: Element): Uint8Array | undefined {
  return element.text === '=' ? new Uint8Array() : decodeBase64(element.text);
}

export const writeChallenge = (data: Uint8Array): Element =>
  xml('challenge', { xmlns: NS.sasl }, encodeBase64(data));

/** Additional data is left out when there is none, `=` when it is empty (section 6.4.6). */
export const writeSuccess = (data: Uint8Array | undefined): Element =>
  xml('success', { xmlns: NS.sasl }, data ? encodeBase64(data) || '=' : '');

export const writeFailure = (condition: SaslCondition): Element =>
  xml('failure', { xmlns: NS.sasl }, xml(condition));
