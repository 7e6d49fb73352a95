/*
 * The embedded server, without sockets: `tercet/node` listens for it.
 */
import '../wasm/full.js';

export { MemoryAccounts } from './accounts.js';
export type { Accounts } from './accounts.js';
export type { Connection, Transport } from './connection.js';
export { createServer } from './create-server.js';
export type { ConnectOptions, Server, ServerOptions } from './create-server.js';
export { lineLog, logLevels } from './log.js';
export type { Log, LogFields, LogLevel } from './log.js';
export type { Inbound, RequestHandler, RequestReply, ServerModule } from './module.js';
export { sharedRoster } from './modules/shared-roster.js';
export { standardModules } from './modules/standard.js';
export type { ConflictPolicy, Session } from './sessions.js';
