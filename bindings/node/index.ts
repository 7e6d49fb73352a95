/*
 * Node: sockets for the embedded server and for the client.
 */
import '../wasm/full.js';

export { connect } from './connect.js';
export type { NodeConnectOptions } from './connect.js';
export type { ResolveSrv, SrvRecord } from './connect-srv.js';
export { tcpTransport } from './connect-tcp.js';
export type { TcpTransportOptions } from './connect-tcp.js';
export { developmentCertificate } from './development-certificate.js';
export type { Certificate, DevelopmentCertificateOptions } from './development-certificate.js';
export { listen } from './listen.js';
export { openSqliteStorage } from '../server/storage/sqlite.js';
export type { Address, ListenOptions, Listening } from './listen.js';
export { readStaticFiles } from './static-files.js';
export type { StaticFile, StaticFiles } from './static-files.js';
