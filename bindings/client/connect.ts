/*
 * The client's entry: options checked, a client made and connected.
 */
import { Client } from './client.js';
import { settingsOf } from './options.js';
import type { ConnectOptions } from './options.js';
import type { Transport } from './transport.js';
import { webSocketTransport } from './websocket-transport.js';

/**
 * Connects an account, and stays connected.
 *
 *     const client = await connect({ jid: 'juliet@example.com', password: 'balcony' });
 *     await client.send(xml('presence'));
 *     for await (const stanza of client) console.log(String(stanza));
 *
 * Over WebSocket with the global of that name; `transports` brings others, such as `tcpTransport()` of
 * `tercet/node`. Rejects with AuthenticationError, ConnectionError or StreamError when the first connection
 * fails; later ones are made as long as that is of use. Throws UsageError for what is not as described.
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  return connectOver(options, [webSocketTransport()]);
}

/** The same with other transports where none are given. */
export async function connectOver(
  options: ConnectOptions,
  transports: readonly Transport[],
): Promise<Client> {
  return new Client(settingsOf(options, transports)).start();
}
