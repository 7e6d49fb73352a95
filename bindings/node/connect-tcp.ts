/*
 * TCP as a transport of the client: `xmpp:` begins in clear and starts TLS on the same socket (RFC 6120,
 * section 5), `xmpps:` begins with TLS (XEP-0368).
 *
 * The certificate is checked for the domain of the account, not for the host that DNS named (section
 * 13.7.2): a record can be forged, a certificate cannot. TLS 1.2 is the least.
 */
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { checkServerIdentity, connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Endpoint, Transport, Wire, WireEvents } from '../client/transport.js';
import type { TlsFacts } from '../protocol/sasl/channel-binding.js';
import { tcpFraming } from '../transport/tcp.js';
import { endPointBinding, tlsFactsOf } from './channel-bindings.js';
import { discoverTcp, resolveSrv } from './connect-srv.js';
import type { ResolveSrv } from './connect-srv.js';

export interface TcpTransportOptions {
  /** PEM of the authorities to trust, instead of the public ones. */
  readonly ca?: string | Uint8Array | undefined;
  /** The name that the certificate is checked for, where it is not the domain of the account. */
  readonly servername?: string | undefined;
  /** Instead of DNS. */
  readonly resolveSrv?: ResolveSrv;
}

/** How long a server may take to take note that we closed. */
const lingerMs = 1000;

/**
 * XMPP over TCP for `connect` of any runtime that has Node's sockets.
 *
 *     connect({ jid, password, transports: [tcpTransport({ ca })] })
 */
export function tcpTransport(options: TcpTransportOptions = {}): Transport {
  return {
    schemes: ['xmpps:', 'xmpp:'],
    framing: tcpFraming,
    discover: (domain, signal) => discoverTcp(domain, signal, options.resolveSrv ?? resolveSrv),
    open: (endpoint, events, signal) => openSocket(endpoint, events, signal, options),
  };
}

async function openSocket(
  { uri, domain }: Endpoint,
  events: WireEvents,
  signal: AbortSignal,
  { ca, servername: wanted = domain }: TcpTransportOptions,
): Promise<Wire> {
  const { protocol, hostname, port } = new URL(uri);
  const servername = withoutBrackets(wanted);
  const isDirect = protocol === 'xmpps:';
  const place = {
    host: withoutBrackets(hostname),
    port: Number(port === '' ? (isDirect ? 5223 : 5222) : port),
  };
  const secure: ConnectionOptions = {
    // No name is sent for an address (RFC 6066, section 3).
    servername: isIP(servername) === 0 ? servername : '',
    minVersion: 'TLSv1.2',
    checkServerIdentity: (_host, certificate) => checkServerIdentity(servername, certificate),
    ...(ca !== undefined && { ca: Buffer.from(ca) }),
  };
  const direct = isDirect
    ? connectTls({ ...place, ...secure, ALPNProtocols: ['xmpp-client'] })
    : undefined;
  let socket: Socket = direct ?? connectTcp(place);
  await opened(socket, isDirect ? 'secureConnect' : 'connect', signal);
  socket.setNoDelay(true);

  let isOver = false;
  let failure: Error | undefined;
  const listeners = {
    data: (bytes: Buffer) => events.receive(bytes),
    drain: () => events.drained(),
    // `close` follows.
    error: (error: Error) => (failure = error),
    close: () => {
      if (isOver) return;
      isOver = true;
      events.disconnected(failure);
    },
  };
  const attach = (): void => {
    for (const [name, listener] of Object.entries(listeners)) socket.on(name, listener);
  };
  const detach = (): void => {
    for (const [name, listener] of Object.entries(listeners)) socket.off(name, listener);
  };
  attach();
  return {
    isEncrypted: isDirect,
    tlsFacts: direct && factsOf(direct),
    get bufferedBytes() {
      return socket.writableLength;
    },
    write: (bytes) => void socket.write(bytes),
    async startTls() {
      detach();
      const secured = connectTls({ ...secure, socket });
      socket = secured;
      await opened(secured, 'secureConnect', undefined);
      attach();
      return factsOf(secured);
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close() {
      socket.end();
      setTimeout(() => socket.destroy(), lingerMs).unref();
    },
    destroy() {
      isOver = true;
      socket.destroy();
    },
  };
}

/** An IPv6 address as TLS and sockets know it. */
const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** Resolves at the event; rejects with what stands in the way, and then nothing is left of the socket. */
function opened(socket: Socket, event: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      signal?.removeEventListener('abort', abort);
      socket.off(event, done).off('error', fail).off('close', lost);
      finish();
    };
    const done = (): void => settle(resolve);
    const fail = (error: Error): void =>
      settle(() => {
        // What comes of a socket that is given up concerns nobody.
        socket.on('error', () => undefined);
        socket.destroy();
        reject(told(error));
      });
    const lost = (): void => fail(new Error('the connection was closed'));
    const abort = (): void => fail(signal?.reason as Error);
    socket.on(event, done).on('error', fail).on('close', lost);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  });
}

/** Node has several addresses of a host fail in one error without words. */
function told(error: Error): Error {
  if (!(error instanceof AggregateError) || error.message !== '') return error;
  return new Error(error.errors.map((each: Error) => each.message).join(', '), { cause: error });
}

/** What binds a proof to this connection. */
function factsOf(socket: TLSSocket): TlsFacts {
  // Not every runtime that has Node's modules has all of them.
  const canTell = typeof (socket.getPeerX509Certificate as unknown) === 'function';
  const certificate = canTell ? socket.getPeerX509Certificate()?.raw : undefined;
  return tlsFactsOf(socket, certificate && endPointBinding(certificate));
}
