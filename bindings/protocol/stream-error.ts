/*
 * The 25 conditions that end a stream (RFC 6120, section 4.9.3) and the element that names one.
 * A stream error is final: after it come the closing tag and nothing else.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';

export type StreamCondition =
  | 'bad-format'
  | 'bad-namespace-prefix'
  | 'conflict'
  | 'connection-timeout'
  | 'host-gone'
  | 'host-unknown'
  | 'improper-addressing'
  | 'internal-server-error'
  | 'invalid-from'
  | 'invalid-namespace'
  | 'invalid-xml'
  | 'not-authorized'
  | 'not-well-formed'
  | 'policy-violation'
  | 'remote-connection-failed'
  | 'reset'
  | 'resource-constraint'
  | 'restricted-xml'
  | 'see-other-host'
  | 'system-shutdown'
  | 'undefined-condition'
  | 'unsupported-encoding'
  | 'unsupported-feature'
  | 'unsupported-stanza-type'
  | 'unsupported-version';

export interface StreamErrorOptions {
  /** For people who read logs: one sentence in English, nothing that the peer wrote. */
  readonly text?: string | undefined;
  /** With `see-other-host`: where to go (section 4.9.3.19), `host:port`, IPv6 in brackets. */
  readonly host?: string | undefined;
  /** A condition of the application's own, in its namespace (section 4.9.4). */
  readonly application?: Element | undefined;
}

export function streamError(
  condition: StreamCondition,
  { text, host, application }: StreamErrorOptions = {},
): Element {
  return xml(
    'stream:error',
    { 'xmlns:stream': NS.streams },
    xml(condition, { xmlns: NS.streamErrors }, ...(host ? [host] : [])),
    ...(text ? [xml('text', { xmlns: NS.streamErrors, 'xml:lang': 'en' }, text)] : []),
    ...(application ? [application] : []),
  );
}
