/*
 * A client's TCP socket as a transport: plain, then perhaps TLS on the same socket (RFC 6120, section 5),
 * or TLS from the start (XEP-0368).
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { ChannelBinding } from '../protocol/sasl/channel-binding.js';
import type { ConnectOptions, Server, Transport } from '../server/index.js';
import { tlsFactsOf } from './channel-bindings.js';

/** How long a client may take to take note that we closed. */
const lingerMs = 1000;

export interface AcceptOptions extends ConnectOptions {
  /** For STARTTLS. */
  readonly secureContext?: SecureContext | undefined;
  /** The binding to the server's certificate. */
  readonly endPoint?: ChannelBinding | undefined;
}

export function acceptSocket(socket: Socket, server: Server, options: AcceptOptions): void {
  const { secureContext, endPoint, ...connectOptions } = options;
  const peer = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
  let current = socket;

  const transport: Transport = {
    write(units) {
      const first = units.at(0);
      // One buffer is one system call; joining small ones costs less than writing them one by one.
      current.write(units.length === 1 && first ? first : Buffer.concat(units));
      return current.writableLength;
    },
    startTls() {
      socket.removeAllListeners('data');
      const secured = new TLSSocket(socket, {
        isServer: true,
        ...(secureContext && { secureContext }),
      });
      secured.once('secure', () => connection.secured(tlsFactsOf(secured, endPoint)));
      current = secured;
      attach();
    },
    close() {
      current.end();
      setTimeout(() => current.destroy(), lingerMs).unref();
    },
    destroy() {
      current.destroy();
    },
    pause() {
      current.pause();
    },
    resume() {
      current.resume();
    },
  };

  function attach(): void {
    current.on('data', (bytes: Buffer) => connection.receive(bytes));
    current.on('close', () => connection.disconnected());
    // `close` follows, and tells the connection.
    current.on('error', (error) => {
      server.log('debug', 'socket error', { id: connection.id, error: error.message });
    });
  }

  socket.setNoDelay(true);
  const { remoteAddress } = socket;
  const address = remoteAddress === undefined ? {} : { address: remoteAddress };
  const connection = server.connect(transport, {
    ...connectOptions,
    ...(socket instanceof TLSSocket && { tlsFacts: tlsFactsOf(socket, endPoint) }),
    peer,
    ...address,
  });
  attach();
}
