/*
 * What a server offers at each stage of a stream (RFC 6120, section 4.3.2), in the order in which it is
 * to be negotiated: TLS, then authentication; after authentication binding and what depends on it.
 *
 * Before TLS, where TLS is required, nothing else is offered. Limits (XEP-0478) are announced at each
 * stage, since they change with authentication. Extensions add their own element after authentication.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';

export interface FeatureState {
  readonly startTls: 'absent' | 'optional' | 'required';
  readonly mechanisms: readonly string[];
  readonly isAuthenticated: boolean;
  readonly hasManagement: boolean;
  readonly maxStanzaBytes: number;
  /** Elements of extensions for authenticated streams. */
  readonly extensions: readonly Element[];
}

export function streamFeatures(state: FeatureState): Element {
  return xml('stream:features', { 'xmlns:stream': NS.streams }, ...offered(state), limits(state));
}

function offered(state: FeatureState): Element[] {
  if (state.isAuthenticated) {
    return [
      xml('bind', { xmlns: NS.bind }),
      legacySession(),
      ...(state.hasManagement ? [xml('sm', { xmlns: NS.streamManagement })] : []),
      ...state.extensions,
    ];
  }
  if (state.startTls === 'required') {
    return [xml('starttls', { xmlns: NS.tls }, xml('required'))];
  }
  const mechanisms = state.mechanisms.map((name) => xml('mechanism', {}, name));
  return [
    ...(state.startTls === 'optional' ? [xml('starttls', { xmlns: NS.tls })] : []),
    ...(mechanisms.length > 0 ? [xml('mechanisms', { xmlns: NS.sasl }, ...mechanisms)] : []),
  ];
}

/** RFC 3921 had a session after binding. Some clients still ask for it; <optional/> tells the others. */
const legacySession = (): Element => xml('session', { xmlns: NS.session }, xml('optional'));

const limits = (state: FeatureState): Element =>
  xml('limits', { xmlns: NS.limits }, xml('max-bytes', {}, String(state.maxStanzaBytes)));
