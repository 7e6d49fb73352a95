/*
 * The sockets that a server's listeners have accepted, whatever is spoken on them and before anything is.
 *
 * Each has an error listener from its first moment: an error that nobody listens for ends the process, and
 * Node's HTTP server takes its own listener away when a client asks for an upgrade. What the handlers of
 * a socket throw costs that socket alone.
 */
import type { Server as NetServer, Socket } from 'node:net';
import type { Server } from '../server/index.js';

export class OpenSockets {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
  }

  /** Knows the listener's sockets from now on, before their handlers do. */
  watch(listener: NetServer): void {
    const add = (socket: Socket): void => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', (error) => this.#log('debug', 'socket error', socket, error));
    };
    listener.prependListener('connection', add);
    // TLS: a socket of its own upon the first one.
    listener.prependListener('secureConnection', add);
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
    const peer = `${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`;
    this.#server.log(level, event, { peer, error: String(error) });
  }
}
