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
 * Invariants: an account that is refused is not tried again. `closed` is the last status, and told once.
 */
import type { Element } from '../element.js';
import { UsageError } from '../errors.js';
import { Jid } from '../jid.js';
import { stanzaKind } from '../protocol/stanza-check.js';
import type { Sent } from '../protocol/stream-management.js';
import { NS } from '../namespaces.js';
import { Pauses } from './backoff.js';
import { Connector } from './connector.js';
import type { Connected, Session } from './connector.js';
import { ConnectionError, endError, isFinal } from './errors.js';
import type { Link, LinkListener } from './link.js';
import { Listeners } from './listeners.js';
import type { Settings, Status } from './options.js';
import { Outbox } from './outbox.js';
import { clientStanza, Requests } from './requests.js';
import type { RequestHandler, RequestOptions } from './requests.js';
import { StanzaQueue } from './stanza-queue.js';
import { guarded } from './guarded.js';

export interface SendOptions {
  /** Gives up waiting. What the connection has not taken is not sent. */
  readonly signal?: AbortSignal;
}

/** Answers to others that may wait to be sent. */
const maxReplies = 1000;

export class Client implements AsyncIterable<Element> {
  /** Resolves when the client is closed for good: to the reason, undefined after `close`. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  readonly #settings: Settings;
  readonly #outbox = new Outbox();
  readonly #requests = new Requests();
  readonly #stanzas = new StanzaQueue(() => this.#checkPause());
  readonly #listeners = new Listeners<Element>();
  readonly #statusListeners = new Listeners<Status>();
  readonly #pauses: Pauses | undefined;
  /** Aborted when the client is closed for good. */
  readonly #stopping = new AbortController();
  readonly #connector: Connector;
  #resolveClosed!: (error: Error | undefined) => void;
  #status: Status = { state: 'connecting' };
  #jid: Jid;
  /** The link that stanzas go over, while there is one. */
  #link: Link | undefined;
  /** What the next link may go on with. */
  #session: Session | undefined;
  #isClosing = false;
  /** Answers to others that wait to be sent. */
  #replyCount = 0;

  /** @internal */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#jid = settings.jid;
    this.#pauses = settings.backoff && new Pauses(settings.backoff);
    this.#connector = new Connector(settings, this.#stopping.signal);
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
      void this.#stay(await this.#connect());
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
    const { timeoutMs = this.#settings.options.requestMs, signal } = options;
    const send = (sent: Element, giveUp: AbortSignal): Promise<void> => this.#send(sent, giveUp);
    const asked = this.#requests.ask(iq, { timeoutMs, ...(signal && { signal }) }, send);
    this.#checkPause();
    return asked.finally(() => this.#checkPause());
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
   * Messages and presence as they come. Each iterator gets all from its beginning on; up to 256 stanzas that
   * came while there was none, or that the last one left, are kept for it. Ends when the client is closed,
   * with its error if that was the reason, or with the reason of the signal.
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
    return this.#listeners.add(listener);
  }

  /** Calls for each change of the status; returns what ends that. */
  onStatus(listener: (status: Status) => void): () => void {
    return this.#statusListeners.add(listener);
  }

  /** Tries at once to connect again, where that would be after a pause. */
  reconnect(): void {
    this.#pauses?.end();
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

  #connect(): Promise<Connected> {
    const listener: Omit<LinkListener, 'ended'> = {
      ready: (link, address, isResumed) => this.#ready(link, address, isResumed),
      stanza: (stanza) => this.#take(stanza),
      acked: (stanzas) => this.#acked(stanzas),
      drained: () => {
        this.#outbox.drained();
        this.#flush();
      },
      ending: (link, isResumable) => this.#ending(link, isResumable),
    };
    return this.#connector.connect(listener, this.#session);
  }

  /** Stays connected until that is of no use, or no longer wanted. */
  async #stay(first: Connected): Promise<void> {
    for (let next: Connected | undefined = first; next;) {
      const since = performance.now();
      const end = await next.ended;
      if (this.#isClosing) {
        this.#finish(undefined, end.isAnswered);
        return;
      }
      this.#pauses?.held(performance.now() - since);
      this.#connector.learn(end);
      next = await this.#comeBack(endError(end));
    }
  }

  /** Connects again, after pauses; undefined: not any more. */
  async #comeBack(lastError: Error): Promise<Connected | undefined> {
    let error = lastError;
    while (this.#pauses && !isFinal(error)) {
      const delayMs = this.#pauses.next();
      // Before it is told of: a listener may end it.
      const pause = this.#pauses.wait(delayMs);
      this.#tell({ state: 'waiting', delayMs, error });
      await pause;
      if (this.#isOver()) return undefined;
      this.#tell({ state: 'connecting' });
      try {
        return await this.#connect();
      } catch (reason) {
        if (this.#isOver()) return undefined;
        error = reason as Error;
      }
    }
    this.#finish(error);
    return undefined;
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
    const { management, location } = link;
    const hasSession = isResumable && management !== undefined;
    if (hasSession) this.#session = { management, jid: this.#jid.toString(), location };
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
    this.#pauses?.end();
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
    this.#listeners.tell(stanza);
    this.#stanzas.push(stanza);
  }

  async #reply(iq: Element): Promise<void> {
    const reply = await this.#requests.reply(iq);
    // A client that is closed meanwhile has no answer to give.
    if (!reply || this.#isClosing) return;
    // A server that asks and asks, and takes no answers, would fill the memory with them.
    if (this.#replyCount >= maxReplies) return this.#link?.giveUp();
    this.#replyCount += 1;
    const settled = (): void => void (this.#replyCount -= 1);
    this.#send(reply, undefined).then(settled, settled);
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

  #isOver(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Nothing is told after the end. */
  #tell(status: Status): void {
    if (this.#status.state === 'closed') return;
    this.#status = status;
    this.#statusListeners.tell(status);
  }

  #checkOpen(): void {
    if (this.#isClosing || this.#status.state === 'closed') {
      throw new ConnectionError('connection-closed', 'the client is closed');
    }
  }
}
