/*
 * The opening handshake of XMPP over WebSocket (RFC 7395, section 3.1): the client offers the subprotocol
 * `xmpp`, the answer names it, and the server's end of the socket goes to whoever reads it.
 */
import type { Server } from '../server/index.js';
import { webSocketProtocol } from '../transport/websocket.js';
import type { HibernatingStreams } from './hibernating-streams.js';
import { makeSocketPair } from './runtime.js';
import type { UpgradeRequest } from './runtime.js';
import { connectSocket } from './server-socket.js';

/**
 * Answers a request for XMPP over WebSocket, to be returned from `fetch` of a worker or of a Durable Object.
 *
 *     const server = createServer({ domain: 'example.com', accounts });
 *     fetch(request) {
 *       return upgrade(request, server);
 *     }
 *
 * With a server, its clients are those of this one object, which stays awake as long as one of them is
 * connected. With `HibernatingStreams` the object may sleep. A request that is no upgrade is answered with
 * 426, one that does not offer the subprotocol `xmpp` with 400. Throws TypeError in other runtimes.
 */
export function upgrade(request: UpgradeRequest, host: Server | HibernatingStreams): Response {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    return refusal(426, 'this is XMPP over WebSocket (RFC 7395)');
  }
  const offered = request.headers.get('sec-websocket-protocol') ?? '';
  if (!offered.split(',').some((name) => name.trim() === webSocketProtocol)) {
    return refusal(400, `the subprotocol ${webSocketProtocol} is required (RFC 7395, section 3.1)`);
  }
  const pair = makeSocketPair();
  const isEncrypted = /^(https|wss):/i.test(request.url);
  if ('connect' in host) {
    const address = request.headers.get('cf-connecting-ip') ?? undefined;
    connectSocket(pair[1], host, { isEncrypted, ...(address !== undefined && { address }) });
  } else host.accept(pair[1], { isEncrypted });
  const init: ResponseInit & { readonly webSocket: unknown } = {
    status: 101,
    headers: { 'sec-websocket-protocol': webSocketProtocol },
    webSocket: pair[0],
  };
  return new Response(null, init);
}

const refusal = (status: number, reason: string): Response =>
  new Response(`${reason}\n`, {
    status,
    headers: { 'content-type': 'text/plain', ...(status === 426 && { upgrade: 'websocket' }) },
  });
