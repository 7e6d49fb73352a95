/*
 * The server: connections, sessions and a list of modules, without sockets and without a clock of its
 * own. A host (`tercet/node`) connects transports, passes bytes and the time, and closes.
 *
 *     const server = createServer({ domain: 'localhost', accounts });
 *     const connection = server.connect(transport);
 *     connection.receive(bytes);
 *
 * The parts are joined here:
 *
 *     connection -> logins                              who it is, which resource it gets
 *                -> departures -> modules -> arrivals   a stanza: the sender's side, then the recipient's
 *                -> endings                             what becomes of a session and of what it did not get
 *     commits -> outputs                                what a client hears waits until what it caused lasts
 */
import { UsageError } from '../errors.js';
import { encodeBase64 } from '../protocol/sasl/base64.js';
import { tcpFraming } from '../transport/tcp.js';
import { ClientNames } from './client-names.js';
import { Commits } from './commits.js';
import { Connection } from './connection.js';
import type { ConnectionOwner, Transport } from './connection-owner.js';
import { Connections } from './connections.js';
import { Departures } from './departures.js';
import { Endings } from './endings.js';
import { Logins } from './logins.js';
import { ModuleServer } from './module-server.js';
import type { ConnectOptions, ServerOptions } from './options.js';
import { Outputs } from './outputs.js';
import { feedPlain } from './plain-messages.js';
import type { KeepPlain } from './plain-messages.js';
import { RateMeter } from './rate-meter.js';
import { Resumption } from './resumption.js';
import { makeStream } from './server-streams.js';

export function createServer(options: ServerOptions): Server {
  return new Server(options);
}

/** RFC 6120, section 13.12: less would cut off what peers may rightly send. */
const minStanzaBytes = 10_000;

export class Server extends ModuleServer {
  readonly #options: ServerOptions;
  readonly #now: () => number;
  readonly #random: (byteCount: number) => Uint8Array;
  readonly #connections: Connections;
  readonly #outputs: Outputs;
  readonly commits: Commits;
  readonly #resumption: Resumption;
  readonly #endings: Endings;
  readonly #owner: ConnectionOwner;
  #lastId = 0;

  constructor(options: ServerOptions) {
    for (const limits of [options.limits?.beforeAuth, options.limits?.afterAuth]) {
      if ((limits?.maxStanzaBytes ?? minStanzaBytes) < minStanzaBytes) {
        throw new UsageError('maxStanzaBytes of a server is 10000 at least (RFC 6120, 13.12)');
      }
    }
    const random = options.random ?? ((count) => crypto.getRandomValues(new Uint8Array(count)));
    const generate = (): string =>
      encodeBase64(random(9)).replaceAll('+', '-').replaceAll('/', '_');
    super(options, generate);
    const { storage, date, arrivals, seats } = this;
    this.#options = options;
    this.#random = random;
    this.#now = options.now ?? (() => performance.now());
    this.#connections = new Connections(options, this.log);
    const commits = new Commits({
      storage,
      commitMs: options.commitMs ?? 5,
      delay: options.delay ?? ((action, ms) => void setTimeout(action, ms)),
      committed: () => this.#outputs.release(),
      failed: (error) => this.#lose(error),
    });
    this.commits = commits;
    this.#outputs = new Outputs(options.defer, () => commits.plan());
    const resumption = new Resumption({
      ...{ storage, date, now: this.#now, random },
      maxSeconds: options.maxResumeSeconds ?? 300,
      givenUp: (session, management) => {
        this.log('info', 'not resumed', { jid: session.jid });
        this.#endings.end(session, management);
      },
      missed: (...stanza) => this.#endings.missed(...stanza),
    });
    this.#resumption = resumption;
    this.#endings = new Endings(this, {
      ...{ arrivals, seats, resumption, commits },
      left: (session) => this.tellModules('ended', (module) => module.ended?.(session, this)),
    });
    const clients = new ClientNames({ storage, date, generate });
    const logins = new Logins(this, { clients, resumption, commits });
    const departures = new Departures(this, arrivals, commits);
    this.#owner = this.#own(logins, departures);
  }

  /** Whom a connection asks for what. */
  #own(logins: Logins, departures: Departures): ConnectionOwner {
    const endings = this.#endings;
    const route: ConnectionOwner['route'] = (stanza, sender) => departures.route(stanza, sender);
    const keep: KeepPlain = (...message) => this.mailbox.keepBytesOnTheirWay(...message);
    return {
      log: this.log,
      storage: this.storage,
      commits: this.commits,
      authenticate: (question) => logins.authenticate(question),
      register: (stanza) => logins.register(stanza),
      bind: (wanted, connection) => logins.bind(wanted, connection),
      enable: (wanted, session) => logins.enable(wanted, session),
      resume: (wanted, connection) => logins.resume(wanted, connection),
      seat: (session, options) => this.seats.seat(session, options),
      route,
      routePlain: (chunk, sender, handle, source) =>
        feedPlain(chunk, sender, { handle, source, route, keep }),
      confirm: (tags) => endings.confirm(tags),
      release: (tags) => endings.release(tags),
      missed: (...stanza) => endings.missed(...stanza),
      flushLater: (connection) => this.#outputs.later(connection),
      streamEnded: (connection, session, end) => endings.streamEnded(connection, session, end),
      connectionClosed: (connection) => this.#connections.remove(connection),
    };
  }

  get connectionCount(): number {
    return this.#connections.count;
  }

  /** Takes over a transport. */
  connect(transport: Transport, options: ConnectOptions = {}): Connection {
    const { framing = tcpFraming, isEncrypted = false, peer } = options;
    const { maxQueueBytes = 1_048_576, rates = {} } = this.#options;
    const { modules, domain, seats } = this;
    const shared = { domain, modules, random: this.#random, engine: seats.engine };
    const stream = makeStream(this.#options, options, shared);
    const id = ++this.#lastId;
    this.log('debug', 'connected', { id, framing: framing.name, encrypted: isEncrypted, peer });
    const connection = new Connection({
      ...{ id, stream, framing, transport, maxQueueBytes },
      server: this.#owner,
      meter: rates ? new RateMeter(rates) : undefined,
      now: this.#now,
    });
    this.#connections.add(connection, options);
    return connection;
  }

  /** Looks at the deadlines of all connections; call it about once a second. */
  tick(): void {
    const now = this.#now();
    this.#connections.tick(now);
    this.#resumption.tick(now);
  }

  /** Writes what all connections have queued, one write a connection. */
  flush(): void {
    this.#outputs.flush();
  }

  /** Ends all streams with `system-shutdown`; they close within `closeMs`, by `tick`. */
  stop(): void {
    this.#endings.stop();
    this.#connections.stop();
    this.#resumption.stop();
    this.flush();
  }

  /** Closes what is still there, at once. */
  cut(): void {
    this.#connections.cut();
  }

  override deleteAccount(account: string): void {
    super.deleteAccount(account);
    // Whoever makes an account of that name later shares it with nobody who was let in before.
    this.#connections.end(account);
    this.commits.plan();
  }

  /** What was written since the last commit is not stored. */
  #lose(error: unknown): void {
    this.log('error', 'nothing can be stored', { error: String(error) });
    this.rosters.refresh();
    this.#outputs.cut();
  }
}
