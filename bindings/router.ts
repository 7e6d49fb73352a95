/*
 * The router: where a stanza goes by RFC 6120, sections 8 and 10, and RFC 6121, section 8, decided in the core
 * (assembly/router/). It decides, the host delivers: it knows no socket, no roster and no storage, and asks
 * the host for what the rules need of them.
 *
 *     const router = new Router<Connection>({ domains: ['example.com'], accounts });
 *     const juliet = router.bind('juliet@example.com/balcony', connection);
 *     juliet.available({ priority: 5 });
 *     const verdict = router.route(stanza, romeo);
 *     // { type: 'deliver', targets: [connection], bytes, rule: 'RFC 6121, 8.5.2.1.1', ... }
 *
 * Two ways in: `route` for one stanza, `seat.feed` for a chunk of a stream with many.
 */
import { Abi, Fact, Feed, Framing, Kind, Route, SeatFlag } from '../assembly/abi.js';
import { Element } from './element.js';
import { Engine } from './engine.js';
import { UsageError } from './errors.js';
import { checkOptions, checkedBytes } from './input.js';
import { Jid } from './jid.js';
import { limitValues } from './limits.js';
import { NS } from './namespaces.js';
import { Batch } from './router/batch.js';
import { RouterCalls } from './router/calls.js';
import { Decisions, type Decision, type Query } from './router/decision.js';
import { frameScope, headerOf, languageOf, packed, scopeOf } from './router/header.js';
import type { BindOptions, PeerOptions, RouterOptions } from './router/options.js';
import { Questions } from './router/questions.js';
import { Rounds, slotMask, verdictAt } from './router/round.js';
import { Seat, type SeatFlags, type SeatHost, type SeatStream } from './router/seat.js';
import type { StanzaErrorType, Verdict } from './router/verdict.js';
import { errorAt } from './xml-error.js';

export { Batch } from './router/batch.js';
export type { Decision, Query } from './router/decision.js';
export { Dispatcher, type DispatcherOptions } from './router/dispatcher.js';
export {
  localHop,
  type Envelope,
  type Epoch,
  type Hop,
  type NextHop,
  type NodeId,
  type Outcome,
} from './router/next-hop.js';
export type {
  Answer,
  BindOptions,
  PeerOptions,
  RouterAccounts,
  RouterOptions,
} from './router/options.js';
export { Seat, type SeatFlags, type SeatStream } from './router/seat.js';
export type { Question, StanzaKind, Subject, Verdict, VerdictType } from './router/verdict.js';

const routerOptions = ['domains', 'accounts', 'strangers', 'keepsKnown', 'engine'];
const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder();
const noFlags: SeatFlags = /* @__PURE__ */ Object.freeze({});
const noVerdicts: readonly never[] = /* @__PURE__ */ Object.freeze([]);
const routedEngines = /* @__PURE__ */ new WeakSet<Engine>();

export class Router<Target> {
  readonly engine: Engine;
  readonly #calls: RouterCalls;
  readonly #host: SeatHost<Target>;
  readonly #facts: number;
  /** By slot of their handles. */
  readonly #seats: (Seat<Target> | undefined)[] = [];
  readonly #rounds: Rounds<Target>;
  readonly #questions: Questions<Target>;
  readonly #decisions: Decisions<Target>;
  readonly #keeper = { detach: () => this.#calls.keep() };
  #count = 0;
  #lastHeader = '';
  /** Throws UsageError for options that are not as described, JidError for a domain that is none. */
  constructor(options: RouterOptions) {
    checkOptions(options, routerOptions);
    const { domains, accounts, strangers = 'silent', keepsKnown = false } = options;
    const { engine = new Engine() } = options;
    if (routedEngines.has(engine)) throw new UsageError('the engine has a router already');
    this.engine = engine;
    this.#calls = new RouterCalls(engine);
    routedEngines.add(engine);
    this.#facts = (strangers === 'error' ? Fact.Outspoken : 0) | (keepsKnown ? Fact.Remember : 0);
    this.#rounds = new Rounds(engine, this.#calls);
    const parts = {
      engine,
      calls: this.#calls,
      rounds: this.#rounds,
      accounts,
      facts: this.#facts,
    };
    this.#questions = new Questions(parts);
    this.#decisions = new Decisions(parts);
    for (const domain of domains) this.#calls.setDomain(Jid.from({ domain }).domain, true);
    this.#host = {
      calls: this.#calls,
      openStream: (seat, stream) => this.#openStream(seat, stream),
      feedSeat: (seat, chunk) => this.#feed(seat, chunk),
      takeChunk: (seat, chunk) => this.#take(seat, chunk),
      takeMore: (seat) => this.#takeMore(seat),
      removeSeat: (seat) => this.#remove(seat),
    };
  }

  /** Seats at present. */
  get count(): number {
    return this.#count;
  }

  /**
   * A bound resource. Throws UsageError with the code `seat-taken` for a full JID that is bound, `seat-limit` for
   * more than 1,024 of one account, and JidError for what is no JID.
   */
  bind(address: Jid | string, target: Target, options: BindOptions = {}): Seat<Target> {
    const full = typeof address === 'string' ? Jid.parse(address) : address;
    if (full.local === '' || full.resource === '') {
      throw new UsageError('a seat has a full JID: localpart, domain and resource');
    }
    // Decoded from its bytes the string is flat, and holds on to nothing that it was put together from.
    const jid = decoder.decode(encoder.encode(String(full)));
    return this.#open(jid, String(full.bare), target, options, 0);
  }

  /** The stream of another server, whose stanzas are checked and not stamped (RFC 6120, section 8.1.2.2). */
  peer(target: Target, options: PeerOptions): Seat<Target> {
    const { domain } = Jid.from({ domain: options.domain });
    return this.#open(domain, domain, target, options, SeatFlag.Server);
  }

  #open(
    jid: string,
    bare: string,
    target: Target,
    options: BindOptions,
    kind: number,
  ): Seat<Target> {
    const { header, framing = 'stream', strictFrom = false, flags = noFlags } = options;
    let fixed = kind;
    if (framing === 'websocket') fixed |= SeatFlag.Framed | SeatFlag.Units;
    if (strictFrom) fixed |= SeatFlag.Strict;
    const bareLength = encoder.encode(bare).length;
    const content = kind === 0 ? NS.client : NS.server;
    // Frames inherit nothing from the header of their stream.
    const scope = framing === 'stream' ? scopeOf(header, content) : frameScope;
    const handle = this.#calls.bind(
      jid,
      bareLength,
      languageOf(header),
      packed(scope, content),
      fixed,
    );
    const source = this.#shared(headerOf(scope));
    const seat = new Seat(this.#host, {
      jid,
      target,
      handle,
      header: source,
      fixed,
      flags,
    });
    this.#seats[handle & slotMask] = seat;
    this.#rounds.targets[handle & slotMask] = target;
    this.#count++;
    seat.update();
    return seat;
  }

  /** One string for all who have the same header: there are as many as seats. */
  #shared(header: string): string {
    if (header !== this.#lastHeader) this.#lastHeader = header;
    return this.#lastHeader;
  }

  #remove(seat: Seat<Target>): void {
    this.#seats[seat.handle & slotMask] = undefined;
    this.#rounds.targets[seat.handle & slotMask] = undefined;
    this.#count--;
    if (seat.ownsStream) this.engine.close(seat.stream, seat.limits);
    this.#questions.drop(seat);
  }

  /** The seat of a full JID in canonical form. */
  find(jid: string): Seat<Target> | undefined {
    const seat = this.#seatAt(this.#calls.find(jid));
    return seat?.jid === jid ? seat : undefined;
  }

  /** The seats of an account, the newest first. `bare` is in canonical form. */
  seatsOf(bare: string): Seat<Target>[] {
    const found: Seat<Target>[] = [];
    let handle = this.#calls.find(bare);
    for (let seat = this.#seatAt(handle); seat?.bare === bare; seat = this.#seatAt(handle)) {
      found.push(seat);
      handle = this.#calls.next(handle);
    }
    return found;
  }

  /** The roster of an account has changed: what is kept of whom it knows is asked anew. `bare` is in canonical form. */
  forget(bare: string): void {
    const handle = this.#calls.find(bare);
    if (handle >= 0) this.#calls.forget(handle);
  }

  /**
   * Where a stanza goes that the host carries itself, such as one that it makes: the decision by its kind, its type and its
   * addresses (RFC 6121, section 8.5), with those who get it, and no bytes. The sender need not have a seat. Throws UsageError
   * for a type that there is not, and for a `from` that is no address.
   *
   *     router.decide({ kind: 'message', type: 'chat', from: 'romeo@example.com', to: 'juliet@example.com' })
   *     // { type: 'store', rule: 'RFC 6121, 8.5.2.2.1', targets: [] }
   */
  decide(query: Query): Decision<Target> {
    return this.#decisions.decide(query);
  }

  #seatAt(handle: number): Seat<Target> | undefined {
    return handle < 0 ? undefined : this.#seats[handle & slotMask];
  }

  // ---- One stanza ---------------------------------------------------------------------------

  /**
   * Where one stanza of the seat's stream goes. `stanza` is as the client sent it: an element of the stream, or its bytes.
   * Throws UsageError for bytes that are not one complete element.
   */
  route(stanza: Element | Uint8Array, from: Seat<Target>): Verdict<Target> {
    const bytes = stanza instanceof Element ? stanza.toBytes() : checkedBytes(stanza);
    return this.#questions.route(bytes, from, this.#facts);
  }

  /**
   * The stanza ready to go to where another router decides: a verdict `forward`, with `from` stamped and in the
   * namespace of servers. What concerns this end alone is decided here: no `to`, a bad form.
   */
  prepare(stanza: Element | Uint8Array, from: Seat<Target>): Verdict<Target> {
    const bytes = stanza instanceof Element ? stanza.toBytes() : checkedBytes(stanza);
    return verdictAt(
      this.#questions.single(bytes, from, this.#facts | Fact.Single | Fact.Away),
      0,
      from,
    );
  }

  /**
   * The error reply to a stanza that could not be carried on, as for `route`; `drop` for one that must not be answered
   * (RFC 6120, section 8.3.1). `condition` is one of section 8.3.3.
   */
  refuse(
    stanza: Element | Uint8Array,
    from: Seat<Target>,
    condition: string,
    errorType: StanzaErrorType,
  ): Verdict<Target> {
    const bytes = stanza instanceof Element ? stanza.toBytes() : checkedBytes(stanza);
    const verdict = verdictAt(
      this.#questions.single(bytes, from, Fact.Single | Fact.Refused),
      0,
      from,
    );
    if (verdict.type !== 'bounce' || verdict.condition !== 'service-unavailable') return verdict;
    // The core knows three conditions; the error is the last element of the reply.
    const source = decoder.decode(verdict.bytes);
    const end = source.lastIndexOf("<error type='cancel'><service-unavailable ");
    const rest = source.slice(end).replace('cancel', errorType);
    const text = source.slice(0, end) + rest.replace('service-unavailable', condition);
    return { ...verdict, bytes: encoder.encode(text), condition, errorType };
  }

  /**
   * Answers the question of a verdict `wait`. Returns the verdicts on its stanza and on those that came behind it
   * from the same seat to the same account, in order; the last may be another `wait`.
   */
  answer(token: number, value: boolean): Verdict<Target>[] {
    return this.#questions.answer(token, value);
  }

  // ---- A chunk of a stream ------------------------------------------------------------------

  #openStream(seat: Seat<Target>, options: SeatStream): number {
    if ('handle' in options) return options.handle;
    const framing = seat.isFramed ? Framing.WebSocket : Framing.Stream;
    return this.engine.open(framing, 0, limitValues(options.limits));
  }

  *#feed(seat: Seat<Target>, chunk: Uint8Array): Generator<Batch<Target>, void> {
    const bytes = checkedBytes(chunk);
    if (seat.stream < 0) throw new UsageError('the seat has no stream: seat.open() comes first');
    for (let start = 0; start < bytes.length; start += Abi.InputSize) {
      let batch = this.#takePiece(seat, bytes, start);
      yield batch;
      while (batch.isMore && seat.isBound) {
        batch = this.#takeMore(seat);
        yield batch;
      }
      if (!seat.isBound) return;
    }
  }

  #take(seat: Seat<Target>, chunk: Uint8Array): Batch<Target> {
    const bytes = checkedBytes(chunk);
    if (seat.stream < 0) throw new UsageError('the seat has no stream: seat.open() comes first');
    if (bytes.length > Abi.InputSize) {
      throw new UsageError(`a chunk has at most ${Abi.InputSize} bytes here`);
    }
    return this.#takePiece(seat, bytes, 0);
  }

  #takePiece(seat: Seat<Target>, bytes: Uint8Array, start: number): Batch<Target> {
    const end = Math.min(start + Abi.InputSize, bytes.length);
    this.engine.writeBytes(bytes, start, end);
    const flag = seat.isFramed && end === bytes.length ? Feed.Last : Feed.Open;
    this.#calls.feed(seat.stream, seat.handle, flag, this.#factsOf(seat));
    return this.#batch(seat);
  }

  #takeMore(seat: Seat<Target>): Batch<Target> {
    this.#calls.feedNext(seat.handle, this.#factsOf(seat));
    return this.#batch(seat);
  }

  #factsOf(seat: Seat<Target>): number {
    const { attended, kept } = seat.flags;
    let facts = this.#facts;
    if (attended === true) facts |= Fact.Attended;
    if (kept === true) facts |= Fact.Kept;
    return facts;
  }

  #batch(seat: Seat<Target>): Batch<Target> {
    const calls = this.#calls;
    const { words } = this.engine;
    const isMore = calls.word(Route.More) !== 0;
    // What is left of the chunk has to be put away before another stream is fed.
    if (isMore) this.engine.reader = this.#keeper;
    const rounds = this.#rounds;
    const targets = rounds.readTargets();
    const end = calls.word(Route.EndPtr) >>> 2;
    const endKind = end === 0 ? 0 : words[end] & 0xff;
    const error = endKind === Kind.Error ? errorAt(words, end) : undefined;
    const stanzas = calls.word(Route.Stanzas);
    const copy = rounds.copyOutput();
    const round = rounds.readVerdicts(copy);
    const verdicts = round === undefined ? noVerdicts : this.#questions.verdicts(round, seat);
    const isClosed = endKind === Kind.Close;
    const parts = { targets, verdicts, stanzas, isMore, isClosed, error };
    return new Batch(rounds.output, copy, parts);
  }
}
