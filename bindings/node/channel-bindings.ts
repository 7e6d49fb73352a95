/*
 * What Node knows of a TLS connection that only its two ends can know, for the -PLUS mechanisms of SASL:
 *
 *     tls-exporter           32 bytes of the session, label EXPORTER-Channel-Binding, no context (RFC 9266).
 *                            From TLS 1.3 on: below, they are only unique with an extension (RFC 7627) of which
 *                            Node does not tell whether it is in use
 *     tls-server-end-point   a hash of the server's certificate (RFC 5929, section 4): the hash function of
 *                            its signature, SHA-256 in place of MD5 and SHA-1; none where the signature has no
 *                            single one, such as Ed25519 and RSA-PSS
 */
import { X509Certificate, createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ChannelBinding, TlsFacts } from '../protocol/sasl/channel-binding.js';

/** By the object identifier of a signature algorithm, as DER has it in hexadecimal. */
const hashes: Readonly<Record<string, string | undefined>> = {
  '2a864886f70d010104': 'sha256', // md5WithRSAEncryption
  '2a864886f70d010105': 'sha256', // sha1WithRSAEncryption
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a864886f70d01010e': 'sha224',
  '2a8648ce3d0401': 'sha256', // ecdsa-with-SHA1
  '2a8648ce3d040301': 'sha224',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
};

/**
 * The binding to a server's certificate: DER, or the first one of a PEM chain.
 *
 *     endPointBinding(await readFile('cert.pem', 'utf8'))?.data    // 32 bytes for a signature with SHA-256
 *
 * Throws what Node throws for what is no certificate.
 */
export function endPointBinding(certificate: string | Uint8Array): ChannelBinding | undefined {
  const der = new X509Certificate(certificate).raw;
  const hash = hashes[signatureAlgorithm(der)];
  if (hash === undefined) return undefined;
  return { type: 'tls-server-end-point', data: createHash(hash).update(der).digest() };
}

/** What can be said of a connection whose handshake is done. */
export function tlsFactsOf(socket: TLSSocket, endPoint: ChannelBinding | undefined): TlsFacts {
  const channelBindings: ChannelBinding[] = endPoint ? [endPoint] : [];
  // Deno's `node:tls` has no such method.
  const canExport = typeof (socket.exportKeyingMaterial as unknown) === 'function';
  if (canExport && socket.getProtocol() === 'TLSv1.3') {
    const data = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    channelBindings.push({ type: 'tls-exporter', data });
  }
  return { channelBindings };
}

/** Certificate ::= SEQUENCE { tbsCertificate, AlgorithmIdentifier ::= SEQUENCE { OID, ... }, BIT STRING } */
function signatureAlgorithm(der: Uint8Array): string {
  const signed = contentOf(der, 0);
  const algorithm = contentOf(der, signed.start);
  const sequence = contentOf(der, algorithm.end);
  const { start, end } = contentOf(der, sequence.start);
  return Buffer.from(der.subarray(start, end)).toString('hex');
}

/** Where the content of the DER value at `offset` begins and ends. */
function contentOf(der: Uint8Array, offset: number): { start: number; end: number } {
  const first = der[offset + 1] ?? 0;
  const sizeBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + sizeBytes;
  let size = sizeBytes === 0 ? first : 0;
  for (let index = offset + 2; index < start; index++) size = size * 256 + (der[index] ?? 0);
  return { start, end: start + size };
}
