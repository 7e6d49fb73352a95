/*
 * Sockets for an HTTP server of Bun. Bun's own listener names a socket only when it has brought a whole request, and
 * gives a TLS handshake all the time it wants: sockets that say nothing could be neither counted nor cut. So they are
 * accepted by `node:net` and `node:tls` and handed to the HTTP server. That one keeps no time for sockets it has not
 * accepted itself, so it is kept here: for each request, from the acceptance or the answer before.
 */
import { createServer as createTcpServer } from 'node:net';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { HttpAcceptor } from '../node/listen.js';

export const acceptForHttp: HttpAcceptor = (httpServer, { requestMs, certificate }) => {
  const timers = new WeakMap<Socket, ReturnType<typeof setTimeout>>();
  const stop = (socket: Socket): void => clearTimeout(timers.get(socket));
  const wait = (socket: Socket): void => {
    timers.set(
      socket,
      setTimeout(() => refuse(socket), requestMs),
    );
  };
  httpServer.prependListener('request', ({ socket }, response) => {
    stop(socket);
    response.once('finish', () => wait(socket));
  });
  httpServer.prependListener('upgrade', ({ socket }) => stop(socket));
  const accept = (socket: Socket): void => {
    wait(socket);
    socket.once('close', () => stop(socket));
    httpServer.emit('connection', socket);
  };
  return certificate === undefined
    ? createTcpServer(accept)
    : createTlsServer({ ...certificate, handshakeTimeout: requestMs }, accept);
};

function refuse(socket: Socket): void {
  // The client need not close its side.
  socket.once('finish', () => socket.destroy());
  socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n');
}
