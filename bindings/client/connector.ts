/*
 * From settings to a link that has a session: looks up where the server is, tries one place after the other,
 * goes where a server sends, and remembers what worked.
 *
 *     places ──► link ──► session
 *       ▲         │ no wire, no TLS: the next place
 *       │         │ without SASL2 it may work: the same place again
 *       │         │ see-other-host: that place first
 *       └─────────┘ the account is refused: no other place would help
 *
 * Invariants: after SCRAM no PLAIN is used, on any later link; a server that sends elsewhere is followed over
 * the same kind of wire only, a bounded number of times.
 */
import { TercetError } from '../errors.js';
import { Jid } from '../jid.js';
import type { StreamManagement } from '../protocol/stream-management.js';
import { withDeadline } from './deadline.js';
import { ConnectionError, endError, isFinal } from './errors.js';
import type { Failure } from './errors.js';
import { Link } from './link.js';
import type { LinkEnd, LinkListener } from './link.js';
import { tlsPolicy } from './options.js';
import type { Settings } from './options.js';
import { guarded } from './guarded.js';
import { isLoopback } from './transport.js';
import type { Transport } from './transport.js';

/** The session of an earlier link. */
export interface Session {
  readonly management: StreamManagement;
  readonly jid: string;
  /** Where the server wants it to go on: `host:port`. */
  readonly location?: string | undefined;
}

/** A link that has a session, until it ends. */
export interface Connected {
  readonly ended: Promise<LinkEnd>;
}

interface Place {
  readonly uri: string;
  readonly transport: Transport;
}

const maxRedirections = 5;
const defaultLiveness = { pingMs: 60_000, timeoutMs: 20_000 };
const defaultConnectMs = 15_000;

export class Connector {
  readonly #settings: Settings;
  readonly #signal: AbortSignal;
  /** The place that worked last, or that a server named. */
  #place: Place | undefined;
  #hasSasl2 = true;
  #hasScram = false;

  /** What is under way is over when the signal is aborted, sessions included. */
  constructor(settings: Settings, signal: AbortSignal) {
    this.#settings = settings;
    this.#signal = signal;
  }

  /** Resolves when there is a session; rejects when there was none at any place. */
  async connect(
    listener: Omit<LinkListener, 'ended'>,
    session: Session | undefined,
  ): Promise<Connected> {
    const failures: Failure[] = [];
    const places = this.#places(session?.location);
    // What comes before the rest of them: bounded, by the redirections and once for doing without SASL2.
    const ahead: Place[] = [];
    const next = async (): Promise<Place | undefined> =>
      ahead.shift() ?? (await places.next()).value ?? undefined;
    let redirections = 0;
    for (let place = await next(); place; place = await next()) {
      try {
        return await this.#try(place, listener, session);
      } catch (error) {
        this.#signal.throwIfAborted();
        const { reason } = error instanceof NoSession ? error.end : {};
        const elsewhere =
          reason?.kind === 'peer-error' ? redirected(place, reason.elsewhere) : undefined;
        if (reason?.kind === 'failed' && reason.hasClassicSasl && this.#hasSasl2) {
          this.#hasSasl2 = false;
          ahead.push(place);
          continue;
        }
        if (elsewhere && ++redirections <= maxRedirections) {
          ahead.push(elsewhere);
          continue;
        }
        const failure = error instanceof NoSession ? error.error : (error as Error);
        if (isFinal(failure)) throw failure;
        failures.push({ uri: place.uri, error: failure });
      }
    }
    throw this.#failed(failures);
  }

  /** How a link has ended: another place may be the next. */
  learn({ reason }: LinkEnd): void {
    if (reason.kind !== 'peer-error' || !this.#place) return;
    this.#place = redirected(this.#place, reason.elsewhere) ?? this.#place;
  }

  #failed(failures: readonly Failure[]): Error {
    if (failures.length === 1 && failures[0].error instanceof TercetError) return failures[0].error;
    const { lookup } = this.#settings;
    const tried = failures.map(({ uri, error }) => `${uri} (${error.message})`).join(', ');
    return new ConnectionError(
      'connection-failed',
      tried === ''
        ? `no way to ${lookup} is known here: say where its service is`
        : `no connection to ${tried}`,
      { failures, cause: failures.at(-1)?.error },
    );
  }

  /** Where to try, best first; a transport is not asked before the places of those before it failed. */
  async *#places(location: string | undefined): AsyncGenerator<Place, undefined> {
    const { transports, uri, lookup } = this.#settings;
    const last = this.#place;
    const wanted = last && redirected(last, location);
    if (wanted && wanted.uri !== last.uri) yield wanted;
    if (last) yield last;
    for (const transport of transports) {
      const isFor = uri !== undefined && transport.schemes.includes(new URL(uri).protocol);
      const uris = uri === undefined ? await this.#discover(transport, lookup) : isFor ? [uri] : [];
      for (const each of uris) if (each !== last?.uri) yield { uri: each, transport };
      if (isFor) return undefined;
    }
    return undefined;
  }

  /** None where nothing is found in time. */
  async #discover(transport: Transport, domain: string): Promise<readonly string[]> {
    try {
      return await withDeadline(this.#signal, this.#connectMs, (signal) =>
        transport.discover(asciiOf(domain), signal),
      );
    } catch {
      this.#signal.throwIfAborted();
      return [];
    }
  }

  get #connectMs(): number {
    return this.#settings.options.connectMs ?? defaultConnectMs;
  }

  async #try(
    place: Place,
    listener: Omit<LinkListener, 'ended'>,
    session: Session | undefined,
  ): Promise<Connected> {
    const { link, ready, ended } = this.#makeLink(place, listener, session);
    await link.open(this.#signal);
    const destroy = (): void => link.destroy();
    this.#signal.addEventListener('abort', destroy);
    void ended.then(() => this.#signal.removeEventListener('abort', destroy));
    await ready;
    this.#place = place;
    this.#hasScram ||= link.mechanism.startsWith('SCRAM');
    return { ended };
  }

  #makeLink(
    { uri, transport }: Place,
    listener: Omit<LinkListener, 'ended'>,
    session: Session | undefined,
  ): { link: Link; ready: Promise<void>; ended: Promise<LinkEnd> } {
    const { options, jid, mechanisms, password } = this.#settings;
    const { lang, liveness = defaultLiveness, management = {}, clientId, limits, trace } = options;
    let becomeReady: () => void = () => undefined;
    let failReady: (error: Error) => void = () => undefined;
    let end: (end: LinkEnd) => void = () => undefined;
    const ready = new Promise<void>((resolve, reject) => {
      becomeReady = resolve;
      failReady = reject;
    });
    // Nobody waits for it where there was no wire.
    ready.catch(() => undefined);
    const ended = new Promise<LinkEnd>((resolve) => (end = resolve));
    const link = new Link(
      {
        transport,
        endpoint: { uri, domain: asciiOf(jid.domain) },
        stream: {
          domain: jid.domain,
          username: jid.local,
          mechanisms: this.#hasScram ? mechanisms.filter((name) => name !== 'PLAIN') : mechanisms,
          isPlainAllowedInClear: isLoopback(new URL(uri).hostname),
          tls: tlsPolicy(options, uri),
          hasSasl2: this.#hasSasl2,
          // It would make a name of its own of a resource that is asked for.
          hasBind2: jid.resource === '',
          liveness,
          ...(jid.resource !== '' && { resource: jid.resource }),
          ...(lang !== undefined && { lang }),
          ...(management && { management }),
          ...(clientId !== undefined && { clientId }),
          ...(limits && { limits }),
          ...(options.connectMs !== undefined && { negotiationMs: options.connectMs }),
          ...(session && { resume: session }),
        },
        password,
        trace: trace && guarded(trace),
        connectMs: this.#connectMs,
      },
      {
        ready(...how) {
          becomeReady();
          listener.ready(...how);
        },
        stanza: (stanza) => listener.stanza(stanza),
        acked: (stanzas) => listener.acked(stanzas),
        drained: () => listener.drained(),
        ending: (...how) => listener.ending(...how),
        ended(how) {
          failReady(new NoSession(how));
          end(how);
        },
      },
    );
    return { link, ready, ended };
  }
}

/** A link has ended before it had a session. */
class NoSession extends Error {
  readonly end: LinkEnd;
  readonly error: Error;

  constructor(end: LinkEnd) {
    super('no session');
    this.end = end;
    // What went wrong while the password was asked for says more than that it was refused.
    this.error = end.reason.kind === 'failed' && end.cause ? end.cause : endError(end);
  }
}

/** The place that a server sends to, over the same kind of wire: `host:port`, or a URI over WebSocket. */
function redirected({ uri, transport }: Place, elsewhere: string | undefined): Place | undefined {
  if (elsewhere === undefined) return undefined;
  const { protocol } = new URL(uri);
  const isUri = protocol.startsWith('ws');
  const target = isUri ? elsewhere : `${protocol}//${elsewhere}`;
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url?.protocol !== protocol || url.hostname === '' || url.username + url.password !== '') {
    return undefined;
  }
  // A host and a port, and nothing behind them.
  if (!isUri && (/\s/.test(elsewhere) || url.pathname + url.search + url.hash !== '')) {
    return undefined;
  }
  return { uri: target, transport };
}

/** A domain as DNS, TLS and HTTP know it. */
const asciiOf = (domain: string): string => Jid.from({ domain }).toAscii();
