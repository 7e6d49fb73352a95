/*
 * WebSocket (RFC 7395) on Node by the library `ws`, behind an HTTP server's `upgrade` event. The
 * subprotocol `xmpp` is mandatory (section 3.1); messages are text (section 3.2).
 *
 * `ws` leaves the check of UTF-8 to the parser, which answers with a stream error, and limits what it
 * collects before a message is whole.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { WebSocket, WebSocketServer } from 'ws';
import { UsageError } from '../errors.js';
import type { ChannelBinding } from '../protocol/sasl/channel-binding.js';
import type { ConnectOptions, Server, Transport } from '../server/index.js';
import { webSocketFraming, webSocketProtocol } from '../transport/websocket.js';
import { tlsFactsOf } from './channel-bindings.js';
import { pathOf } from './http-answers.js';
import { optionalPackage } from './optional-package.js';

const lingerMs = 1000;

/** Above what a stanza may have, so that the limit of the parser comes first. */
const maxMessageBytes = 524_288;

export type Upgrade = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  /** The socket is a client's of the server. */
  whenAccepted: () => void,
) => void;

export interface WebSocketEndpoint {
  /** For the `upgrade` event of an HTTP server. */
  readonly upgrade: Upgrade;
  close(): void;
}

export interface WebSocketOptions extends ConnectOptions {
  /** The binding to the server's certificate. */
  readonly endPoint?: ChannelBinding | undefined;
}

/** Throws UsageError when `ws` is not installed. */
export async function webSocketEndpoint(
  server: Server,
  path: string,
  { endPoint, ...options }: WebSocketOptions,
): Promise<WebSocketEndpoint> {
  const { WebSocketServer } = await optionalPackage(
    () => import('ws'),
    "WebSocket needs the package 'ws', which is not installed: npm install ws",
  );
  const sockets: WebSocketServer = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    skipUTF8Validation: true,
    perMessageDeflate: false,
    handleProtocols: () => webSocketProtocol,
  });
  return {
    upgrade(request, socket, head, whenAccepted) {
      const offered = request.headers['sec-websocket-protocol'] ?? '';
      if (pathOf(request.url) !== path) {
        reject(socket, '404 Not Found');
        return;
      }
      if (!offered.split(',').some((name) => name.trim() === webSocketProtocol)) {
        reject(socket, '400 Bad Request');
        return;
      }
      sockets.handleUpgrade(request, socket, head, (accepted) => {
        const { remoteAddress = '?', remotePort = 0 } = request.socket;
        const peer = `${remoteAddress}:${remotePort}`;
        whenAccepted();
        const { socket: carrier } = request;
        accept(accepted, socket, server, {
          ...options,
          // A browser cannot see them; other clients can.
          ...(carrier instanceof TLSSocket && { tlsFacts: tlsFactsOf(carrier, endPoint) }),
          peer,
          address: remoteAddress,
        });
      });
    },
    close: () => sockets.close(),
  };
}

function reject(socket: Duplex, status: string): void {
  // The client need not close its side.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function accept(
  webSocket: WebSocket,
  socket: Duplex,
  server: Server,
  options: ConnectOptions,
): void {
  const transport: Transport = {
    write(units) {
      // Corked, the messages leave in one system call.
      socket.cork();
      for (const unit of units) webSocket.send(unit, { binary: false });
      socket.uncork();
      return webSocket.bufferedAmount;
    },
    startTls() {
      throw new UsageError('there is no STARTTLS on WebSocket');
    },
    close() {
      webSocket.close(1000);
      setTimeout(() => webSocket.terminate(), lingerMs).unref();
    },
    destroy() {
      webSocket.terminate();
    },
    pause() {
      webSocket.pause();
    },
    resume() {
      webSocket.resume();
    },
  };
  const connection = server.connect(transport, { ...options, framing: webSocketFraming });
  webSocket.on('message', (data, isBinary) => {
    // RFC 7395, section 3.2: only text; 1003 is WebSocket's word for data of the wrong kind.
    if (isBinary || !(data instanceof Uint8Array)) webSocket.close(1003);
    else connection.receive(data);
  });
  webSocket.on('close', () => connection.disconnected());
  webSocket.on('error', (error) => {
    server.log('debug', 'socket error', { id: connection.id, error: error.message });
  });
}
