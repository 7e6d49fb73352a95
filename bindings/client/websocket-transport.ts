/*
 * WebSocket (RFC 7395) as a transport, with the constructor that browsers, workers, Deno, Bun and Node from
 * 22 on have as a global. TLS and the check of the certificate are theirs: `wss:`.
 *
 * A WebSocket tells neither why it could not be opened nor when there is room again: the first is left
 * unsaid, for the second its buffer is looked at while it is full. Messages are text (section 3.2).
 */
import { UsageError } from '../errors.js';
import { webSocketFraming, webSocketProtocol } from '../transport/websocket.js';
import { discoverWebSocket } from './host-meta.js';
import type { Endpoint, Transport, Wire, WireEvents } from './transport.js';

/** As much of a WebSocket as is needed. */
export interface WebSocketLike {
  readonly protocol: string;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number): void;
  /** Closes without a word to the other side, where that is possible: the package `ws`. */
  terminate?(): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
}

export type WebSocketClass = new (url: string, protocols: string) => WebSocketLike;

export interface WebSocketTransportOptions {
  /** Instead of the global one. */
  readonly WebSocket?: WebSocketClass;
  /** Instead of the global one, for XEP-0156. */
  readonly fetch?: typeof fetch;
}

/** Bytes from which on it is worth waiting for room. */
const highWaterBytes = 65_536;
const pollMs = 25;

/**
 * XMPP over WebSocket. `wss:` and, to this machine, `ws:`; a domain is looked up by XEP-0156.
 *
 *     connect({ jid, password, transports: [webSocketTransport({ WebSocket })] })
 */
export function webSocketTransport(options: WebSocketTransportOptions = {}): Transport {
  return {
    schemes: ['wss:', 'ws:'],
    framing: webSocketFraming,
    discover: (domain, signal) =>
      discoverWebSocket(domain, signal, options.fetch ?? globalThis.fetch),
    open: (endpoint, events, signal) => {
      const made =
        options.WebSocket ?? (globalThis as unknown as { WebSocket?: WebSocketClass }).WebSocket;
      if (made === undefined) {
        throw new UsageError(
          'this runtime has no WebSocket: give webSocketTransport({ WebSocket }) one',
        );
      }
      return openWebSocket(made, endpoint, events, signal);
    },
  };
}

function openWebSocket(
  made: WebSocketClass,
  { uri }: Endpoint,
  events: WireEvents,
  signal: AbortSignal,
): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = new made(uri, webSocketProtocol);
    const encoder = new TextEncoder();
    const decoder = new TextDecoder();
    let poll: ReturnType<typeof setInterval> | undefined;
    const detach = (): void => {
      socket.onopen = socket.onmessage = socket.onclose = null;
      // Some runtimes throw an error event that nobody takes.
      socket.onerror = () => undefined;
      clearInterval(poll);
      signal.removeEventListener('abort', abort);
    };
    const fail = (reason: Error): void => {
      detach();
      socket.close();
      reject(reason);
    };
    const abort = (): void => fail(signal.reason as Error);
    const watch = (): void => {
      poll ??= setInterval(() => {
        if (socket.bufferedAmount > highWaterBytes) return;
        clearInterval(poll);
        poll = undefined;
        events.drained();
      }, pollMs);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort);
    socket.onerror = () => undefined;
    socket.onclose = () => fail(new Error('the WebSocket could not be opened'));
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (typeof data === 'string') return events.receive(encoder.encode(data));
      // RFC 7395, section 3.2. Its code, 1003, is not for a program to send.
      detach();
      socket.close();
      events.disconnected(new Error('the server sent binary data'));
    };
    socket.onopen = () => {
      if (socket.protocol !== webSocketProtocol) {
        return fail(new Error(`the server does not speak the subprotocol ${webSocketProtocol}`));
      }
      signal.removeEventListener('abort', abort);
      socket.onclose = ({ code }: { code: number }) => {
        detach();
        const detail = code === 1000 || code === 1005 ? undefined : `WebSocket closed with ${code}`;
        events.disconnected(detail === undefined ? undefined : new Error(detail));
      };
      resolve({
        isEncrypted: uri.startsWith('wss:'),
        get bufferedBytes() {
          return socket.bufferedAmount;
        },
        write(bytes) {
          socket.send(decoder.decode(bytes));
          if (socket.bufferedAmount > highWaterBytes) watch();
        },
        close: () => socket.close(1000),
        destroy() {
          detach();
          // A handshake with a server that is gone takes its time.
          if (socket.terminate) socket.terminate();
          else socket.close();
        },
      });
    };
  });
}
