/*
 * What modules use of the server (`ModuleHost`), carried out: sending, refusing, passing on, telling each other; and
 * what they share: accounts, sessions, rosters, the mailbox, storage.
 */
import type { Element } from '../element.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import { stanzaKind } from '../protocol/stanza-check.js';
import { errorReply } from '../protocol/stanza-error.js';
import type { StanzaCondition, StanzaErrorOptions } from '../protocol/stanza-error.js';
import { StoredAccounts } from './accounts.js';
import type { Accounts } from './accounts.js';
import { Arrivals, knows } from './arrivals.js';
import type { Log } from './log.js';
import { Mailbox } from './mailbox.js';
import type { ModuleHost, ServerModule } from './module.js';
import { standardModules } from './modules/standard.js';
import type { ServerOptions } from './options.js';
import { part } from './presences.js';
import { realmOf } from './realms.js';
import { Rosters } from './rosters.js';
import { Seats } from './seats.js';
import { Sessions } from './sessions.js';
import type { Session } from './sessions.js';
import { MemoryStorage } from './storage/memory.js';
import type { Storage } from './storage/storage.js';

export class ModuleServer implements ModuleHost {
  readonly domain: string;
  readonly modules: readonly ServerModule[];
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly rosters: Rosters;
  readonly storage: Storage;
  readonly mailbox: Mailbox;
  readonly date: () => number;
  protected readonly seats: Seats;
  protected readonly arrivals: Arrivals;
  readonly #log: Log | undefined;
  readonly #idPrefix: string;
  readonly #isWatched: boolean;
  #lastStanzaId = 0;

  /** `generate` makes names that cannot be guessed. */
  protected constructor(options: ServerOptions, generate: () => string) {
    this.domain = Jid.from({ domain: options.domain }).domain;
    this.#log = options.log;
    this.#idPrefix = generate();
    this.date = options.date ?? (() => Date.now());
    this.modules = options.modules ?? standardModules();
    this.#isWatched = this.modules.some(seesAll);
    this.storage = options.storage ?? new MemoryStorage();
    this.accounts = options.accounts ?? new StoredAccounts(this.storage);
    this.rosters = new Rosters(this.storage);
    const { storage, domain, date } = this;
    this.mailbox = new Mailbox({ storage, domain, date });
    this.sessions = new Sessions({
      conflict: options.conflict ?? 'rename',
      maxResources: options.maxResources ?? 64,
      generate,
    });
    this.seats = new Seats({
      domain,
      engine: options.engine,
      accounts: {
        exists: (account) => this.accounts.exists(account),
        knows: (account, from, to) => knows(this, account, from, to),
      },
      isFiltered: (account) => this.#isFiltered(account),
    });
    this.arrivals = new Arrivals(this, this.seats);
  }

  readonly log: Log = (level, event, fields) => {
    try {
      this.#log?.(level, event, fields);
    } catch {
      // There is nobody else to tell, and a stream is worth more than a line about it.
    }
  };

  makeId(): string {
    this.#lastStanzaId += 1;
    return `${this.#idPrefix}-${this.#lastStanzaId}`;
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
    if (realmOf(to, this.domain) !== 'account') return;
    this.arrivals.push({ kind, stanza, to, sender });
    this.arrivals.arrive();
  }

  hasAccount(jid: Jid): boolean {
    if (jid.domain !== this.domain || jid.local === '') return false;
    const account = jid.bare.toString();
    return this.sessions.has(account) || this.accounts.exists(account);
  }

  deleteAccount(account: string): void {
    for (const contact of this.rosters.contacts(account)) part(contact, account, this);
    for (const { connection } of [...this.sessions.of(account)]) connection.close('not-authorized');
    this.accounts.delete?.(account);
    this.storage.clear(account);
    this.rosters.refresh(account);
    this.tellModules('deleted', (module) => module.deleted?.(account, this));
    this.log('info', 'account deleted', { jid: account });
  }

  isBlocked(account: string, other: string): boolean {
    return this.modules.some((module) => module.blocks?.(account, other, this) === true);
  }

  refilter(account: string): void {
    this.seats.refilter(this.sessions.of(account));
  }

  tellAvailable(session: Session, isInitial: boolean): void {
    this.tellModules('available', (module) => module.available?.(session, isInitial, this));
  }

  /** A module's fault costs its own answer, not those of the others. */
  protected tellModules(kind: string, tell: (module: ServerModule) => void): void {
    for (const module of this.modules) {
      try {
        tell(module);
      } catch (error) {
        this.log('error', 'a module failed', { module: module.name, kind, error: String(error) });
      }
    }
  }

  /** Of a module that wants to see everything all accounts are looked at. */
  #isFiltered(account: string): boolean {
    if (this.#isWatched) return true;
    return this.modules.some((module) => module.filters?.(account, this) === true);
  }
}

/** Whether a module wants to see messages that the routing table alone decides on. */
function seesAll(module: ServerModule): boolean {
  if (module.stanza || module.delivered) return module.skipsPlainMessages !== true;
  return false;
}
