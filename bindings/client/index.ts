/*
 * The client: one account that stays connected. Without sockets of its own: over the WebSocket that every
 * runtime but Node 20 has as a global, or over transports that are given.
 */
import '../wasm/full.js';

export { connect } from './connect.js';
export type { Client, SendOptions } from './client.js';
export type { ConnectOptions, Status } from './options.js';
export type { Backoff } from './backoff.js';
export {
  AuthenticationError,
  ConnectionError,
  StanzaError,
  StreamError,
  TimeoutError,
} from './errors.js';
export type { Failure, StanzaErrorDetails } from './errors.js';
export { openPresence } from './presence.js';
export type { ContactPresence, OwnPresence, Presence, PresenceListener } from './presence.js';
export { openRoster } from './roster.js';
export type { Roster, RosterChange, RosterItem, RosterListener } from './roster.js';
export type { RequestHandler, RequestOptions } from './requests.js';
export type { Trace, TraceEntry } from './trace.js';
export type { Endpoint, Transport, Wire, WireEvents } from './transport.js';
export { webSocketTransport } from './websocket-transport.js';
export type {
  WebSocketClass,
  WebSocketLike,
  WebSocketTransportOptions,
} from './websocket-transport.js';
