/*
 * Bun: sockets for the embedded server and for the client, and SQLite. These are the ones of `tercet/node` on
 * Bun's `node:net`, `node:tls` and `node:sqlite`, which do all that is asked of them: also TLS on a socket
 * that was accepted in clear, which is what STARTTLS is (RFC 6120, section 5), and certificates of one's own
 * authority. test/runtimes logs clients in over each transport.
 */
export * from '../node/index.js';
