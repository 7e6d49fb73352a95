/*
 * Deno: sockets for the embedded server and for the client, and SQLite. `Deno.startTls` is for clients only,
 * and STARTTLS (RFC 6120, section 5) asks for TLS on a socket that a server has accepted; so these are the
 * ones of `tercet/node` on Deno's `node:net`, `node:tls` and `node:sqlite`, which can do that.
 * test/runtimes logs clients in over each transport.
 */
export * from '../node/index.js';
