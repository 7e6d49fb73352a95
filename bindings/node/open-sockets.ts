/*
 * The sockets that a server's listeners have accepted, whatever is spoken on them and before anything is.
 * Those on which nothing of XMPP is spoken yet, in a TLS handshake or with HTTP on them, wait: the server does
 * not know them and cannot count them, so their number is bounded here.
 *
 * Each has an error listener from its first moment: an error that nobody listens for ends the process, and
 * Node's HTTP server takes its own listener away when a client asks for an upgrade. What the handlers of
 * a socket throw costs that socket alone.
 */
import type { Server as NetServer, Socket } from 'node:net';
import type { Server } from '../server/index.js';

export class OpenSockets {
  readonly #server: Server;
  readonly #maxWaiting: number;
  readonly #sockets = new Set<Socket>();
  /** By the client's address and port, which TLS shares with what is below it. */
  readonly #waiting = new Set<string>();

  constructor(server: Server, maxWaiting: number) {
    this.#server = server;
    this.#maxWaiting = maxWaiting;
  }

  /** Knows the listener's sockets from now on, before their handlers do. */
  watch(listener: NetServer, haveToWait: boolean): void {
    const add = (socket: Socket): void => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', (error) => this.#log('debug', 'socket error', socket, error));
    };
    listener.prependListener('connection', (socket: Socket) => {
      add(socket);
      if (haveToWait) this.#wait(socket);
    });
    // TLS: a socket of its own upon the first one.
    listener.prependListener('secureConnection', add);
  }

  /** It belongs to a client of the server now. */
  served(socket: Socket): void {
    this.#waiting.delete(peerOf(socket));
  }

  #wait(socket: Socket): void {
    const peer = peerOf(socket);
    if (this.#waiting.size >= this.#maxWaiting) {
      this.#server.log('warn', 'too many sockets wait', { peer });
      socket.destroy();
      return;
    }
    this.#waiting.add(peer);
    socket.on('close', () => this.#waiting.delete(peer));
  }

  /** A handler whose fault costs the socket. */
  guard(socket: Socket, handle: () => void): void {
    try {
      handle();
    } catch (error) {
      this.#log('error', 'a socket failed', socket, error);
      socket.destroy();
    }
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #log(level: 'debug' | 'error', event: string, socket: Socket, error: unknown): void {
    this.#server.log(level, event, { peer: peerOf(socket), error: String(error) });
  }
}

const peerOf = ({ remoteAddress = '?', remotePort = 0 }: Socket): string =>
  `${remoteAddress}:${remotePort}`;
