/*
 * The server: connections, sessions and a list of modules, without sockets and without a clock of its
 * own. A host (`tercet/node`) connects transports, passes bytes and the time, and closes.
 *
 *     const server = createServer({ domain: 'localhost', accounts });
 *     const connection = server.connect(transport);
 *     connection.receive(bytes);
 *
 * The gates of a stanza stand in `route`, in the order of RFC 6120, sections 8.1 and 8.2 and 10: form,
 * `to`, `from` stamped whatever the client wrote. What follows is the business of modules.
 */
import type { Element } from '../element.js';
import type { Engine } from '../engine.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import type { Limits } from '../limits.js';
import { NS } from '../namespaces.js';
import type { BindAnswer, EndReason, StreamEffect } from '../protocol/effects.js';
import type { Framing } from '../protocol/framing.js';
import { encodeBase64 } from '../protocol/sasl/base64.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import type { MechanismName } from '../protocol/sasl/negotiation.js';
import { ServerStream } from '../protocol/server-stream.js';
import { checkStanza, stanzaKind } from '../protocol/stanza-check.js';
import type { StanzaKind } from '../protocol/stanza-check.js';
import { errorReply } from '../protocol/stanza-error.js';
import type { StanzaCondition } from '../protocol/stanza-error.js';
import { tcpFraming } from '../transport/tcp.js';
import type { Accounts } from './accounts.js';
import { Connection } from './connection.js';
import type { Transport } from './connection.js';
import type { Log } from './log.js';
import type { Inbound, ServerModule } from './module.js';
import { standardModules } from './modules/standard.js';
import { Sessions } from './sessions.js';
import type { ConflictPolicy, Session } from './sessions.js';

export interface ServerOptions {
  /** The domain served; it is prepared like any domain of an address. */
  readonly domain: string;
  readonly accounts: Accounts;
  /** Instead of the standard ones; `[...standardModules(), mine]` adds to them. */
  readonly modules?: readonly ServerModule[];
  readonly log?: Log;
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
  readonly random?: (byteCount: number) => Uint8Array;
  /**
   * Runs a function once this turn of the event loop has read its input: `setImmediate` where there is
   * one, else a microtask.
   */
  readonly defer?: (action: () => void) => void;
  readonly mechanisms?: readonly MechanismName[];
  readonly limits?: { readonly beforeAuth?: Limits; readonly afterAuth?: Limits };
  readonly maxAuthAttempts?: number;
  readonly negotiationMs?: number;
  readonly closeMs?: number;
  /** What may wait for a client that does not read, before it is cut off. */
  readonly maxQueueBytes?: number;
  readonly maxResources?: number;
  /** Clients beyond these (10,000) are refused with `resource-constraint`. */
  readonly maxConnections?: number;
  readonly conflict?: ConflictPolicy;
  readonly engine?: Engine;
}

export interface ConnectOptions {
  /** TCP's by default. */
  readonly framing?: Framing;
  /** The transport is encrypted from its start. */
  readonly isEncrypted?: boolean;
  /** STARTTLS: 'none' by default. */
  readonly tls?: 'none' | 'offered' | 'required';
  /** Where it comes from, for the log. */
  readonly peer?: string;
}

export function createServer(options: ServerOptions): Server {
  return new Server(options);
}

/** RFC 6120, section 13.12: less would cut off what peers may rightly send. */
const minStanzaBytes = 10_000;

export class Server {
  readonly domain: string;
  readonly accounts: Accounts;
  readonly modules: readonly ServerModule[];
  readonly sessions: Sessions;
  readonly #options: ServerOptions;
  readonly #now: () => number;
  readonly #random: (byteCount: number) => Uint8Array;
  readonly #connections = new Set<Connection>();
  #unflushed: Connection[] = [];
  #lastId = 0;
  #isStopping = false;

  constructor(options: ServerOptions) {
    for (const limits of [options.limits?.beforeAuth, options.limits?.afterAuth]) {
      if ((limits?.maxStanzaBytes ?? minStanzaBytes) < minStanzaBytes) {
        throw new UsageError('maxStanzaBytes of a server is 10000 at least (RFC 6120, 13.12)');
      }
    }
    this.#options = options;
    this.domain = Jid.from({ domain: options.domain }).domain;
    this.accounts = options.accounts;
    this.modules = options.modules ?? standardModules();
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? ((count) => crypto.getRandomValues(new Uint8Array(count)));
    this.sessions = new Sessions({
      conflict: options.conflict ?? 'rename',
      maxResources: options.maxResources ?? 64,
      generate: () => encodeBase64(this.#random(9)).replaceAll('+', '-').replaceAll('/', '_'),
    });
  }

  // For the host.

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes over a transport. */
  connect(transport: Transport, options: ConnectOptions = {}): Connection {
    const { framing = tcpFraming, isEncrypted = false, tls = 'none', peer } = options;
    const { maxQueueBytes = 1_048_576, engine } = this.#options;
    const { mechanisms, limits, maxAuthAttempts, negotiationMs, closeMs } = this.#options;
    const stream = new ServerStream({
      framing,
      domains: [this.domain],
      random: this.#random,
      tls,
      isEncrypted,
      ...(mechanisms && { mechanisms }),
      ...(limits && { limits }),
      ...(maxAuthAttempts !== undefined && { maxAuthAttempts }),
      ...(negotiationMs !== undefined && { negotiationMs }),
      ...(closeMs !== undefined && { closeMs }),
      ...(engine && { engine }),
    });
    const id = ++this.#lastId;
    this.log('debug', 'connected', { id, framing: framing.name, encrypted: isEncrypted, peer });
    const now = this.#now;
    const connection = new Connection({
      id,
      server: this,
      stream,
      framing,
      transport,
      maxQueueBytes,
      now,
    });
    this.#connections.add(connection);
    if (this.#isStopping) connection.close('system-shutdown');
    else if (this.#connections.size > (this.#options.maxConnections ?? 10_000)) {
      this.log('warn', 'too many connections', { id, peer });
      connection.refuse('resource-constraint');
    }
    return connection;
  }

  /** Looks at the deadlines of all connections; call it about once a second. */
  tick(): void {
    const now = this.#now();
    for (const connection of this.#connections) connection.tick(now);
  }

  /** Ends all streams with `system-shutdown`; they close within `closeMs`, by `tick`. */
  stop(): void {
    this.#isStopping = true;
    for (const connection of this.#connections) connection.close('system-shutdown');
    this.flush();
  }

  /** Closes what is still there, at once. */
  cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  // For modules.

  log(...[level, event, fields]: Parameters<Log>): void {
    try {
      this.#options.log?.(level, event, fields);
    } catch {
      // There is nobody else to tell, and a stream is worth more than a line about it.
    }
  }

  /** Sends a stanza, which has its `from`, to sessions here. It is written once for each framing. */
  send(stanza: Element, ...targets: readonly Session[]): void {
    const written = new Map<string, Uint8Array>();
    for (const { connection } of targets) {
      let bytes = written.get(connection.scope);
      if (!bytes) {
        bytes = stanza.toBytes(connection.scope);
        written.set(connection.scope, bytes);
      }
      connection.deliver(bytes);
    }
  }

  /** Answers with an error, unless the stanza must not be answered. */
  refuse(stanza: Element, condition: StanzaCondition, sender: Session): void {
    const reply = errorReply(stanza, condition);
    if (reply) this.send(reply, sender);
  }

  /** Bare JIDs that see each other's presence with this account, as the modules say. */
  contactsOf(account: string): readonly string[] {
    return this.modules.flatMap(
      (module) => this.#ask(module, 'contacts', () => module.contacts?.(account, this)) ?? [],
    );
  }

  hasAccount(jid: Jid): boolean {
    return jid.domain === this.domain && jid.local !== '' && this.accounts.exists(jid.local);
  }

  // For connections.

  route(stanza: Element, sender: Session): void {
    const kind = stanzaKind(stanza, NS.client);
    if (!kind) return;
    const stamped = stamp(stanza, kind, sender);
    const condition = checkStanza(stanza, kind);
    if (condition) return this.refuse(stamped, condition, sender);
    const written = stanza.attr('to');
    const checked = written === undefined ? undefined : Jid.check(written);
    if (checked && !checked.ok) return this.refuse(stamped, 'jid-malformed', sender);
    const to = checked?.jid;
    const inbound: Inbound = {
      kind,
      stanza: stamped,
      sender,
      to,
      realm: this.#realmOf(to),
      server: this,
    };
    try {
      if (this.modules.some((module) => module.stanza?.(inbound) === true)) return;
    } catch (error) {
      // A module's fault costs its stanza, not the stream and not the server.
      this.log('error', 'a module failed', { jid: sender.jid, kind, error: String(error) });
      return this.refuse(stamped, 'internal-server-error', sender);
    }
    this.refuse(stamped, 'service-unavailable', sender);
  }

  async authenticate(question: AuthQuestion): Promise<AuthAnswer> {
    return this.accounts.answer(question, this.domain);
  }

  bind(
    wanted: Extract<StreamEffect, { type: 'bind' }>,
    connection: Connection,
  ): { readonly answer: BindAnswer; readonly session?: Session } {
    const bound = this.sessions.bind(wanted.local, wanted.domain, wanted.resource, connection);
    const { session } = bound;
    const encrypted = connection.isEncrypted;
    if (session) this.log('info', 'bound', { id: connection.id, jid: session.jid, encrypted });
    return bound;
  }

  streamEnded(connection: Connection, session: Session | undefined, reason: EndReason): void {
    const { kind, ...details } = reason;
    const { id } = connection;
    this.log('info', 'stream ended', { id, jid: session?.jid, reason: kind, ...details });
    if (!session) return;
    this.sessions.remove(session);
    for (const module of this.modules) {
      this.#ask(module, 'ended', () => module.ended?.(session, this));
    }
  }

  connectionClosed(connection: Connection): void {
    this.#connections.delete(connection);
  }

  flushLater(connection: Connection): void {
    this.#unflushed.push(connection);
    if (this.#unflushed.length > 1) return;
    const { defer = deferred } = this.#options;
    defer(() => this.flush());
  }

  /** Writes what all connections have queued, one write a connection. */
  flush(): void {
    const connections = this.#unflushed;
    this.#unflushed = [];
    for (const connection of connections) connection.flush();
  }

  /** A module's fault costs its own answer, not those of the others. */
  #ask<T>(module: ServerModule, kind: string, question: () => T): T | undefined {
    try {
      return question();
    } catch (error) {
      this.log('error', 'a module failed', { module: module.name, kind, error: String(error) });
      return undefined;
    }
  }

  #realmOf(to: Jid | undefined): Inbound['realm'] {
    if (!to) return 'account';
    if (to.domain !== this.domain) return 'elsewhere';
    return to.local === '' ? 'server' : 'account';
  }
}

const deferred = (action: () => void): void => {
  if (typeof globalThis.setImmediate === 'function') globalThis.setImmediate(action);
  else queueMicrotask(action);
};

const subscriptionTypes: ReadonlySet<string | undefined> = new Set([
  'subscribe',
  'subscribed',
  'unsubscribe',
  'unsubscribed',
]);

/** `from` is ours to say (RFC 6120, section 8.1.2.1), the language where the stanza has none. */
function stamp(stanza: Element, kind: StanzaKind, sender: Session): Element {
  const isSubscription = kind === 'presence' && subscriptionTypes.has(stanza.attr('type'));
  const from = isSubscription ? sender.account : sender.jid;
  const { lang } = sender.connection;
  return lang === '' || stanza.attrs['xml:lang'] !== undefined
    ? stanza.withAttrs({ from })
    : stanza.withAttrs({ from, 'xml:lang': lang });
}
