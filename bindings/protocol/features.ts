/*
 * What a server offers at each stage of a stream (RFC 6120, section 4.3.2), in the order in which it is
 * to be negotiated: TLS, then authentication; after authentication binding and what depends on it.
 *
 *     before TLS, where it is required   <starttls><required/></starttls>
 *     before authentication              <starttls/>, <mechanisms/>, channel bindings (XEP-0440),
 *                                        <authentication/> (XEP-0388), <register/> (XEP-0077)
 *     after it                           <bind/>, <session/>, <sm/>, extensions
 *     bound by SASL2                     <sm/> where it can still be enabled, extensions
 *
 * Limits (XEP-0478) are announced at each stage, since they change with authentication.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';
import type { ChannelBinding } from './sasl/channel-binding.js';

export interface FeatureState {
  readonly startTls: 'absent' | 'optional' | 'required';
  readonly mechanisms: readonly string[];
  readonly channelBindings: readonly ChannelBinding[];
  readonly hasSasl2: boolean;
  readonly hasRegistration: boolean;
  readonly stage: 'unauthenticated' | 'unbound' | 'bound';
  readonly hasManagement: boolean;
  readonly maxStanzaBytes: number;
  /** Elements of extensions for authenticated streams. */
  readonly extensions: readonly Element[];
}

export function streamFeatures(state: FeatureState): Element {
  return xml('stream:features', { 'xmlns:stream': NS.streams }, ...offered(state), limits(state));
}

function offered(state: FeatureState): Element[] {
  const management = state.hasManagement ? [xml('sm', { xmlns: NS.streamManagement })] : [];
  switch (state.stage) {
    case 'bound':
      return [...management, ...state.extensions];
    case 'unbound':
      return [xml('bind', { xmlns: NS.bind }), legacySession(), ...management, ...state.extensions];
    case 'unauthenticated':
      if (state.startTls === 'required') {
        return [xml('starttls', { xmlns: NS.tls }, xml('required'))];
      }
      return [
        ...(state.startTls === 'optional' ? [xml('starttls', { xmlns: NS.tls })] : []),
        ...authentication(state),
        ...(state.hasRegistration ? [xml('register', { xmlns: registerNs })] : []),
      ];
  }
}

function authentication(state: FeatureState): Element[] {
  const mechanisms = state.mechanisms.map((name) => xml('mechanism', {}, name));
  if (mechanisms.length === 0) return [];
  const bindings = state.channelBindings.map(({ type }) => xml('channel-binding', { type }));
  return [
    xml('mechanisms', { xmlns: NS.sasl }, ...mechanisms),
    ...(bindings.length > 0
      ? [xml('sasl-channel-binding', { xmlns: channelNs }, ...bindings)]
      : []),
    ...(state.hasSasl2
      ? [xml('authentication', { xmlns: NS.sasl2 }, ...mechanisms, inline(state))]
      : []),
  ];
}

/** XEP-0077. */
const registerNs = 'http://jabber.org/features/iq-register';

/** XEP-0440. */
const channelNs = 'urn:xmpp:sasl-cb:0';

/** What may be asked for together with authentication (XEP-0388, XEP-0386). */
function inline({ hasManagement }: FeatureState): Element {
  const features = hasManagement ? [xml('feature', { var: NS.streamManagement })] : [];
  return xml(
    'inline',
    {},
    hasManagement && xml('sm', { xmlns: NS.streamManagement }),
    xml('bind', { xmlns: NS.bind2 }, xml('inline', {}, ...features)),
  );
}

/** RFC 3921 had a session after binding. Some clients still ask for it; <optional/> tells the others. */
const legacySession = (): Element => xml('session', { xmlns: NS.session }, xml('optional'));

const limits = (state: FeatureState): Element =>
  xml('limits', { xmlns: NS.limits }, xml('max-bytes', {}, String(state.maxStanzaBytes)));
