/*
 * The client of a page or a worker: as that of `tercet/client`, and it does not wait out a pause when the
 * device is online again.
 */
import type { Client } from '../client/client.js';
import { connect as connectAnywhere } from '../client/connect.js';
import type { ConnectOptions } from '../client/options.js';

interface EventSource {
  addEventListener?(type: 'online', listener: () => void): void;
  removeEventListener?(type: 'online', listener: () => void): void;
}

/**
 * Connects an account over WebSocket, and stays connected; see `connect` of `tercet/client`.
 *
 *     const client = await connect({ jid: 'juliet@example.com', password: 'balcony' });
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const client = await connectAnywhere(options);
  // Runtimes without such events have no such function, or never call.
  const source: EventSource = globalThis;
  const reconnect = (): void => client.reconnect();
  source.addEventListener?.('online', reconnect);
  void client.closed.then(() => source.removeEventListener?.('online', reconnect));
  return client;
}
