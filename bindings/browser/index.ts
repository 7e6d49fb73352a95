/*
 * Browsers, on a page and in a worker: the client over WebSocket, with what a program needs beside it. The
 * same runs wherever there is a global WebSocket.
 */
import '../wasm/full.js';

export * from '../client/index.js';
export { connect } from './connect.js';
export {
  Element,
  Jid,
  JidError,
  NS,
  TercetError,
  UsageError,
  XmlError,
  parse,
  xml,
} from '../index.js';
