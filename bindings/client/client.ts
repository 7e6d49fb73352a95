/*
 * A client that stays connected: one account, one session after the other, over as many links as it takes.
 *
 *     connecting ──► online ──► waiting ──► connecting ...        closed: by `close`, or for a reason that stays
 *          └────────────────────────────────────► closed
 *
 * A session goes on over a new link where the server can do that (XEP-0198): then nothing was lost, in
 * either direction. Where it cannot, a new session begins, requests that were under way are rejected, and
 * what the server had not acknowledged is reported: whether it has it, nobody knows.
 *
 * Invariants: an account that is refused is not tried again; after SCRAM no PLAIN is used; a server that
 * sends elsewhere is followed over the same kind of wire only.
 */
import type { Element } from '../element.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import { stanzaKind } from '../protocol/stanza-check.js';
import type { Sent, StreamManagement } from '../protocol/stream-management.js';
import { NS } from '../namespaces.js';
import { backoffMs } from './backoff.js';
import { ConnectionError, endError, isFinal, TimeoutError } from './errors.js';
import type { Failure } from './errors.js';
import { Link } from './link.js';
import type { LinkEnd, LinkListener } from './link.js';
import { tlsPolicy } from './options.js';
import type { Settings, Status } from './options.js';
import { Outbox } from './outbox.js';
import { clientStanza, Requests } from './requests.js';
import type { RequestHandler } from './requests.js';
import { StanzaQueue } from './stanza-queue.js';
import { isLoopback } from './transport.js';
import type { Transport } from './transport.js';

export interface SendOptions {
  /** Gives up while the stanza was not sent yet. */
  readonly signal?: AbortSignal;
}

export interface RequestOptions {
  /** How long to wait for the answer, in milliseconds. */
  readonly timeoutMs?: number;
  /** Gives up waiting; the request may be handled all the same. */
  readonly signal?: AbortSignal;
}

/** A connection that held so long was a good one: the next pause is a short one again. */
const stableMs = 30_000;
const maxRedirections = 5;
const defaultLiveness = { pingMs: 60_000, timeoutMs: 20_000 };

interface Place {
  readonly uri: string;
  readonly transport: Transport;
}

export class Client implements AsyncIterable<Element> {
  /** Resolves when the client is closed for good: to the reason, undefined after `close`. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  readonly #settings: Settings;
  readonly #outbox = new Outbox();
  readonly #requests = new Requests();
  readonly #stanzas = new StanzaQueue(() => this.#checkPause());
  readonly #listeners = new Set<(stanza: Element) => void>();
  readonly #statusListeners = new Set<(status: Status) => void>();
  readonly #stopping = new AbortController();
  #resolveClosed!: (error: Error | undefined) => void;
  #status: Status = { state: 'connecting' };
  #jid: Jid;
  /** The link that stanzas go over, while there is one. */
  #link: Link | undefined;
  /** What the next link may go on with. */
  #session: { readonly management: StreamManagement; readonly jid: string } | undefined;
  #isClosing = false;
  #hasSasl2 = true;
  #hasScram = false;
  #wake: (() => void) | undefined;
  /** The place that worked last, or that the server named. */
  #place: Place | undefined;

  /** @internal */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#jid = settings.jid;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    const { onStatus } = settings.options;
    if (onStatus) this.#statusListeners.add(onStatus);
  }

  /**
   * Connects for the first time: rejects when that fails, and the client is closed.
   *
   * @internal
   */
  async start(): Promise<this> {
    const { signal } = this.#settings.options;
    signal?.throwIfAborted();
    if (signal) {
      const abort = (): void => this.#abort(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      void this.closed.then(() => signal.removeEventListener('abort', abort));
    }
    this.#tell({ state: 'connecting' });
    try {
      const end = await this.#connect();
      void this.#stay(end);
      return this;
    } catch (error) {
      this.#finish(error as Error);
      throw error;
    }
  }

  /** The address of the session; before the first one the account's. */
  get jid(): Jid {
    return this.#jid;
  }

  get status(): Status {
    return this.#status;
  }

  /**
   * Sends a stanza; one without `xmlns` is taken as one of `jabber:client`. Resolves when the connection has
   * taken it and has room for more; while there is no connection it waits for one. Rejects, when the client
   * is closed, with its reason; with UsageError for what is no stanza.
   *
   *     await client.send(xml('message', { to: 'romeo@example.net' }, xml('body', {}, 'Wherefore?')));
   */
  async send(stanza: Element, options: SendOptions = {}): Promise<void> {
    this.#checkOpen();
    const checked = clientStanza(stanza);
    if (!stanzaKind(checked, NS.client)) {
      throw new UsageError('a stanza is a message, a presence or an iq of jabber:client');
    }
    return this.#send(checked, options.signal);
  }

  /**
   * Asks, and resolves to the result: the whole iq. Rejects with StanzaError where the answer is an error,
   * with TimeoutError where there is none, with ConnectionError where the session is lost meanwhile.
   *
   *     const iq = xml('iq', { type: 'get', to: 'example.net' }, xml('query', { xmlns: NS.discoInfo }));
   *     const result = await client.request(iq);
   *     result.child('query')?.elements('feature')
   */
  async request(iq: Element, options: RequestOptions = {}): Promise<Element> {
    this.#checkOpen();
    const { requestMs = 30_000 } = this.#settings.options;
    const { timeoutMs = requestMs, signal } = options;
    const type = iq.attr('type');
    if (iq.name !== 'iq' || (type !== 'get' && type !== 'set') || iq.elements().length !== 1) {
      throw new UsageError('a request is an iq of type get or set with one child');
    }
    signal?.throwIfAborted();
    const id = iq.attr('id') ?? this.#requests.nextId();
    if (this.#requests.has(id)) throw new UsageError('a request with this id is under way');
    const giveUp = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const abort = (): void => giveUp.abort(signal?.reason);
    signal?.addEventListener('abort', abort);
    try {
      return await new Promise<Element>((resolve, reject) => {
        giveUp.signal.addEventListener('abort', () => reject(giveUp.signal.reason as Error));
        timer = setTimeout(() => giveUp.abort(new TimeoutError(timeoutMs)), timeoutMs);
        this.#requests.add(id, { to: iq.attr('to'), resolve, reject });
        this.#checkPause();
        this.#send(clientStanza(iq.withAttrs({ id })), giveUp.signal).catch(reject);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#requests.delete(id);
      this.#checkPause();
    }
  }

  /**
   * Answers requests whose payload is of this namespace; returns what takes the handler away. Requests that
   * nobody handles are answered with `service-unavailable`, pings with a result.
   *
   *     client.handle(NS.version, () => xml('query', { xmlns: NS.version }, xml('name', {}, 'my bot')));
   */
  handle(ns: string, handler: RequestHandler): () => void {
    return this.#requests.handle(ns, handler);
  }

  /**
   * Messages and presence as they come. Each iterator gets all from its beginning on; what came before the
   * first one, up to 1,000 stanzas, is kept for it. Ends when the client is closed, with its error if that
   * was the reason, or with the reason of the signal.
   *
   *     for await (const stanza of client.stanzas()) console.log(stanza.name, stanza.attr('from'));
   */
  stanzas(
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncIterableIterator<Element, undefined> {
    return this.#stanzas.iterate(options.signal);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Element, undefined> {
    return this.stanzas();
  }

  /** Calls for each message and presence, before iterators get it; returns what ends that. */
  onStanza(listener: (stanza: Element) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls for each change of the status; returns what ends that. */
  onStatus(listener: (status: Status) => void): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  /** Tries at once to connect again, where that would be after a pause. */
  reconnect(): void {
    this.#wake?.();
  }

  /** Says goodbye and closes the connection. What was not sent yet is rejected. */
  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      const closed = new ConnectionError('connection-closed', 'the client was closed');
      this.#outbox.close(closed);
      this.#requests.fail(closed);
      if (this.#link?.isWritable) this.#link.close();
      else this.#finish(undefined);
    }
    await this.closed;
  }

  // Links.

  /** A link with a session; resolves to its end, as a promise. */
  async #connect(): Promise<{ readonly ended: Promise<LinkEnd> }> {
    const failures: Failure[] = [];
    let hasRetried = false;
    const places = await this.#places();
    // Bounded by the redirections, each of which adds one place.
    for (let redirections = 0; ;) {
      const place = places.shift();
      if (!place) break;
      const { link, ready, ended } = this.#makeLink(place);
      try {
        await link.open(this.#stopping.signal);
        await ready;
        this.#place = place;
        this.#hasScram ||= link.mechanism.startsWith('SCRAM');
        return { ended };
      } catch (error) {
        if (this.#stopping.signal.aborted) throw this.#stopping.signal.reason;
        const { reason } = error instanceof LinkFailure ? error.end : {};
        const failure = error instanceof LinkFailure ? error.error : (error as Error);
        if (reason?.kind === 'failed' && reason.hasClassicSasl && !hasRetried) {
          hasRetried = true;
          this.#hasSasl2 = false;
          places.unshift(place);
          continue;
        }
        const elsewhere = this.#elsewhere(place, error);
        if (elsewhere && ++redirections <= maxRedirections) {
          places.unshift(elsewhere);
          continue;
        }
        if (isFinal(failure)) throw failure;
        failures.push({ uri: place.uri, error: failure });
      }
    }
    if (failures.length === 1) throw failures[0].error;
    const why = failures.map(({ uri, error }) => `${uri} (${error.message})`).join(', ');
    const { lookup } = this.#settings;
    throw new ConnectionError(
      'connection-failed',
      why === ''
        ? `no way to ${lookup} is known: say where its service is`
        : `no connection: ${why}`,
      { failures, ...(failures.length > 0 && { cause: failures.at(-1)?.error }) },
    );
  }

  /** Where to try, best first. */
  async #places(): Promise<Place[]> {
    const { transports, uri, lookup } = this.#settings;
    const last = this.#place;
    if (uri !== undefined) {
      const place = placeOf(uri, transports);
      return [last, place].filter((each, index, all): each is Place => {
        return each !== undefined && all.findIndex((other) => other?.uri === each.uri) === index;
      });
    }
    const signal = this.#stopping.signal;
    const domain = asciiOf(lookup);
    const found = await Promise.all(
      transports.map(async (transport) => {
        const uris = await transport.discover(domain, signal);
        return uris.map((each) => ({ uri: each, transport }));
      }),
    );
    signal.throwIfAborted();
    const places = found.flat().filter((place) => place.uri !== last?.uri);
    return last ? [last, ...places] : places;
  }

  /** Where the server says to go, if that is another place of the same kind. */
  #elsewhere(from: Place, error: unknown): Place | undefined {
    const reason = error instanceof LinkFailure ? error.end.reason : undefined;
    if (reason?.kind !== 'peer-error' || reason.elsewhere === undefined) return undefined;
    return redirected(from, reason.elsewhere);
  }

  #makeLink(place: Place): { link: Link; ready: Promise<void>; ended: Promise<LinkEnd> } {
    const { options, jid, mechanisms, password } = this.#settings;
    const { lang, liveness = defaultLiveness, management = {}, clientId, limits } = options;
    let becomeReady: () => void = () => undefined;
    let failReady: (error: Error) => void = () => undefined;
    let end: (end: LinkEnd) => void = () => undefined;
    const ready = new Promise<void>((resolve, reject) => {
      becomeReady = resolve;
      failReady = reject;
    });
    ready.catch(() => undefined);
    const ended = new Promise<LinkEnd>((resolve) => (end = resolve));
    const listener: LinkListener = {
      ready: (link, address, isResumed) => {
        becomeReady();
        this.#ready(link, address, isResumed);
      },
      stanza: (stanza) => this.#take(stanza),
      acked: (stanzas) => this.#acked(stanzas),
      drained: () => {
        this.#outbox.drained();
        this.#flush();
      },
      ending: (link, isResumable) => this.#ending(link, isResumable),
      ended: (_link, how) => {
        this.#stopping.signal.removeEventListener('abort', destroy);
        failReady(new LinkFailure(how));
        end(how);
      },
    };
    const link = new Link(
      {
        transport: place.transport,
        endpoint: { uri: place.uri, domain: asciiOf(jid.domain) },
        stream: {
          domain: jid.domain,
          username: jid.local,
          mechanisms: this.#hasScram ? mechanisms.filter((name) => name !== 'PLAIN') : mechanisms,
          isPlainAllowedInClear: isLoopback(new URL(place.uri).hostname),
          tls: tlsPolicy(options, place.uri),
          hasSasl2: this.#hasSasl2,
          liveness,
          ...(jid.resource !== '' && { resource: jid.resource }),
          ...(lang !== undefined && { lang }),
          ...(management && { management }),
          ...(clientId !== undefined && { clientId }),
          ...(limits && { limits }),
          ...(this.#session && { resume: this.#session }),
        },
        password,
        trace: options.trace && guarded(options.trace),
        connectMs: options.connectMs ?? 15_000,
      },
      listener,
    );
    const destroy = (): void => link.destroy();
    this.#stopping.signal.addEventListener('abort', destroy);
    return { link, ready, ended };
  }

  /** Stays connected until that is of no use, or no longer wanted. */
  async #stay(first: { readonly ended: Promise<LinkEnd> }): Promise<void> {
    const { backoff } = this.#settings;
    let { ended } = first;
    let failureCount = 0;
    for (;;) {
      const since = performance.now();
      const end = await ended;
      if (this.#isClosing) {
        this.#finish(undefined, end.isAnswered);
        return;
      }
      let error = endError(end.reason, end.cause);
      if (performance.now() - since > stableMs) failureCount = 0;
      const { reason } = end;
      const elsewhere =
        reason.kind === 'peer-error' && reason.elsewhere !== undefined && this.#place
          ? redirected(this.#place, reason.elsewhere)
          : undefined;
      if (elsewhere) this.#place = elsewhere;
      for (;;) {
        if (!backoff || isFinal(error)) {
          this.#finish(error);
          return;
        }
        const delayMs = backoffMs(failureCount, Math.random(), backoff);
        failureCount += 1;
        this.#tell({ state: 'waiting', delayMs, error });
        await this.#pause(delayMs);
        if (this.#isStopped) return;
        this.#tell({ state: 'connecting' });
        try {
          ({ ended } = await this.#connect());
          break;
        } catch (reason) {
          if (this.#isStopped) return;
          error = reason as Error;
        }
      }
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }

  // What a link tells.

  #ready(link: Link, address: string, isResumed: boolean): void {
    if (this.#isClosing) return link.close();
    this.#link = link;
    this.#jid = Jid.parseWire(address);
    if (!isResumed && this.#session) {
      this.#reportLost(new ConnectionError('connection-lost', 'the session was lost'));
    }
    this.#session = undefined;
    this.#tell({ state: 'online', jid: this.#jid, isResumed, uri: link.uri });
    this.#checkPause();
    this.#flush();
  }

  #acked(stanzas: readonly Sent[]): void {
    this.#outbox.acked(stanzas);
    this.#flush();
  }

  /** The link takes no more; its session may go on over another. */
  #ending(link: Link, isResumable: boolean): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    const { management } = link;
    const hasSession = isResumable && management !== undefined;
    if (hasSession) this.#session = { management, jid: this.#jid.toString() };
    const error = new ConnectionError('connection-lost', 'the connection was lost');
    this.#outbox.disconnected(hasSession, error);
    if (!hasSession && !this.#isClosing) this.#reportLost(error);
  }

  /** The session is gone: what of it has no end that is known. */
  #reportLost(error: Error): void {
    const unsent = this.#outbox.waitingIds();
    const lost = this.#outbox
      .takeUnacked()
      .filter((stanza) => !this.#requests.has(stanza.attr('id') ?? ''));
    this.#requests.fail(error, (id) => !unsent.has(id));
    const { onLost } = this.#settings.options;
    if (lost.length > 0 && onLost) guarded(onLost)(lost);
  }

  /** Closed for good; `isAnswered`: the server has handled all that was sent. */
  #finish(error: Error | undefined, isAnswered = false): void {
    if (this.#status.state === 'closed') return;
    this.#isClosing = true;
    const reason = error ?? new ConnectionError('connection-closed', 'the client was closed');
    this.#stopping.abort(reason);
    this.#wake?.();
    this.#outbox.close(reason);
    if (isAnswered) this.#outbox.takeUnacked();
    this.#reportLost(reason);
    this.#session = undefined;
    this.#tell({ state: 'closed', ...(error && { error }) });
    this.#stanzas.end(error);
    this.#resolveClosed(error);
  }

  #abort(reason: Error): void {
    if (this.#link) void this.close();
    else this.#finish(reason);
  }

  /** A stanza has come. */
  #take(stanza: Element): void {
    if (stanza.name === 'iq') {
      const type = stanza.attr('type');
      if (type === 'get' || type === 'set') void this.#reply(stanza);
      else this.#requests.answer(stanza, this.#jid);
      return;
    }
    for (const listener of this.#listeners) guarded(listener)(stanza);
    this.#stanzas.push(stanza);
  }

  async #reply(iq: Element): Promise<void> {
    const reply = await this.#requests.reply(iq);
    // A client that is closed meanwhile has no answer to give.
    if (reply && !this.#isClosing) this.#send(reply, undefined).catch(() => undefined);
  }

  #send(stanza: Element, signal: AbortSignal | undefined): Promise<void> {
    const sent = this.#outbox.add(stanza, signal);
    this.#flush();
    return sent;
  }

  #flush(): void {
    if (this.#link) this.#outbox.flush(this.#link);
  }

  /** Reads no further while somebody has more than enough to read, and nobody waits for an answer. */
  #checkPause(): void {
    if (!this.#link) return;
    this.#link.isPaused = this.#stanzas.isLong && this.#requests.pendingCount === 0;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #tell(status: Status): void {
    this.#status = status;
    for (const listener of this.#statusListeners) guarded(listener)(status);
  }

  #checkOpen(): void {
    if (this.#isClosing || this.#status.state === 'closed') {
      throw new ConnectionError('connection-closed', 'the client is closed');
    }
  }
}

/** A link that ended before it had a session. */
class LinkFailure extends Error {
  readonly end: LinkEnd;
  readonly error: Error;

  constructor(end: LinkEnd) {
    super('no session');
    this.end = end;
    this.error =
      end.reason.kind === 'failed' && end.cause ? end.cause : endError(end.reason, end.cause);
  }
}

function placeOf(uri: string, transports: readonly Transport[]): Place | undefined {
  const { protocol } = new URL(uri);
  const transport = transports.find(({ schemes }) => schemes.includes(protocol));
  return transport && { uri, transport };
}

/** The place that a server sends to, over the same kind of wire: `host:port`, or a URI. */
function redirected({ uri, transport }: Place, elsewhere: string): Place | undefined {
  const { protocol } = new URL(uri);
  const isWebSocket = protocol.startsWith('ws');
  const target = elsewhere.includes('://') ? elsewhere : `${protocol}//${elsewhere}`;
  if (isWebSocket !== elsewhere.includes('://') || !URL.canParse(target)) return undefined;
  return new URL(target).protocol === protocol ? { uri: target, transport } : undefined;
}

/** A domain as DNS, TLS and HTTP know it. */
const asciiOf = (domain: string): string => Jid.from({ domain }).toAscii();

/** A function of the program's, whose fault is the program's and not the connection's. */
function guarded<T>(call: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      call(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
