/*
 * Channel binding (RFC 5056, RFC 5929, RFC 9266): bytes that both ends of a TLS connection know and nobody
 * between them does. A -PLUS mechanism signs them, so a proof is worth nothing on another connection.
 *
 *     tls-exporter           32 bytes exported from the session (RFC 9266): TLS 1.3
 *     tls-server-end-point   a hash of the server's certificate (RFC 5929): any TLS, no replay protection
 *     tls-unique             broken without the extended master secret, gone with TLS 1.3: not spoken
 *
 * Only the host knows the bytes. What it gives is offered, in this order (XEP-0440).
 */
export type ChannelBindingType = 'tls-exporter' | 'tls-server-end-point';

export interface ChannelBinding {
  readonly type: ChannelBindingType;
  readonly data: Uint8Array;
}

/** What the host knows of a TLS connection when it holds. */
export interface TlsFacts {
  readonly channelBindings?: readonly ChannelBinding[];
  /** On a server: whether the client showed a certificate that was validated, which allows EXTERNAL. */
  readonly isPeerCertified?: boolean;
}

export const channelBindingTypes: readonly ChannelBindingType[] = [
  'tls-exporter',
  'tls-server-end-point',
];

/** The bindings that are there, best first. */
export function orderedBindings(facts: TlsFacts | undefined): readonly ChannelBinding[] {
  const given = facts?.channelBindings ?? [];
  return channelBindingTypes.flatMap(
    (type) => given.find((binding) => binding.type === type) ?? [],
  );
}
