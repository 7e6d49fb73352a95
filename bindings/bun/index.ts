/*
 * Bun: sockets for the embedded server and for the client, and SQLite. These are the ones of `tercet/node` on
 * Bun's `node:net`, `node:tls` and `node:sqlite`, which are Bun's own sockets under Node's names and do all that is
 * asked of them: also TLS on a socket that was accepted in clear, which is what STARTTLS is (RFC 6120, section 5).
 * docs/RUNTIMES.md says why not `Bun.listen`. test/runtimes logs clients in over each transport.
 */
import { listenBy } from '../node/listen.js';
import type { Listening, ListenOptions } from '../node/listen.js';
import type { Server } from '../server/index.js';
import { acceptForHttp } from './http-acceptor.js';

export * from '../node/index.js';

/** Opens ports for a server; see `listen` of `tercet/node`. */
export const listen = (server: Server, options: ListenOptions): Promise<Listening> =>
  listenBy(server, options, acceptForHttp);
