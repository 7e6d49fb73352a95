/*
 * The embedded server, without sockets: `tercet/node` listens for it.
 */
import '../wasm/full.js';

export { MemoryAccounts, StoredAccounts } from './accounts.js';
export type { Accounts, AccountsOptions } from './accounts.js';
export type { Connection } from './connection.js';
export type { Transport } from './connection-owner.js';
export { createServer } from './create-server.js';
export type { Server } from './create-server.js';
export { Mailbox, isWorthKeeping } from './mailbox.js';
export type { MailboxOptions, Taken } from './mailbox.js';
export { lineLog, logLevels } from './log.js';
export type { Log, LogFields, LogLevel } from './log.js';
export type {
  Arrival,
  Inbound,
  ModuleHost,
  Request,
  RequestHandler,
  RequestReply,
  ServerModule,
} from './module.js';
export { blocking } from './modules/blocking.js';
export type { BlockingOptions } from './modules/blocking.js';
export { offline } from './modules/offline.js';
export type { OfflineOptions } from './modules/offline.js';
export { registration } from './modules/registration.js';
export type { RegistrationOptions } from './modules/registration.js';
export { roster } from './modules/roster.js';
export type { RosterOptions } from './modules/roster.js';
export { standardModules } from './modules/standard.js';
export type { StandardOptions } from './modules/standard.js';
export { subscriptions } from './modules/subscriptions.js';
export type { SubscriptionsOptions } from './modules/subscriptions.js';
export type { ConnectOptions, ServerOptions } from './options.js';
export type { RateLimits } from './rate-meter.js';
export { Rosters } from './rosters.js';
export type { Contact, RosterChange, RostersOptions } from './rosters.js';
export type { ConflictPolicy, Session, SessionStream } from './sessions.js';
export { readRosterSet, removedItem, rosterItem } from './roster-items.js';
export type { RosterSet } from './roster-items.js';
export { MemoryStorage } from './storage/memory.js';
export type { Storage, StoredRecord } from './storage/storage.js';
export { isFrom, isPendingIn, isPendingOut, isTo, transition } from './subscription.js';
export type {
  SubscriptionDirection,
  SubscriptionEffect,
  SubscriptionEvent,
  SubscriptionState,
  Transition,
} from './subscription.js';
