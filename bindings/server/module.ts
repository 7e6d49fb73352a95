/*
 * What a module of the server is, and what it may use of the server. docs/SERVER-MODULES.md shows how to
 * write one. A server is a list of modules, asked in order; each hook is optional.
 *
 *     a client's stanza -> gates -> `stanza` of the modules -> the account's address: blocked? verdict
 *                                                              -> deliver | bounce | drop
 *                                                              -> handle | store: `arrival` of the modules
 *
 * Modules do no input or output of their own, import no other module and nothing of Node. What they keep
 * is in `server.storage`, under a collection of their own name.
 */
import type { Element } from '../element.js';
import type { Jid } from '../jid.js';
import type { StanzaKind } from '../protocol/stanza-check.js';
import type { StanzaCondition, StanzaErrorOptions } from '../protocol/stanza-error.js';
import type { Accounts } from './accounts.js';
import type { Log } from './log.js';
import type { Mailbox } from './mailbox.js';
import type { Realm } from './realms.js';
import type { Rosters } from './rosters.js';
import type { Session, Sessions } from './sessions.js';
import type { Storage } from './storage/storage.js';

/** The server, as modules see it. */
export interface ModuleHost {
  readonly domain: string;
  readonly modules: readonly ServerModule[];
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly rosters: Rosters;
  readonly storage: Storage;
  readonly mailbox: Mailbox;
  readonly log: Log;
  /** Milliseconds since 1970, for stamps. */
  readonly date: () => number;
  /** An id that this server has not given before. */
  makeId(): string;
  hasAccount(jid: Jid): boolean;
  /** Ends an account: its subscriptions, its streams, all that it has stored. */
  deleteAccount(account: string): void;
  /** Whether an account wants to have nothing to do with this address. */
  isBlocked(account: string, other: string): boolean;
  /** Sends a stanza, which has its `from`, to sessions here. */
  send(stanza: Element, ...targets: readonly Session[]): void;
  /** The same for a message of the mailbox, which is confirmed or released in time. */
  sendKept(stanza: Element, tag: number, ...targets: readonly Session[]): void;
  /**
   * Sends a stanza, which has `from` and `to`, on its way: to an account here it arrives when all that the
   * present stanza causes is done; nobody elsewhere can be reached. `sender` hears of an error.
   */
  pass(stanza: Element, sender?: Session): void;
  /** What `filters` says of an account may have changed. */
  refilter(account: string): void;
  /** Tells all modules that a resource is available. */
  tellAvailable(session: Session, isInitial: boolean): void;
  /** Answers with an error, unless the stanza must not be answered or nobody waits for it. */
  refuse(
    stanza: Element,
    condition: StanzaCondition,
    sender: Session | undefined,
    options?: StanzaErrorOptions,
  ): void;
}

/** A stanza of a client. */
export interface Inbound {
  readonly kind: StanzaKind;
  /** With the sender's `from`, and the language of its stream if it named none. */
  readonly stanza: Element;
  readonly sender: Session;
  /** undefined: no `to` was written. */
  readonly to: Jid | undefined;
  /** Whom it is for: the server itself, an account here (the sender's when `to` is absent), or others. */
  readonly realm: Realm;
  readonly server: ModuleHost;
}

/** A stanza that has arrived for an account here, and is for the server to handle or to store. */
export interface Arrival {
  readonly verdict: 'handle' | 'store';
  readonly kind: StanzaKind;
  /** With `from`. */
  readonly stanza: Element;
  /** Who sent it, in canonical form. */
  readonly from: string;
  /** The bare JID of the account. */
  readonly account: string;
  /** '' when it is for the account as such. */
  readonly resource: string;
  readonly exists: boolean;
  /** The client that sent it, if it did so itself and is here. */
  readonly sender: Session | undefined;
  /** Whether the account knows the sender, so that an error tells nothing new (RFC 6121, section 8.1). */
  readonly isKnown: () => boolean;
  readonly server: ModuleHost;
}

export type RequestReply =
  /** The payload of the result; undefined for none. */
  | Element
  | undefined
  /** No payload either, and then something else. */
  | { readonly after: () => void }
  /** A condition to refuse the request with. */
  | { readonly error: StanzaCondition };

/** A request for the server or for an account here. */
export interface Request {
  readonly stanza: Element;
  readonly sender: Session;
  /** The account that is asked; undefined: the server is. */
  readonly account: string | undefined;
  readonly server: ModuleHost;
}

export interface RequestHandler {
  /** Local name and namespace of the payload. */
  readonly name: string;
  readonly ns: string;
  /** Whether it answers for the server, for the own account, for any account's bare JID. */
  readonly at: readonly ('server' | 'own-account' | 'account')[];
  /** A promise is waited for; meanwhile other stanzas of the client go on. */
  get?(payload: Element, request: Request): RequestReply | Promise<RequestReply>;
  set?(payload: Element, request: Request): RequestReply | Promise<RequestReply>;
}

export interface ServerModule {
  readonly name: string;
  /** Announced by service discovery of the server, and of accounts. */
  readonly features?: readonly string[];
  readonly accountFeatures?: readonly string[];
  /** Announced to clients that have authenticated. */
  readonly streamFeatures?: readonly Element[];
  readonly requests?: readonly RequestHandler[];
  /**
   * Whether `stanza` and `delivered` may be passed over for messages that the routing table alone decides on:
   * such messages are delivered without becoming objects. Absent: the module wants to see all.
   */
  readonly skipsPlainMessages?: boolean;
  /** Whether what comes from and goes to an account must be looked at nevertheless. */
  filters?(account: string, server: ModuleHost): boolean;
  /** A client's stanza, before it is delivered. Whether the module is done with it. */
  stanza?(inbound: Inbound): boolean;
  /** A stanza for an account here that the server is to handle or to store. Whether the module has. */
  arrival?(arrival: Arrival): boolean;
  /** Whether an account wants nothing from, and has nothing for, this address. */
  blocks?(account: string, other: string, server: ModuleHost): boolean;
  /** A stanza for an account here is sent to resources of it. */
  delivered?(stanza: Element, from: string, targets: readonly Session[], server: ModuleHost): void;
  /** A resource is available: initially, or its priority was negative and no longer is. */
  available?(session: Session, isInitial: boolean, server: ModuleHost): void;
  /** An account and all its records are gone. */
  deleted?(account: string, server: ModuleHost): void;
  /** A request for an account (XEP-0077) of a client that has none yet; the answer to it. */
  register?(stanza: Element, server: ModuleHost): Promise<Element | undefined>;
  /** The stream of a bound resource is gone; the session is no longer in the table. */
  ended?(session: Session, server: ModuleHost): void;
}
