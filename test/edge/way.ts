/*
 * Bytes on their way to an example, which can be lost: a port of its own, whose connections all break at once.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export class Way {
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();
  readonly #target: URL;

  private constructor(service: string) {
    this.#target = new URL(service);
    this.#listener = createServer((near) => {
      const far = connect(Number(this.#target.port), '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          near.destroy();
          far.destroy();
          this.#sockets.delete(socket);
        });
      }
    });
  }

  static async to(service: string): Promise<Way> {
    const way = new Way(service);
    way.#listener.listen(0, '127.0.0.1');
    await once(way.#listener, 'listening');
    return way;
  }

  /** The same service by this way. */
  get service(): string {
    const { port } = this.#listener.address() as AddressInfo;
    return this.#target.href.replace(`:${this.#target.port}/`, `:${port}/`);
  }

  /** All connections are gone, without a word. */
  break(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.break();
    this.#listener.close();
  }
}
