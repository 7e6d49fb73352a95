/*
 * Requests of ours that wait for their answers, and handlers for the requests of others (RFC 6120, section
 * 8.2.3).
 *
 * An answer counts only from whom was asked (section 8.1.2.1): anybody can send an iq with a guessed id.
 * Requests without a handler are answered with `service-unavailable`, for everyone must answer.
 */
import { Element } from '../element.js';
import { UsageError } from '../errors.js';
import { xml } from '../builder.js';
import { Jid } from '../jid.js';
import { NS } from '../namespaces.js';
import { parse } from '../parse.js';
import { errorReply, resultReply } from '../protocol/stanza-error.js';
import { StanzaError, TimeoutError } from './errors.js';
import { checkMs } from './options.js';

/**
 * Answers a request: with the payload of the result, or none. A StanzaError that it throws becomes the
 * answer, any other error `internal-server-error`.
 */
export type RequestHandler = (iq: Element) => Element | undefined | Promise<Element | undefined>;

export interface RequestOptions {
  /** How long to wait for the answer, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** Gives up waiting; the request may be handled all the same. */
  readonly signal?: AbortSignal;
}

type Send = (iq: Element, signal: AbortSignal) => Promise<void>;

interface Pending {
  readonly to: string | undefined;
  readonly resolve: (result: Element) => void;
  readonly reject: (error: Error) => void;
}

const defaultMs = 30_000;

export class Requests {
  readonly #pending = new Map<string, Pending>();
  readonly #handlers = new Map<string, RequestHandler>();
  #count = 0;

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Sends a request, and resolves to its result; see `Client.request`. */
  async ask(iq: Element, options: RequestOptions, send: Send): Promise<Element> {
    const { timeoutMs = defaultMs, signal } = options;
    checkMs('timeoutMs', timeoutMs);
    checkRequest(iq);
    signal?.throwIfAborted();
    const id = iq.attr('id') ?? this.#nextId();
    if (this.#pending.has(id)) throw new UsageError('a request with this id is under way');
    const giveUp = new AbortController();
    const abort = (): void => giveUp.abort(signal?.reason);
    const timer = setTimeout(() => giveUp.abort(new TimeoutError(timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', abort);
    try {
      return await new Promise<Element>((resolve, reject) => {
        giveUp.signal.addEventListener('abort', () => reject(giveUp.signal.reason as Error));
        this.#pending.set(id, { to: iq.attr('to'), resolve, reject });
        send(clientStanza(iq.withAttrs({ id })), giveUp.signal).catch(reject);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#pending.delete(id);
    }
  }

  has(id: string): boolean {
    return this.#pending.has(id);
  }

  /** Takes a result or an error, which may be the answer to a request of ours; what is neither is dropped. */
  answer(iq: Element, own: Jid): void {
    const id = iq.attr('id') ?? '';
    const type = iq.attr('type');
    const pending = this.#pending.get(id);
    if (!pending || (type !== 'result' && type !== 'error')) return;
    if (!isFrom(iq.attr('from'), pending.to, own)) return;
    this.#pending.delete(id);
    if (type === 'result') pending.resolve(iq);
    else pending.reject(StanzaError.of(iq));
  }

  /** Rejects requests: those whose ids `isMeant`. */
  fail(error: Error, isMeant: (id: string) => boolean = () => true): void {
    for (const [id, { reject }] of [...this.#pending]) {
      if (!isMeant(id)) continue;
      this.#pending.delete(id);
      reject(error);
    }
  }

  /** A handler for requests with a payload of this namespace; the last one counts. */
  handle(ns: string, handler: RequestHandler): () => void {
    this.#handlers.set(ns, handler);
    return () => {
      if (this.#handlers.get(ns) === handler) this.#handlers.delete(ns);
    };
  }

  /** The reply to a request of somebody else. */
  async reply(iq: Element): Promise<Element | undefined> {
    const payload = iq.child();
    const handler = payload && this.#handlers.get(payload.ns);
    if (!handler) return errorReply(iq, payload ? 'service-unavailable' : 'bad-request');
    try {
      const answer = await handler(iq);
      return answer ? resultReply(iq, answer) : resultReply(iq);
    } catch (error) {
      if (!(error instanceof StanzaError)) return errorReply(iq, 'internal-server-error');
      return errorReply(iq, error.condition, {
        type: error.type,
        ...(error.text !== '' && { text: error.text }),
        ...(error.application && { application: error.application }),
      });
    }
  }

  #nextId(): string {
    this.#count += 1;
    return `r${this.#count}`;
  }
}

/** Callers without types may give anything. */
function checkRequest(iq: Element): void {
  const type = iq instanceof Element ? iq.attr('type') : undefined;
  if ((type !== 'get' && type !== 'set') || iq.name !== 'iq' || iq.elements().length !== 1) {
    throw new UsageError('a request is an iq of type get or set with one child');
  }
}

/** Whether an answer from there may be the one of whom was asked. */
function isFrom(from: string | undefined, to: string | undefined, own: Jid): boolean {
  const bare = own.bare.toString();
  const canonical = from === undefined ? undefined : Jid.parseWire(from).toString();
  if (to !== undefined && canonical === Jid.parseWire(to).toString()) return true;
  // Section 8.1.2.1: without `from` it is the account's; older servers name themselves or us.
  const isOwnAccount =
    to === undefined || [bare, own.domain].includes(Jid.parseWire(to).toString());
  if (!isOwnAccount) return false;
  if (canonical === undefined || canonical === bare) return true;
  return to === undefined && (canonical === own.domain || canonical === own.toString());
}

/** A stanza as the stream takes it: in the namespace of clients where it has none. */
export function clientStanza(stanza: Element): Element {
  if (stanza.ns !== '') return stanza;
  if (stanza.document !== null) {
    // Its children have no namespace either, and would say so.
    return parse(`<stream xmlns='${NS.client}'>${stanza.toString()}</stream>`).child() ?? stanza;
  }
  return xml(stanza.name, { xmlns: NS.client, ...stanza.attrs }, ...stanza.children);
}
