/*
 * A socket of workerd as a connection of the embedded server. One message is one frame, of text (RFC 7395,
 * section 3.2). Nothing leaves workerd before the turn is over, so what counts for the server's limit is what
 * earlier turns have left.
 */
import { UsageError } from '../errors.js';
import type { ConnectOptions, Server, Transport } from '../server/index.js';
import { webSocketFraming } from '../transport/websocket.js';
import type { NewSocket } from './runtime.js';

const tickMs = 1000;
const decoder = new TextDecoder();
const encoder = new TextEncoder();
/** Servers whose deadlines are looked at; the timer ends with the last connection. */
const ticking = new WeakSet<Server>();

export function connectSocket(socket: NewSocket, server: Server, options: ConnectOptions): void {
  socket.accept();
  const transport: Transport = {
    write(units) {
      const waiting = socket.bufferedAmount ?? 0;
      // A socket that is gone throws; its `close` event tells the connection.
      attempt(() => {
        for (const unit of units) socket.send(decoder.decode(unit));
      });
      return waiting;
    },
    startTls() {
      throw new UsageError('there is no STARTTLS on WebSocket');
    },
    close: () => attempt(() => socket.close(1000)),
    destroy: () => attempt(() => socket.close(1001)),
  };
  const connection = server.connect(transport, { ...options, framing: webSocketFraming });
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') connection.receive(encoder.encode(data));
    else attempt(() => socket.close(1003));
  });
  socket.addEventListener('close', () => connection.disconnected());
  socket.addEventListener('error', () => connection.disconnected());
  keepTicking(server);
}

function keepTicking(server: Server): void {
  if (ticking.has(server)) return;
  ticking.add(server);
  const timer = setInterval(() => {
    server.tick();
    if (server.connectionCount > 0) return;
    clearInterval(timer);
    ticking.delete(server);
  }, tickMs);
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // Closed already.
  }
}
