/*
 * Which mechanism a client takes of those that are offered, and what it says of channel binding
 * (RFC 5802, section 6; XEP-0440). The client's order decides, never the server's: an attacker may have
 * written that. What could lead to a weaker mechanism unawares is guarded three times:
 *
 *     a mechanism that the host does not list is never used; PLAIN only under TLS unless it says otherwise
 *     no -PLUS is offered      the client says that it could have (`y`), so that the server sees a theft
 *     -PLUS is offered, but no channel that both know (XEP-0440)      it says that it cannot (`n`)
 *
 * A server that lists no channels is taken to know none of ours: ejabberd 23.01 offers -PLUS over TLS 1.3 and
 * refuses the right password that is bound by `tls-exporter`.
 */
import type { ChannelBinding } from './channel-binding.js';
import type { MechanismName } from './negotiation.js';
import type { ClientBinding } from './scram-client.js';

export interface MechanismOffer {
  readonly mechanisms: readonly string[];
  /** The channel bindings that the server lists; undefined: it lists none. */
  readonly channelBindings: readonly string[] | undefined;
}

export interface MechanismPolicy {
  /** Best first. */
  readonly accepted: readonly MechanismName[];
  /** Those of this connection, best first. */
  readonly channelBindings: readonly ChannelBinding[];
  readonly isPlainAllowed: boolean;
}

export interface MechanismChoice {
  readonly name: MechanismName;
  readonly binding: ClientBinding;
}

/** The acceptable mechanisms of an offer, best first. */
export function chooseMechanisms(
  offer: MechanismOffer,
  policy: MechanismPolicy,
): readonly MechanismChoice[] {
  const { mechanisms, channelBindings } = offer;
  const common = policy.channelBindings.find(({ type }) => channelBindings?.includes(type));
  const isPlusOffered = mechanisms.some((name) => name.endsWith('-PLUS'));
  const unbound: ClientBinding =
    policy.channelBindings.length > 0 && !isPlusOffered ? 'not-offered' : 'none';
  return policy.accepted.flatMap((name): MechanismChoice[] => {
    if (!mechanisms.includes(name)) return [];
    if (name === 'PLAIN' && !policy.isPlainAllowed) return [];
    if (!name.endsWith('-PLUS')) return [{ name, binding: unbound }];
    return common ? [{ name, binding: common }] : [];
  });
}
