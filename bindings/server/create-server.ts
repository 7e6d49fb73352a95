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
import type { Limits } from '../limits.js';
import { NS } from '../namespaces.js';
import { parse } from '../parse.js';
import type { LivenessOptions } from '../protocol/managed-stream.js';
import type { BindAnswer, EnableAnswer, ResumeAnswer, StreamEffect } from '../protocol/effects.js';
import type { Framing } from '../protocol/framing.js';
import { encodeBase64 } from '../protocol/sasl/base64.js';
import type { TlsFacts } from '../protocol/sasl/channel-binding.js';
import type { AuthAnswer, AuthQuestion } from '../protocol/sasl/mechanism.js';
import type { MechanismName } from '../protocol/sasl/negotiation.js';
import { ServerStream } from '../protocol/server-stream.js';
import type { ManagementLimits, Sent, StreamManagement } from '../protocol/stream-management.js';
import { checkStanza, messageType, presenceType, stanzaKind } from '../protocol/stanza-check.js';
import type { StanzaKind } from '../protocol/stanza-check.js';
import { errorReply } from '../protocol/stanza-error.js';
import type { StanzaCondition, StanzaErrorOptions } from '../protocol/stanza-error.js';
import { tcpFraming } from '../transport/tcp.js';
import { StoredAccounts } from './accounts.js';
import type { Accounts } from './accounts.js';
import { bareOf } from './addresses.js';
import { ClientNames } from './client-names.js';
import { Commits } from './commits.js';
import { Connection } from './connection.js';
import type { ConnectionOwner, StreamEnd, Transport } from './connection.js';
import { decide } from './delivery.js';
import type { Log } from './log.js';
import { Mailbox, isWorthKeeping } from './mailbox.js';
import type { Arrival, Inbound, ModuleHost, ServerModule } from './module.js';
import { standardModules } from './modules/standard.js';
import { ParkedStream } from './parked-stream.js';
import { PlainMessages } from './plain-messages.js';
import type { PlainOutcome, SeatOptions } from './plain-messages.js';
import { part } from './presences.js';
import { RateMeter } from './rate-meter.js';
import type { RateLimits } from './rate-meter.js';
import { Rosters } from './rosters.js';
import { Sessions } from './sessions.js';
import type { ConflictPolicy, Session, Wanted } from './sessions.js';
import { MemoryStorage } from './storage/memory.js';
import type { Storage } from './storage/storage.js';

export interface ServerOptions {
  /** The domain served; it is prepared like any domain of an address. */
  readonly domain: string;
  /** What lasts; in memory, and gone with the process, by default. */
  readonly storage?: Storage;
  /** Those of the storage by default. */
  readonly accounts?: Accounts;
  /** Instead of the standard ones; `[...standardModules(), mine]` adds to them. */
  readonly modules?: readonly ServerModule[];
  readonly log?: Log;
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
  /** Milliseconds since 1970, for stamps. */
  readonly date?: () => number;
  readonly random?: (byteCount: number) => Uint8Array;
  /**
   * Runs a function once this turn of the event loop has read its input: `setImmediate` where there is
   * one, else a microtask.
   */
  readonly defer?: (action: () => void) => void;
  /** Runs a function after a while: `setTimeout` by default. */
  readonly delay?: (action: () => void, ms: number) => void;
  /** How long writes are collected before they are made to last (5). */
  readonly commitMs?: number;
  /** Stream management (XEP-0198) with its limits; false: none. */
  readonly management?: ManagementLimits | false;
  /** How long a session whose connection was lost can be resumed (300). */
  readonly maxResumeSeconds?: number;
  /** When silent clients are asked for a sign of life; absent: never. */
  readonly liveness?: LivenessOptions;
  readonly mechanisms?: readonly MechanismName[];
  /** Whether SASL2 and Bind 2 are offered on encrypted streams (XEP-0388, XEP-0386); true by default. */
  readonly hasSasl2?: boolean;
  readonly limits?: { readonly beforeAuth?: Limits; readonly afterAuth?: Limits };
  readonly maxAuthAttempts?: number;
  readonly negotiationMs?: number;
  readonly closeMs?: number;
  /** What may wait for a client that does not read, before it is cut off. */
  readonly maxQueueBytes?: number;
  readonly maxResources?: number;
  /** Clients beyond these (10,000) are refused with `resource-constraint`. */
  readonly maxConnections?: number;
  /** Connections from one address beyond these are refused with `policy-violation`; absent: no limit. */
  readonly maxConnectionsPerAddress?: number;
  /** How much one client may send; false: as much as it can. */
  readonly rates?: RateLimits | false;
  readonly conflict?: ConflictPolicy;
  readonly engine?: Engine;
}

export interface ConnectOptions {
  /** TCP's by default. */
  readonly framing?: Framing;
  /** The transport is encrypted from its start. */
  readonly isEncrypted?: boolean;
  /** What is known of that TLS; what STARTTLS brings comes with `secured`. */
  readonly tlsFacts?: TlsFacts;
  /** STARTTLS: 'none' by default. */
  readonly tls?: 'none' | 'offered' | 'required';
  /** Where it comes from, for the log. */
  readonly peer?: string;
  /** The network address of the same, for limits. */
  readonly address?: string;
}

export function createServer(options: ServerOptions): Server {
  return new Server(options);
}

/** RFC 6120, section 13.12: less would cut off what peers may rightly send. */
const minStanzaBytes = 10_000;

/** Of what a client calls itself, in its resource. */
const maxTagLength = 64;

/** A stanza on its way to an account here. */
interface Passing {
  readonly kind: StanzaKind;
  readonly stanza: Element;
  readonly to: Jid;
  readonly sender: Session | undefined;
}

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
  #unflushed: Connection[] = [];
  /** Those whose output waits for a commit. */
  #held: Connection[] = [];
  /** Sessions that can be resumed, by the name of that; and those of them whose connection is lost. */
  readonly #resumable = new Map<string, Session>();
  readonly #parked = new Map<Session, { readonly until: number; readonly id: string }>();
  #passing: Passing[] = [];
  #isPassing = false;
  /** Connections by network address. */
  readonly #addresses = new Map<string, number>();
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
      committed: () => this.#flushHeld(),
      failed: (error) => this.#cutHeld(error),
    });
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? ((count) => crypto.getRandomValues(new Uint8Array(count)));
    const isLong = this.modules.some(seesAll);
    this.#plain = isLong ? undefined : this.#makePlain();
    const generate = (): string =>
      encodeBase64(this.#random(9)).replaceAll('+', '-').replaceAll('/', '_');
    this.#idPrefix = generate();
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
    const { framing = tcpFraming, isEncrypted = false, tls = 'none', peer, address } = options;
    const { tlsFacts } = options;
    const engine = this.#plain?.engine ?? this.#options.engine;
    const { maxQueueBytes = 1_048_576, liveness, management = {} } = this.#options;
    const { mechanisms, limits, maxAuthAttempts, negotiationMs, closeMs } = this.#options;
    const { rates = {}, hasSasl2 = true } = this.#options;
    const stream = new ServerStream({
      framing,
      domains: [this.domain],
      random: this.#random,
      tls,
      isEncrypted,
      hasSasl2,
      ...(tlsFacts && { tlsFacts }),
      extensions: this.modules.flatMap((module) => module.streamFeatures ?? []),
      hasRegistration: this.modules.some((module) => 'register' in module),
      ...(management && { management }),
      ...(liveness && { liveness }),
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
      meter: rates ? new RateMeter(rates) : undefined,
      now,
    });
    this.#connections.add(connection);
    if (this.#isStopping) connection.close('system-shutdown');
    else if (this.#connections.size > (this.#options.maxConnections ?? 10_000)) {
      this.log('warn', 'too many connections', { id, peer });
      connection.refuse('resource-constraint');
    } else if (address !== undefined && !this.#admits(address, connection)) {
      this.log('warn', 'too many connections from one address', { id, peer });
      connection.refuse('policy-violation');
    }
    return connection;
  }

  /** Counts a connection from an address, until it is closed; false where there are too many. */
  #admits(address: string, connection: Connection): boolean {
    const { maxConnectionsPerAddress = Infinity } = this.#options;
    const count = (this.#addresses.get(address) ?? 0) + 1;
    if (count > maxConnectionsPerAddress) return false;
    this.#addresses.set(address, count);
    connection.address = address;
    return true;
  }

  /** Looks at the deadlines of all connections; call it about once a second. */
  tick(): void {
    const now = this.#now();
    for (const connection of this.#connections) connection.tick(now);
    for (const [session, { until }] of this.#parked) if (now >= until) session.connection.close();
  }

  /** Ends all streams with `system-shutdown`; they close within `closeMs`, by `tick`. */
  stop(): void {
    this.#isStopping = true;
    for (const connection of this.#connections) connection.close('system-shutdown');
    for (const session of this.#parked.keys()) session.connection.close();
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
    this.#passing.push({ kind, stanza, to, sender });
    this.#arriveAll();
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
    this.#isPassing = true;
    this.#guard(kind, stamped, sender, () => this.#leave(kind, stamped, sender, checked?.jid));
    this.#isPassing = false;
    this.#arriveAll();
    this.commits.plan();
  }

  /** The sender's side. */
  #leave(kind: StanzaKind, stanza: Element, sender: Session, to: Jid | undefined): void {
    const realm = this.#realmOf(to);
    const inbound: Inbound = { kind, stanza, sender, to, realm, server: this };
    if (this.modules.some((module) => module.stanza?.(inbound) === true)) return;
    if (realm === 'account') {
      // What has no address is for the sender's own account (RFC 6120, section 10.3).
      this.#passing.push({ kind, stanza, to: to ?? Jid.parse(sender.account), sender });
    } else this.refuse(stanza, 'service-unavailable', sender);
  }

  /** Stanzas that arrive may send others: these come after those before them. */
  #arriveAll(): void {
    if (this.#isPassing) return;
    this.#isPassing = true;
    for (;;) {
      const next = this.#passing.shift();
      if (!next) break;
      this.#guard(next.kind, next.stanza, next.sender, () => this.#arrive(next));
    }
    this.#isPassing = false;
  }

  /** The recipient's side. */
  #arrive({ kind, stanza, to, sender }: Passing): void {
    const account = to.bare.toString();
    const from = stanza.attr('from') ?? this.domain;
    const exists = this.hasAccount(to);
    if (exists && this.isBlocked(account, from)) {
      // As if nobody were there (XEP-0191, section 5).
      if (kind !== 'presence') this.refuse(stanza, 'service-unavailable', sender);
      return;
    }
    const { resource } = to;
    const isKnown = (): boolean => exists && this.#knows(account, resource, from);
    const sessions = [...this.sessions.of(account)];
    const verdict = decide(kind, typeOf(stanza, kind), { exists, sessions, resource, isKnown });
    switch (verdict.type) {
      case 'deliver':
        for (const module of this.modules) {
          module.delivered?.(stanza, from, verdict.targets, this);
        }
        return this.sendKept(
          stanza,
          this.#promise(stanza, account, verdict.targets.length, sender),
          ...verdict.targets,
        );
      case 'bounce':
        return this.refuse(stanza, verdict.condition, sender);
      case 'handle':
      case 'store': {
        const arrival: Arrival = {
          verdict: verdict.type,
          ...{ kind, stanza, from, account, resource, exists, sender, isKnown },
          server: this,
        };
        if (this.modules.some((module) => module.arrival?.(arrival) === true)) return;
        if (kind !== 'presence' && isKnown()) this.refuse(stanza, 'service-unavailable', sender);
        return;
      }
      case 'drop':
    }
  }

  /** Keeps a message whose sender will be told that it is safe; 0 for any other. */
  #promise(stanza: Element, account: string, holderCount: number, sender?: Session): number {
    if (stanza.name !== 'message' || !this.storage.isLasting) return 0;
    if (!sender?.connection.isManaged || holderCount === 0 || !isWorthKeeping(stanza)) return 0;
    return this.mailbox.keepOnItsWay(account, stanza, holderCount);
  }

  /** Whether the sender may know that this account, or this resource of it, is there (section 8.1). */
  #knows(account: string, resource: string, from: string): boolean {
    const sender = bareOf(from);
    if (from === this.domain || this.rosters.isSubscriber(account, sender)) return true;
    const sessions = [...this.sessions.of(account)];
    return sessions.some(
      ({ directed, resource: own }) =>
        (resource === '' || resource === own) && (directed.has(from) || directed.has(sender)),
    );
  }

  /** A module's fault costs its stanza, not the stream and not the server. */
  #guard(kind: StanzaKind, stanza: Element, sender: Session | undefined, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.log('error', 'a module failed', { jid: sender?.jid, kind, error: String(error) });
      this.refuse(stanza, 'internal-server-error', sender);
    }
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
        knows: (account, from) => this.#knows(account, '', from),
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
    if (!wanted.wantsResume) return { kind: 'enabled' };
    const { maxResumeSeconds = 300 } = this.#options;
    const maxSeconds = Math.min(wanted.maxSeconds ?? maxResumeSeconds, maxResumeSeconds);
    const id = encodeBase64(this.#random(15));
    this.#resumable.set(id, session);
    return { kind: 'enabled', id, maxSeconds };
  }

  resume(
    wanted: Extract<StreamEffect, { type: 'resume' }>,
    connection: Connection,
  ): { readonly answer: ResumeAnswer; readonly session?: Session } {
    const session = this.#resumable.get(wanted.id);
    const isOwn = session?.account === `${wanted.local}@${wanted.domain}`;
    const management = isOwn ? session.connection.handOver() : undefined;
    if (!session || !management) {
      return { answer: { kind: 'refused', condition: 'item-not-found' } };
    }
    session.connection = connection;
    this.#parked.delete(session);
    this.log('info', 'resumed', { id: connection.id, jid: session.jid });
    const { resource } = session;
    return { answer: { kind: 'resumed', management, resource }, session };
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
      this.#park(session, connection, end.management);
    } else this.#endSession(session, end.management);
  }

  connectionClosed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    const { address } = connection;
    const count = address === undefined ? 0 : (this.#addresses.get(address) ?? 0);
    if (address === undefined) return;
    if (count > 1) this.#addresses.set(address, count - 1);
    else this.#addresses.delete(address);
  }

  /** Its connection is lost, but its client may come back. */
  #park(
    session: Session,
    { id, isEncrypted, lang }: Connection,
    management: StreamManagement,
  ): void {
    const giveUp = (): void => {
      if (!this.#parked.delete(session)) return;
      this.log('info', 'not resumed', { jid: session.jid });
      this.#endSession(session, management);
    };
    session.connection = new ParkedStream(id, isEncrypted, lang, management, giveUp);
    this.#parked.set(session, {
      until: this.#now() + management.maxSeconds * 1000,
      id: management.id,
    });
  }

  /** The resource is gone; what it did not acknowledge is not. */
  #endSession(session: Session, management: StreamManagement | undefined): void {
    if (management) this.#resumable.delete(management.id);
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
    this.#arriveAll();
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
      this.#passing.push({ kind, stanza, to: Jid.parse(session.account), sender });
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

  #flushHeld(): void {
    const connections = this.#held;
    this.#held = [];
    for (const connection of connections) this.#flush(connection);
  }

  /** What they were to hear is not true. */
  #cutHeld(error: unknown): void {
    this.log('error', 'nothing can be stored', { error: String(error) });
    this.rosters.refresh();
    const connections = this.#held;
    this.#held = [];
    for (const connection of connections) connection.cut();
  }

  #flush(connection: Connection): void {
    connection.flush();
    if (connection.isHeld) this.#held.push(connection);
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
    for (const connection of connections) this.#flush(connection);
    this.commits.plan();
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

/** Whether a module wants to see messages that the routing table alone decides on. */
function seesAll(module: ServerModule): boolean {
  if (module.stanza || module.delivered) return module.skipsPlainMessages !== true;
  return false;
}

function typeOf(stanza: Element, kind: StanzaKind): string {
  switch (kind) {
    case 'message':
      return messageType(stanza);
    case 'presence':
      return presenceType(stanza);
    case 'iq':
      return stanza.attr('type') ?? '';
  }
}

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
