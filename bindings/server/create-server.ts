/*
 * The server: connections, sessions and a list of modules, without sockets and without a clock of its
 * own. A host (`tercet/node`) connects transports, passes bytes and the time, and closes.
 *
 *     const server = createServer({ domain: 'localhost', accounts });
 *     const connection = server.connect(transport);
 *     connection.receive(bytes);
 *
 * A client's stanza passes the gates in `route`, in the order of RFC 6120, sections 8.1 and 8.2 and 10:
 * form, `to`, `from` stamped whatever the client wrote. Then modules may take it; else it goes to the
 * account that it is for, whose side is `#arrive`: blocked or not, and the verdict of delivery.ts.
 *
 * What one stanza causes is done before the next one of any stream is looked at, and stanzas that it causes
 * arrive in the order in which they were sent (`pass`), each when the one before it is done with.
 */
import type { Element } from '../element.js';
import { Engine } from '../engine.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import { parse } from '../parse.js';
import type { BindAnswer, EnableAnswer, ResumeAnswer, StreamEffect } from '../protocol/effects.js';
import { encodeBase64 } from '../protocol/sasl/base64.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import type { Sent, StreamManagement } from '../protocol/stream-management.js';
import { checkStanza, stanzaKind } from '../protocol/stanza-check.js';
import type { StanzaKind } from '../protocol/stanza-check.js';
import { errorReply } from '../protocol/stanza-error.js';
import type { StanzaCondition, StanzaErrorOptions } from '../protocol/stanza-error.js';
import { tcpFraming } from '../transport/tcp.js';
import { StoredAccounts } from './accounts.js';
import type { Accounts } from './accounts.js';
import { AddressCounts } from './address-counts.js';
import { Arrivals } from './arrivals.js';
import { ClientNames } from './client-names.js';
import { Commits } from './commits.js';
import { Connection } from './connection.js';
import type { ConnectionOwner, StreamEnd, Transport } from './connection.js';
import type { Log } from './log.js';
import { Mailbox, isWorthKeeping } from './mailbox.js';
import type { Inbound, ModuleHost, ServerModule } from './module.js';
import { standardModules } from './modules/standard.js';
import type { ConnectOptions, ServerOptions } from './options.js';
import { Outputs } from './outputs.js';
import { PlainMessages } from './plain-messages.js';
import type { PlainOutcome, SeatOptions } from './plain-messages.js';
import { part } from './presences.js';
import { RateMeter } from './rate-meter.js';
import { Resumption } from './resumption.js';
import { Rosters } from './rosters.js';
import { makeStream } from './server-streams.js';
import { Sessions } from './sessions.js';
import type { Session, Wanted } from './sessions.js';
import { stamp } from './stamp.js';
import { MemoryStorage } from './storage/memory.js';
import type { Storage } from './storage/storage.js';

export function createServer(options: ServerOptions): Server {
  return new Server(options);
}

/** RFC 6120, section 13.12: less would cut off what peers may rightly send. */
const minStanzaBytes = 10_000;

/** Of what a client calls itself, in its resource. */
const maxTagLength = 64;

export class Server implements ModuleHost, ConnectionOwner {
  readonly domain: string;
  readonly accounts: Accounts;
  readonly modules: readonly ServerModule[];
  readonly sessions: Sessions;
  readonly rosters: Rosters;
  readonly storage: Storage;
  readonly mailbox: Mailbox;
  readonly commits: Commits;
  readonly #clients: ClientNames;
  readonly date: () => number;
  readonly #options: ServerOptions;
  readonly #now: () => number;
  readonly #random: (byteCount: number) => Uint8Array;
  readonly #connections = new Set<Connection>();
  /** Absent where a module wants to see every message. */
  readonly #plain: PlainMessages | undefined;
  readonly #outputs: Outputs;
  readonly #resumption: Resumption;
  readonly #arrivals: Arrivals;
  readonly #addresses: AddressCounts;
  #lastId = 0;
  #lastStanzaId = 0;
  readonly #idPrefix: string;
  #isStopping = false;

  constructor(options: ServerOptions) {
    for (const limits of [options.limits?.beforeAuth, options.limits?.afterAuth]) {
      if ((limits?.maxStanzaBytes ?? minStanzaBytes) < minStanzaBytes) {
        throw new UsageError('maxStanzaBytes of a server is 10000 at least (RFC 6120, 13.12)');
      }
    }
    this.#options = options;
    this.domain = Jid.from({ domain: options.domain }).domain;
    this.storage = options.storage ?? new MemoryStorage();
    this.accounts = options.accounts ?? new StoredAccounts(this.storage);
    this.rosters = new Rosters(this.storage);
    this.date = options.date ?? (() => Date.now());
    this.modules = options.modules ?? standardModules();
    const { storage, domain, date } = this;
    this.mailbox = new Mailbox({ storage, domain, date });
    this.commits = new Commits({
      storage,
      commitMs: options.commitMs ?? 5,
      delay: options.delay ?? ((action, ms) => void setTimeout(action, ms)),
      committed: () => this.#outputs.release(),
      failed: (error) => this.#lose(error),
    });
    this.#outputs = new Outputs(options.defer, () => this.commits.plan());
    this.#arrivals = new Arrivals(this);
    this.#addresses = new AddressCounts(options.maxConnectionsPerAddress ?? Infinity);
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? ((count) => crypto.getRandomValues(new Uint8Array(count)));
    const isLong = this.modules.some(seesAll);
    this.#plain = isLong ? undefined : this.#makePlain();
    const generate = (): string =>
      encodeBase64(this.#random(9)).replaceAll('+', '-').replaceAll('/', '_');
    this.#idPrefix = generate();
    this.#resumption = new Resumption({
      ...{ storage, date, now: this.#now, random: this.#random },
      maxSeconds: options.maxResumeSeconds ?? 300,
      givenUp: (session, management) => {
        this.log('info', 'not resumed', { jid: session.jid });
        this.#endSession(session, management);
      },
    });
    this.#clients = new ClientNames({ storage, date, generate });
    this.sessions = new Sessions({
      conflict: options.conflict ?? 'rename',
      maxResources: options.maxResources ?? 64,
      generate,
    });
  }

  // For the host.

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes over a transport. */
  connect(transport: Transport, options: ConnectOptions = {}): Connection {
    const { framing = tcpFraming, isEncrypted = false, peer, address } = options;
    const engine = this.#plain?.engine ?? this.#options.engine;
    const { maxQueueBytes = 1_048_576, rates = {} } = this.#options;
    const { modules, domain } = this;
    const shared = { domain, modules, random: this.#random, ...(engine && { engine }) };
    const stream = makeStream(this.#options, options, shared);
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
      meter: rates ? new RateMeter(rates) : undefined,
      now,
    });
    this.#connections.add(connection);
    if (this.#isStopping) connection.close('system-shutdown');
    else if (this.#connections.size > (this.#options.maxConnections ?? 10_000)) {
      this.log('warn', 'too many connections', { id, peer });
      connection.refuse('resource-constraint');
    } else if (address !== undefined && !this.#addresses.admit(address, connection)) {
      this.log('warn', 'too many connections from one address', { id, peer });
      connection.refuse('policy-violation');
    }
    return connection;
  }

  /** Looks at the deadlines of all connections; call it about once a second. */
  tick(): void {
    const now = this.#now();
    for (const connection of this.#connections) connection.tick(now);
    this.#resumption.tick(now);
  }

  /** Ends all streams with `system-shutdown`; they close within `closeMs`, by `tick`. */
  stop(): void {
    this.#isStopping = true;
    for (const connection of this.#connections) connection.close('system-shutdown');
    this.#resumption.stop();
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

  send(stanza: Element, ...targets: readonly Session[]): void {
    this.sendKept(stanza, 0, ...targets);
  }

  /** It is written once for each framing. */
  sendKept(stanza: Element, tag: number, ...targets: readonly Session[]): void {
    const written = new Map<string, Uint8Array>();
    for (const { connection } of targets) {
      let bytes = written.get(connection.scope);
      if (!bytes) {
        bytes = stanza.toBytes(connection.scope);
        written.set(connection.scope, bytes);
      }
      connection.deliver(bytes, tag);
    }
  }

  refuse(
    stanza: Element,
    condition: StanzaCondition,
    sender: Session | undefined,
    options?: StanzaErrorOptions,
  ): void {
    const reply = sender && errorReply(stanza, condition, options);
    if (reply) this.send(reply, sender);
  }

  pass(stanza: Element, sender?: Session): void {
    const kind = stanzaKind(stanza, NS.client);
    const checked = Jid.check(stanza.attr('to') ?? '');
    if (!kind || !checked.ok) throw new UsageError('what is passed on is a stanza with an address');
    const to = checked.jid;
    if (this.#realmOf(to) !== 'account') return;
    this.#arrivals.push({ kind, stanza, to, sender });
    this.#arrivals.arrive();
  }

  tellAvailable(session: Session, isInitial: boolean): void {
    for (const module of this.modules) {
      this.#ask(module, 'available', () => module.available?.(session, isInitial, this));
    }
  }

  isBlocked(account: string, other: string): boolean {
    return this.modules.some((module) => module.blocks?.(account, other, this) === true);
  }

  deleteAccount(account: string): void {
    for (const contact of this.rosters.contacts(account)) part(contact, account, this);
    for (const { connection } of [...this.sessions.of(account)]) connection.close('not-authorized');
    this.accounts.delete?.(account);
    this.storage.clear(account);
    this.rosters.refresh(account);
    for (const module of this.modules) {
      this.#ask(module, 'deleted', () => module.deleted?.(account, this));
    }
    this.log('info', 'account deleted', { jid: account });
    this.commits.plan();
  }

  makeId(): string {
    this.#lastStanzaId += 1;
    return `${this.#idPrefix}-${this.#lastStanzaId}`;
  }

  hasAccount(jid: Jid): boolean {
    if (jid.domain !== this.domain || jid.local === '') return false;
    const account = jid.bare.toString();
    return this.sessions.has(account) || this.accounts.exists(account);
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
    this.#arrivals.leave({ kind, stanza: stamped, sender }, () =>
      this.#leave(kind, stamped, sender, checked?.jid),
    );
    this.commits.plan();
  }

  /** The sender's side. */
  #leave(kind: StanzaKind, stanza: Element, sender: Session, to: Jid | undefined): void {
    const realm = this.#realmOf(to);
    const inbound: Inbound = { kind, stanza, sender, to, realm, server: this };
    if (this.modules.some((module) => module.stanza?.(inbound) === true)) return;
    if (realm === 'account') {
      // What has no address is for the sender's own account (RFC 6120, section 10.3).
      this.#arrivals.push({ kind, stanza, to: to ?? Jid.parse(sender.account), sender });
    } else this.refuse(stanza, 'service-unavailable', sender);
  }

  async register(stanza: Element): Promise<Element> {
    const module = this.modules.find((each) => 'register' in each);
    try {
      const reply = await module?.register?.(stanza, this);
      this.commits.plan();
      if (reply) return reply;
    } catch (error) {
      this.log('error', 'registration failed', { error: String(error) });
    }
    return errorReply(stanza, 'internal-server-error') ?? stanza;
  }

  routePlain(chunk: Uint8Array, sender: Session, handle: number): PlainOutcome {
    return this.#plain?.feed(chunk, sender, handle) ?? { stanzaCount: 0 };
  }

  seat(session: Session, options: Omit<SeatOptions, 'isFiltered'>): void {
    this.#plain?.seat(session, { ...options, isFiltered: this.#isFiltered(session.account) });
  }

  refilter(account: string): void {
    const filtered = this.#isFiltered(account);
    for (const { seat } of this.sessions.of(account)) {
      if (seat) seat.flags = { ...seat.flags, filtered };
    }
  }

  #isFiltered(account: string): boolean {
    return this.modules.some((module) => module.filters?.(account, this) === true);
  }

  #makePlain(): PlainMessages {
    return new PlainMessages({
      domain: this.domain,
      engine: this.#options.engine ?? new Engine(),
      accounts: {
        exists: (account) => this.accounts.exists(account),
        knows: (account, from) => this.#arrivals.knows(account, '', from),
      },
      route: (stanza, sender) => this.route(stanza, sender),
    });
  }

  async authenticate(question: AuthQuestion): Promise<AuthAnswer> {
    const answer = await this.accounts.answer(question, this.domain);
    // The secret behind the salts of unknown users is written when it is first needed.
    this.commits.plan();
    return answer;
  }

  bind(
    wanted: Extract<StreamEffect, { type: 'bind' }>,
    connection: Connection,
  ): { readonly answer: BindAnswer; readonly session?: Session } {
    const bound = this.sessions.bind(this.#named(wanted), connection);
    const { session } = bound;
    const encrypted = connection.isEncrypted;
    if (session) this.log('info', 'bound', { id: connection.id, jid: session.jid, encrypted });
    return bound;
  }

  /**
   * With Bind 2 the server names the resource (XEP-0386, section 4): what the client calls itself, and
   * something that is always the same for the same installation, which takes over from its own old session.
   */
  #named(wanted: Extract<StreamEffect, { type: 'bind' }>): Wanted {
    const { local, domain, resource, tag, clientId } = wanted;
    if (tag === undefined && clientId === undefined) return { local, domain, resource };
    const suffix = this.#clients.nameOf(`${local}@${domain}`, clientId);
    const checked = Jid.check(`${domain}/${tag ?? ''}`);
    const prefix = checked.ok ? `${checked.jid.resource.slice(0, maxTagLength)}.` : '';
    return { local, domain, resource: prefix + suffix, takesOver: clientId !== undefined };
  }

  enable(wanted: Extract<StreamEffect, { type: 'enable' }>, session: Session): EnableAnswer {
    return this.#resumption.enable(wanted, session);
  }

  resume(
    wanted: Extract<StreamEffect, { type: 'resume' }>,
    connection: Connection,
  ): { readonly answer: ResumeAnswer; readonly session?: Session } {
    const resumed = this.#resumption.resume(wanted, connection);
    const { session } = resumed;
    if (session) this.log('info', 'resumed', { id: connection.id, jid: session.jid });
    return resumed;
  }

  confirm(tags: readonly number[]): void {
    for (const tag of tags) if (tag !== 0) this.mailbox.confirm(tag);
    this.commits.plan();
  }

  release(tags: readonly number[]): void {
    const accounts = new Set<string>();
    for (const tag of tags) {
      const account = tag === 0 ? undefined : this.mailbox.release(tag);
      if (account !== undefined) accounts.add(account);
    }
    for (const account of accounts) this.#sendAgain(account);
  }

  streamEnded(connection: Connection, session: Session | undefined, end: StreamEnd): void {
    const { kind, ...details } = end.reason;
    const { id } = connection;
    this.log('info', 'stream ended', { id, jid: session?.jid, reason: kind, ...details });
    if (!session) return;
    if (end.isResumable && end.management && !this.#isStopping) {
      this.#resumption.park(session, connection, end.management);
    } else this.#endSession(session, end.management);
  }

  connectionClosed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#addresses.leave(connection);
  }

  /** The resource is gone; what it did not acknowledge is not. */
  #endSession(session: Session, management: StreamManagement | undefined): void {
    if (management) this.#resumption.forget(session, management);
    this.sessions.remove(session);
    // From here on nothing is for it, and it goes without its seat.
    session.seat?.unbind();
    session.seat = undefined;
    for (const module of this.modules) {
      this.#ask(module, 'ended', () => module.ended?.(session, this));
    }
    const unacked = management?.unacked ?? [];
    for (const { bytes, tag } of unacked) {
      if (tag === 0) this.#divert(bytes, management?.scope ?? '', session);
    }
    this.release(unacked.map(({ tag }: Sent) => tag));
    this.#arrivals.arrive();
    this.commits.plan();
  }

  /** A stanza that a resource may not have got: a message is for the account, a request gets an error. */
  #divert(bytes: Uint8Array, scope: string, session: Session): void {
    const source = `<stream xmlns='${scope}'>${new TextDecoder().decode(bytes)}</stream>`;
    const stanza = parse(source).child();
    const kind = stanza && stanzaKind(stanza, NS.client);
    if (!stanza || !kind) return;
    const from = Jid.check(stanza.attr('from') ?? '');
    const sender = from.ok
      ? this.sessions.find(from.jid.bare.toString(), from.jid.resource)
      : undefined;
    if (kind === 'iq') this.refuse(stanza, 'service-unavailable', sender);
    if (kind === 'message' && isWorthKeeping(stanza)) {
      this.#arrivals.push({ kind, stanza, to: Jid.parse(session.account), sender });
    }
  }

  /** What waits for an account, to its most available resource, if it has one. */
  #sendAgain(account: string): void {
    const candidates = this.sessions.available(account).filter(({ priority }) => priority >= 0);
    candidates.sort((one, other) => other.priority - one.priority);
    const target = candidates.at(0);
    if (!target) return;
    for (const { tag, stanza } of this.mailbox.take(account)) this.sendKept(stanza, tag, target);
  }

  /** What was written since the last commit is not stored. */
  #lose(error: unknown): void {
    this.log('error', 'nothing can be stored', { error: String(error) });
    this.rosters.refresh();
    this.#outputs.cut();
  }

  flushLater(connection: Connection): void {
    this.#outputs.later(connection);
  }

  /** Writes what all connections have queued, one write a connection. */
  flush(): void {
    this.#outputs.flush();
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

/** Whether a module wants to see messages that the routing table alone decides on. */
function seesAll(module: ServerModule): boolean {
  if (module.stanza || module.delivered) return module.skipsPlainMessages !== true;
  return false;
}
