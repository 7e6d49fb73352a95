/*
 * What this folder uses of workerd, as far as it uses it: the runtime's own types are a package of globals that
 * contradict those of other runtimes, and whoever has them can pass their values here.
 */

/** The server's end of a `WebSocketPair`. */
export interface WorkerSocket {
  /** Bytes that wait to be sent; older runtimes do not tell. */
  readonly bufferedAmount?: number;
  send(message: string): void;
  close(code?: number, reason?: string): void;
  /** Kept with the socket while its object sleeps; at most 16 KiB. */
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

/** The same before anybody has taken it over. */
export interface NewSocket extends WorkerSocket {
  /** Events come to listeners of this socket: it keeps its object awake. */
  accept(): void;
  addEventListener(
    type: 'message' | 'close' | 'error',
    listener: (event: { readonly data?: unknown }) => void,
  ): void;
}

/** The part of a `DurableObjectState` that holds sockets while the object sleeps. */
export interface SocketKeeper {
  acceptWebSocket(socket: WorkerSocket, tags?: string[]): void;
  getWebSockets(tag?: string): WorkerSocket[];
}

/** The part of a request that an upgrade is decided on. */
export interface UpgradeRequest {
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

interface SocketPair {
  readonly 0: unknown;
  readonly 1: NewSocket;
}

/** The client's end, which goes into the response, and the server's. Throws in other runtimes. */
export function makeSocketPair(): SocketPair {
  const { WebSocketPair } = globalThis as unknown as { WebSocketPair?: new () => SocketPair };
  if (WebSocketPair === undefined) throw new TypeError('there is no WebSocketPair: not workerd');
  return new WebSocketPair();
}
