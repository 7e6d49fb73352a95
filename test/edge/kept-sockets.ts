/*
 * The sockets of an object without workerd: they outlive every `HibernatingStreams` that is made over them.
 */
import type { SocketKeeper, WorkerSocket } from 'tercet/workers';

export class KeptSocket implements WorkerSocket {
  readonly sent: string[] = [];
  closeCode: number | undefined;
  bufferedAmount = 0;
  tags: readonly string[] = [];
  #attachment = '';

  send(message: string): void {
    if (this.closeCode !== undefined) throw new TypeError('closed');
    this.sent.push(message);
  }

  close(code?: number): void {
    this.closeCode ??= code ?? 1005;
  }

  serializeAttachment(value: unknown): void {
    this.#attachment = JSON.stringify(value);
    if (this.#attachment.length > 16_384) throw new RangeError('too large');
  }

  deserializeAttachment(): unknown {
    return this.#attachment === '' ? null : (JSON.parse(this.#attachment) as unknown);
  }
}

export class Keeper implements SocketKeeper {
  readonly sockets: KeptSocket[] = [];

  acceptWebSocket(socket: WorkerSocket, tags: string[] = []): void {
    if (!(socket instanceof KeptSocket)) throw new TypeError('a socket of somebody else');
    socket.tags = tags;
    this.sockets.push(socket);
  }

  getWebSockets(tag?: string): WorkerSocket[] {
    return this.sockets.filter(
      (socket) =>
        socket.closeCode === undefined && (tag === undefined || socket.tags.includes(tag)),
    );
  }
}
