/*
 * Sockets for a server: XMPP with STARTTLS, XMPP over TLS (XEP-0368), WebSocket (RFC 7395). Each port is
 * opened if it is named; all or none of them are.
 *
 *     const listening = await listen(server, { port: 5222, httpPort: 5280 });
 *     await listening.close();
 */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener, Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { UsageError } from '../errors.js';
import type { Server } from '../server/index.js';
import { endPointBinding } from './channel-bindings.js';
import { answerHttp, webSocketPath } from './http-answers.js';
import { OpenSockets } from './open-sockets.js';
import type { StaticFiles } from './static-files.js';
import { acceptSocket } from './tcp-transport.js';
import { webSocketEndpoint } from './websocket-transport.js';

export interface ListenOptions {
  /** Loopback by default: nobody else can connect. */
  readonly host?: string;
  /** XMPP; 0 takes a free port. */
  readonly port?: number | undefined;
  /** XMPP over TLS; needs `certificate`. */
  readonly tlsPort?: number | undefined;
  /** HTTP with WebSocket at `/xmpp-websocket`, HTTPS if TLS is required; needs the package `ws`. */
  readonly httpPort?: number | undefined;
  /** PEM: the certificate with its chain, and its key. With it STARTTLS is offered. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
  /** Files for browsers at `/` of the HTTP port (`readStaticFiles`); absent: a page of plain text. */
  readonly pages?: StaticFiles | undefined;
  /** Whether clients must start TLS before they authenticate. */
  readonly isTlsRequired?: boolean;
  /** How long a TLS handshake may take, and a request of HTTP from its first byte to its last (10,000). */
  readonly handshakeMs?: number;
  /** Sockets in a handshake or with HTTP on them; one more is closed (1,000). */
  readonly maxWaiting?: number;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Listening {
  readonly tcp?: Address;
  readonly tls?: Address;
  readonly http?: Address;
  /** No new clients; `system-shutdown` to the others, who are cut off after `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

const tickMs = 250;
/** Enough for a page with its files; what is kept open for nothing can be opened again. */
const keepAliveMs = 5000;
const maxHeaderBytes = 16_384;

export function listen(server: Server, options: ListenOptions): Promise<Listening> {
  return listenBy(server, options, (httpServer) => httpServer);
}

/** What accepts the sockets of an HTTP server: that itself, where it does it well. */
export type HttpAcceptor = (
  httpServer: HttpServer,
  options: { readonly requestMs: number; readonly certificate: ListenOptions['certificate'] },
) => NetServer;

/** `listen` for a runtime whose HTTP server wants its sockets accepted in another way. */
export async function listenBy(
  server: Server,
  options: ListenOptions,
  acceptorOf: HttpAcceptor,
): Promise<Listening> {
  const { host = '127.0.0.1', port, tlsPort, httpPort, certificate } = options;
  const { handshakeMs = 10_000, maxWaiting = 1000 } = options;
  const opened: NetServer[] = [];
  const sockets = new OpenSockets(server, maxWaiting);
  const open = async (listener: NetServer, wanted: number): Promise<Address> => {
    sockets.watch(listener, listener !== tcpServer);
    listener.listen(wanted, host);
    await once(listener, 'listening');
    // Such as too many open files: one client less, not the end of the others.
    listener.on('error', (error) => {
      server.log('error', 'a port failed', { port: wanted, error: error.message });
    });
    opened.push(listener);
    const { address, port: actual } = listener.address() as AddressInfo;
    return { host: address, port: actual };
  };

  const endPoint = certificate && endPointBinding(certificate.cert);
  const secureContext = certificate && createSecureContext(certificate);
  const tls = !certificate ? 'none' : options.isTlsRequired ? 'required' : 'offered';
  if (options.isTlsRequired && !certificate) throw new UsageError('TLS needs a certificate');
  const isHttps = tls === 'required';
  const webSockets =
    httpPort === undefined
      ? undefined
      : await webSocketEndpoint(server, webSocketPath, { isEncrypted: isHttps, endPoint });
  const tcpServer = createTcpServer((socket) =>
    sockets.guard(socket, () => acceptSocket(socket, server, { tls, secureContext, endPoint })),
  );
  const tlsServer =
    certificate &&
    createTlsServer(
      { ...certificate, ALPNProtocols: ['xmpp-client'], handshakeTimeout: handshakeMs },
      (socket) => {
        sockets.served(socket);
        sockets.guard(socket, () => acceptSocket(socket, server, { isEncrypted: true, endPoint }));
      },
    );
  const answer: RequestListener = (request, response) =>
    sockets.guard(request.socket, () =>
      answerHttp(request, response, {
        server,
        scheme: isHttps ? 'wss' : 'ws',
        pages: options.pages,
      }),
    );
  const httpOptions = {
    // A client that sends its request a byte at a time is answered 408 and gone.
    headersTimeout: handshakeMs,
    requestTimeout: handshakeMs,
    connectionsCheckingInterval: Math.min(1000, handshakeMs),
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: maxHeaderBytes,
  };
  const httpServer =
    certificate && isHttps
      ? createHttpsServer({ ...certificate, ...httpOptions, handshakeTimeout: handshakeMs }, answer)
      : createHttpServer(httpOptions, answer);
  const httpAcceptor = acceptorOf(httpServer, {
    requestMs: handshakeMs,
    certificate: isHttps ? certificate : undefined,
  });
  for (const listener of [tlsServer, httpAcceptor]) {
    // Without it a handshake that failed or takes too long is told and kept.
    listener?.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      server.log('debug', 'TLS failed', { error: error.message });
      socket.destroy();
    });
  }
  if (webSockets) {
    httpServer.on('upgrade', (request, socket, head) => {
      sockets.guard(request.socket, () =>
        webSockets.upgrade(request, socket, head, () => sockets.served(request.socket)),
      );
    });
  }

  let tcp: Address | undefined;
  let direct: Address | undefined;
  let http: Address | undefined;
  try {
    if (port !== undefined) tcp = await open(tcpServer, port);
    if (tlsPort !== undefined && tlsServer) direct = await open(tlsServer, tlsPort);
    if (httpPort !== undefined) http = await open(httpAcceptor, httpPort);
  } catch (error) {
    for (const listener of opened) listener.close();
    throw error;
  }

  const ticking = setInterval(() => server.tick(), tickMs);
  const close = async (graceMs = 3000): Promise<void> => {
    const closed = opened.map((listener) => {
      listener.close();
      return once(listener, 'close');
    });
    server.stop();
    const deadline = performance.now() + graceMs;
    while (server.connectionCount > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    server.cut();
    clearInterval(ticking);
    webSockets?.close();
    // Those too that never became a connection: idle HTTP, a TLS handshake that was not finished.
    sockets.destroy();
    await Promise.all(closed);
  };
  return {
    ...(tcp && { tcp }),
    ...(direct && { tls: direct }),
    ...(http && { http }),
    close,
  };
}
