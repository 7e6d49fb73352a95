/*
 * The client over Node's sockets: XMPP with STARTTLS, XMPP over TLS, and WebSocket, in the order that a
 * domain's records name them.
 */
import type { Client } from '../client/client.js';
import { connectOver } from '../client/connect.js';
import type { ConnectOptions } from '../client/options.js';
import type { Transport } from '../client/transport.js';
import { webSocketTransport } from '../client/websocket-transport.js';
import type { WebSocketClass } from '../client/websocket-transport.js';
import { UsageError } from '../errors.js';
import { tcpTransport } from './connect-tcp.js';
import { optionalPackage } from './optional-package.js';

export interface NodeConnectOptions extends ConnectOptions {
  /** PEM of the authorities to trust, instead of the public ones. */
  readonly ca?: string | Uint8Array | undefined;
}

/**
 * Connects an account, and stays connected; see `connect` of `tercet/client`.
 *
 *     const client = await connect({ jid: 'juliet@example.com', password: 'balcony' });
 *     const local = await connect({ jid, password, service: 'xmpp://127.0.0.1:5222', ca });
 *
 * Without `service` the SRV records of the domain are tried (RFC 6120, section 3.2; XEP-0368), then what it
 * says of WebSocket (XEP-0156). A `wss:` service with `ca`, and any on Node 20, needs the package `ws`.
 */
export async function connect(options: NodeConnectOptions): Promise<Client> {
  // Callers without types may write anything here.
  if (typeof options !== 'object' || (options as unknown) === null) {
    throw new UsageError('options is not an object');
  }
  const { ca, ...others } = options;
  return connectOver(others, [tcpTransport({ ca }), nodeWebSocketTransport(ca)]);
}

type Authorities = NodeConnectOptions['ca'];

function nodeWebSocketTransport(ca: Authorities): Transport {
  return {
    ...webSocketTransport(),
    async open(...how) {
      const isGlobal = ca === undefined && 'WebSocket' in globalThis;
      const made = isGlobal ? {} : { WebSocket: await loadWebSocket(ca) };
      return webSocketTransport(made).open(...how);
    },
  };
}

/** The global one cannot be told whom to trust. */
async function loadWebSocket(ca: Authorities): Promise<WebSocketClass> {
  const { WebSocket } = await optionalPackage(
    () => import('ws'),
    "WebSocket needs the package 'ws' here, which is not installed: npm install ws",
  );
  return class extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, ca === undefined ? {} : { ca: Buffer.from(ca) });
    }
  };
}
