/*
 * SASL as RFC 6120, section 6.4 writes it: <auth/>, <challenge/>, <response/>, <abort/>, <success/> and
 * <failure/> in one namespace, data in base64. An empty initial response is `=`, which differs from none.
 */
import type { Element } from '../../element.js';
import { xml } from '../../builder.js';
import { NS } from '../../namespaces.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import type { SaslDialect } from './dialect.js';

const xmlns = NS.sasl;

const readData = (element: Element): Uint8Array | undefined =>
  element.text === '=' ? new Uint8Array() : decodeBase64(element.text);

export const classicSasl: SaslDialect = {
  ns: xmlns,

  readAuth(element) {
    const mechanism = element.attr('mechanism');
    if (!mechanism) return 'invalid-mechanism';
    if (element.text === '') return { mechanism, initial: undefined };
    const initial = readData(element);
    return initial ? { mechanism, initial } : 'incorrect-encoding';
  },

  readData,

  writeAuth: ({ mechanism, initial }) =>
    xml('auth', { xmlns, mechanism }, initial ? encodeBase64(initial) || '=' : ''),

  writeChallenge: (data) => xml('challenge', { xmlns }, encodeBase64(data)),

  writeResponse: (data) => xml('response', { xmlns }, encodeBase64(data)),

  writeFailure: (condition) => xml('failure', { xmlns }, xml(condition)),

  readFailure: (element) =>
    element.elements().find(({ name }) => name !== 'text')?.name ?? 'not-authorized',
};

/** Additional data is left out when there is none, `=` when it is empty (section 6.4.6). */
export const writeSuccess = (data: Uint8Array | undefined): Element =>
  xml('success', { xmlns }, data ? encodeBase64(data) || '=' : '');

/** The additional data of a <success/>; null when it is not base64. */
export const readSuccess = (element: Element): Uint8Array | undefined | null =>
  element.text === '' ? undefined : (readData(element) ?? null);
