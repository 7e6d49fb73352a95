/*
 * The router's calls into the core (assembly/router/calls.ts), for an engine that has them.
 */
import { Route } from '../../assembly/abi.js';
import { ErrorCode } from '../../assembly/errors.js';
import type { Engine } from '../engine.js';
import { UsageError } from '../errors.js';
import { utf8Text } from '../text.js';

/** The raw exports, in the order of the file. */
interface RouterExports {
  router_open(): number;
  route_ptr(): number;
  router_domain(length: number, served: number): number;
  seat_bind(length: number, bare: number, extra: number, lang: number, flags: number): number;
  seat_set(handle: number, flags: number, priority: number): number;
  seat_unbind(handle: number): number;
  seat_find(length: number): number;
  seat_next(handle: number): number;
  seat_forget(handle: number): number;
  seat_known(handle: number, sender: number, isKnown: number): number;
  seat_directed(handle: number): number;
  route_feed(stream: number, handle: number, length: number, feed: number, facts: number): number;
  route_next(handle: number, facts: number): number;
  route_keep(): number;
  route_decide(row: number, to: number, from: number, facts: number): number;
}

const encoder = /* @__PURE__ */ new TextEncoder();

export class RouterCalls {
  readonly engine: Engine;
  readonly #core: RouterExports;
  /** The block of Route, as an index into the engine's words. */
  readonly #route: number;

  constructor(engine: Engine) {
    const core = engine.core as unknown as RouterExports;
    if (typeof (core as Partial<RouterExports>).router_open !== 'function') {
      throw new UsageError('the engine has no router: import tercet or tercet/router first');
    }
    this.engine = engine;
    this.#core = core;
    this.#settle(core.router_open());
    this.#route = core.route_ptr() >>> 2;
  }

  setDomain(domain: string, served: boolean): void {
    const length = this.#write(domain);
    this.#settle(this.#core.router_domain(length, served ? 1 : 0));
  }

  /** `jid` is canonical; `lang` and `prefixes` are what stanzas need beyond their stream. */
  bind(jid: string, bareLength: number, lang: string, prefixes: Uint8Array, flags: number): number {
    const address = encoder.encode(jid);
    const language = encoder.encode(lang);
    const extra = language.length + prefixes.length;
    const bytes = new Uint8Array(address.length + extra);
    bytes.set(address);
    bytes.set(language, address.length);
    bytes.set(prefixes, address.length + language.length);
    this.engine.writeBytes(bytes, 0, bytes.length);
    return this.#settle(
      this.#core.seat_bind(address.length, bareLength, extra, language.length, flags),
    );
  }

  set(handle: number, flags: number, priority: number): void {
    this.#settle(this.#core.seat_set(handle, flags, priority));
  }

  unbind(handle: number): void {
    this.#settle(this.#core.seat_unbind(handle));
  }

  /** The seat of a full JID, the newest one of a bare JID, -1 when there is none. */
  find(jid: string): number {
    return this.#found(this.#core.seat_find(this.#write(jid)));
  }

  /** The next older seat of the same account, -1 when there is none. */
  next(handle: number): number {
    return this.#found(this.#core.seat_next(handle));
  }

  forget(handle: number): void {
    this.#settle(this.#core.seat_forget(handle));
  }

  /** Keeps whether the account of a seat knows that of another. */
  known(handle: number, sender: number, isKnown: boolean): void {
    this.#settle(this.#core.seat_known(handle, sender, isKnown ? 1 : 0));
  }

  /** Takes the addresses that the seat has sent presence to directly. */
  directed(handle: number): string[] {
    const found: string[] = [];
    for (;;) {
      const length = this.#settle(this.#core.seat_directed(handle));
      if (length === 0) return found;
      const start = this.word(Route.OutPtr);
      found.push(utf8Text(this.engine.bytes, start, start + length));
    }
  }

  /** Routes what the engine's input holds. Groups and verdicts are in the block then. */
  feed(stream: number, handle: number, feed: number, facts: number): void {
    this.#settle(this.#core.route_feed(stream, handle, this.engine.written, feed, facts));
  }

  feedNext(handle: number, facts: number): void {
    this.#settle(this.#core.route_next(handle, facts));
  }

  /** Puts away what is left of a chunk. */
  keep(): void {
    this.#settle(this.#core.route_keep());
  }

  /** Decides on a stanza by its row and its addresses, `to` before `from` in the engine's input. */
  decide(row: number, toLength: number, fromLength: number, facts: number): void {
    this.#settle(this.#core.route_decide(row, toLength, fromLength, facts));
  }

  /** A word of the block. */
  word(index: number): number {
    return this.engine.words[this.#route + index] >>> 0;
  }

  #write(text: string): number {
    const bytes = encoder.encode(text);
    this.engine.writeBytes(bytes, 0, bytes.length);
    return bytes.length;
  }

  #found(result: number): number {
    return result === -ErrorCode.HandleStale ? -1 : this.#settle(result);
  }

  #settle(result: number): number {
    this.engine.renew();
    if (result >= 0) return result;
    throw refusal(-result);
  }
}

const refusals: Readonly<Record<number, readonly [string, string] | undefined>> = {
  [ErrorCode.SeatTaken]: ['seat-taken', 'the full JID is bound already'],
  [ErrorCode.SeatLimit]: ['seat-limit', 'the account has as many seats as it may have'],
  [ErrorCode.SeatBusy]: ['seat-busy', 'the rest of the last chunk comes first'],
  [ErrorCode.HandleStale]: ['handle-stale', 'the seat is unbound or belongs to another router'],
  [ErrorCode.LimitMemory]: ['limit-memory', 'the engine cannot get more memory'],
};

function refusal(number: number): UsageError {
  const [code, message] = refusals[number] ?? [
    'argument-invalid',
    `the core refused an argument (${number})`,
  ];
  return new UsageError(message, code);
}
