/*
 * SASL as XEP-0388 writes it, with Bind 2 (XEP-0386) and resumption (XEP-0198) inside:
 *
 *     C  <authenticate mechanism=''>
 *          <initial-response/>  <user-agent id=''/>
 *          <bind xmlns='urn:xmpp:bind:0'><tag/> <enable xmlns='urn:xmpp:sm:3'/> ...</bind>
 *          <resume xmlns='urn:xmpp:sm:3'/>
 *     S  <challenge/>   C  <response/>   as before
 *     S  <success>
 *          <additional-data/>  <authorization-identifier/>
 *          <bound xmlns='urn:xmpp:bind:0'>...</bound>  or  <resumed/>
 *        <stream:features/>     of the same stream: there is no restart
 *
 * Here an empty element is empty data; data that is not there has no element.
 */
import type { Element } from '../../element.js';
import { xml } from '../../builder.js';
import { NS } from '../../namespaces.js';
import { decodeBase64, encodeBase64 } from './base64.js';
import type { SaslDialect } from './dialect.js';

const xmlns = NS.sasl2;

const readData = (element: Element): Uint8Array | undefined => decodeBase64(element.text);

export const sasl2: SaslDialect = {
  ns: xmlns,

  readAuth(element) {
    const mechanism = element.attr('mechanism');
    if (!mechanism) return 'invalid-mechanism';
    const response = element.child('initial-response', xmlns);
    const initial = response && readData(response);
    if (response && !initial) return 'incorrect-encoding';
    return {
      mechanism,
      initial,
      clientId: element.child('user-agent', xmlns)?.attr('id'),
      bind: element.child('bind', NS.bind2),
      resume: element.child('resume', NS.streamManagement),
    };
  },

  readData,

  writeAuth: ({ mechanism, initial, clientId, bind, resume }) =>
    xml(
      'authenticate',
      { xmlns, mechanism },
      initial && xml('initial-response', {}, encodeBase64(initial)),
      clientId !== undefined && xml('user-agent', { id: clientId }),
      bind,
      resume,
    ),

  writeChallenge: (data) => xml('challenge', { xmlns }, encodeBase64(data)),

  writeResponse: (data) => xml('response', { xmlns }, encodeBase64(data)),

  // The conditions are those of RFC 6120, in its namespace.
  writeFailure: (condition) => xml('failure', { xmlns }, xml(condition, { xmlns: NS.sasl })),

  readFailure: (element) =>
    element.elements().find(({ ns, name }) => ns === NS.sasl && name !== 'text')?.name ??
    'not-authorized',
};

/** `results` are those of what was asked for inside. */
export const writeSuccess2 = (
  data: Uint8Array | undefined,
  address: string,
  results: readonly Element[],
): Element =>
  xml(
    'success',
    { xmlns },
    data && xml('additional-data', {}, encodeBase64(data)),
    xml('authorization-identifier', {}, address),
    ...results,
  );

export interface Success2 {
  /** null: it is not base64. */
  readonly data: Uint8Array | undefined | null;
  readonly address: string;
  readonly bound: Element | undefined;
  readonly resumed: Element | undefined;
  readonly failed: Element | undefined;
}

export function readSuccess2(element: Element): Success2 {
  const data = element.child('additional-data', xmlns);
  return {
    data: data && (readData(data) ?? null),
    address: element.child('authorization-identifier', xmlns)?.text ?? '',
    bound: element.child('bound', NS.bind2),
    resumed: element.child('resumed', NS.streamManagement),
    failed: element.child('failed', NS.streamManagement),
  };
}
