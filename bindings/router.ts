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
import {
  Action,
  Fact,
  Feed,
  Framing,
  Group,
  Kind,
  Route,
  Row,
  SeatFlag,
  VerdictFlag,
  Verdict as Words,
} from '../assembly/abi.js';
import { Abi } from '../assembly/abi.js';
import { Element } from './element.js';
import { Engine } from './engine.js';
import { UsageError } from './errors.js';
import { checkOptions, checkedBytes } from './input.js';
import { Jid } from './jid.js';
import { limitValues, openLimits } from './limits.js';
import { NS } from './namespaces.js';
import { Batch } from './router/batch.js';
import { RouterCalls } from './router/calls.js';
import { frameScope, headerOf, languageOf, packed, scopeOf } from './router/header.js';
import { Seat, type SeatFlags, type SeatHost, type SeatStream } from './router/seat.js';
import {
  conditionOf,
  kindOf,
  ruleOf,
  stanzaTypeOf,
  subjectOf,
  type Question,
  type StanzaErrorType,
  type Verdict,
  type VerdictType,
} from './router/verdict.js';
import { utf8Text, viewOf } from './text.js';
import { errorAt } from './xml-error.js';

export { Batch } from './router/batch.js';
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
export { Seat, type SeatFlags, type SeatStream } from './router/seat.js';
export type { Question, StanzaKind, Subject, Verdict, VerdictType } from './router/verdict.js';

/** An answer, or `later`: then the verdict is `wait`, and `router.answer` brings the answer. */
export type Answer = boolean | 'later';

/** What only the host knows of its accounts. JIDs are in canonical form. */
export interface RouterAccounts {
  /** Whether there is such an account. Asked only while none of its resources is bound. */
  exists(bare: string): Answer;
  /**
   * Whether the account knows the sender (RFC 6121, section 8.1): by a subscription of type `from` or `both`, or
   * by presence that one of its resources sent there. Asked where an error or an answer would tell a stranger something;
   * not for presence that a seat of this router has sent, which the router remembers.
   */
  knows(bare: string, from: string): Answer;
}

export interface RouterOptions {
  /** The domains served here. */
  readonly domains: readonly string[];
  readonly accounts: RouterAccounts;
  /**
   * Where the RFC leaves a choice: `silent` (the default) tells strangers nothing and stores for accounts that are
   * away; `error` answers with errors, and then stores nothing.
   */
  readonly strangers?: 'silent' | 'error';
  /**
   * Whether what `accounts.knows` says of two bare JIDs is kept as long as a resource of the account is bound, or until
   * `router.forget`. Default false: it is asked each time.
   */
  readonly keepsKnown?: boolean;
  /** The engine whose streams are routed; a router has one to itself, and makes one by default. */
  readonly engine?: Engine;
}

export interface BindOptions {
  /** The header of the seat's stream: its language and prefixes hold in its stanzas, and nowhere else. */
  readonly header?: Element;
  /** How the target frames its stanzas: `websocket` (RFC 7395) asks for one unit and one namespace a stanza. */
  readonly framing?: 'stream' | 'websocket';
  /** Ends streams whose stanzas claim to be `from` somebody else, instead of correcting them (RFC 6120, 4.9.3.9). */
  readonly strictFrom?: boolean;
  readonly flags?: SeatFlags;
}

export interface PeerOptions extends BindOptions {
  /** The domain that the stream has been validated for. */
  readonly domain: string;
}

/** What waits for an answer: the first stanza asked, the others came behind it. */
interface Wait<Target> {
  readonly seat: Seat<Target>;
  readonly bare: string;
  readonly question: Question;
  readonly stanzas: Uint8Array[];
  facts: number;
}

const routerOptions = ['domains', 'accounts', 'strangers', 'keepsKnown', 'engine'];
const slotMask = 0x1fffff;
const blockSize = 65536;
const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder();
const noBytes = /* @__PURE__ */ new Uint8Array(0);
const noWords = /* @__PURE__ */ new Int32Array(0);
const noFlags: SeatFlags = /* @__PURE__ */ Object.freeze({});
const noVerdicts: readonly never[] = /* @__PURE__ */ Object.freeze([]);
const routedEngines = /* @__PURE__ */ new WeakSet<Engine>();

export class Router<Target> {
  readonly engine: Engine;
  readonly #accounts: RouterAccounts;
  readonly #calls: RouterCalls;
  readonly #host: SeatHost<Target>;
  readonly #facts: number;
  /** By slot of their handles. */
  readonly #seats: (Seat<Target> | undefined)[] = [];
  /** Their targets, which a batch finds sooner here. */
  readonly #targets: (Target | undefined)[] = [];
  readonly #waits = new Map<number, Wait<Target>>();
  readonly #keeper = { detach: () => this.#calls.keep() };
  #lastToken = 0;
  #count = 0;
  #lastHeader = '';
  /** Where copies lie, and how much of it is taken. */
  #block: Uint8Array = noBytes;
  #blockText: Uint8Array = noBytes;
  /** What strings of the last copy are read from. */
  #text: Uint8Array = noBytes;
  #place = blockSize;
  /** The stream that single stanzas are read on, and the header it has. */
  #unit = -1;
  #unitHeader = '';

  /** Throws UsageError for options that are not as described, JidError for a domain that is none. */
  constructor(options: RouterOptions) {
    checkOptions(options, routerOptions);
    const { domains, accounts, strangers = 'silent', keepsKnown = false } = options;
    const { engine = new Engine() } = options;
    if (routedEngines.has(engine)) throw new UsageError('the engine has a router already');
    this.engine = engine;
    this.#calls = new RouterCalls(engine);
    routedEngines.add(engine);
    this.#accounts = accounts;
    this.#facts = (strangers === 'error' ? Fact.Outspoken : 0) | (keepsKnown ? Fact.Remember : 0);
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
    this.#targets[handle & slotMask] = target;
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
    this.#targets[seat.handle & slotMask] = undefined;
    this.#count--;
    if (seat.ownsStream) this.engine.close(seat.stream, seat.limits);
    for (const token of seat.waiting?.values() ?? []) this.#waits.delete(token);
    seat.waiting = undefined;
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
    return this.#route(bytes, from, this.#facts);
  }

  /**
   * The stanza ready to go to where another router decides: a verdict `forward`, with `from` stamped and in the
   * namespace of servers. What concerns this end alone is decided here: no `to`, a bad form.
   */
  prepare(stanza: Element | Uint8Array, from: Seat<Target>): Verdict<Target> {
    const bytes = stanza instanceof Element ? stanza.toBytes() : checkedBytes(stanza);
    return verdictAt(this.#single(bytes, from, this.#facts | Fact.Single | Fact.Away), 0, from);
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
    const verdict = verdictAt(this.#single(bytes, from, Fact.Single | Fact.Refused), 0, from);
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
    const wait = this.#waits.get(token);
    if (wait === undefined) return [];
    this.#waits.delete(token);
    const { seat, bare, stanzas } = wait;
    seat.waiting?.delete(bare);
    if (seat.waiting?.size === 0) seat.waiting = undefined;
    const verdicts: Verdict<Target>[] = [];
    let facts = wait.facts | told(wait.question, value);
    for (const [index, bytes] of stanzas.entries()) {
      const verdict = this.#route(bytes, seat, facts);
      verdicts.push(verdict);
      facts = this.#facts;
      if (verdict.type !== 'wait' || verdict.token === undefined) continue;
      // The rest goes on waiting behind this one.
      this.#waits.get(verdict.token)?.stanzas.push(...stanzas.slice(index + 1));
      break;
    }
    if (seat.isBound) seat.update();
    return verdicts;
  }

  #route(bytes: Uint8Array, seat: Seat<Target>, known: number): Verdict<Target> {
    let facts = known;
    for (;;) {
      const round = this.#single(bytes, seat, facts | Fact.Single);
      const verdict = verdictAt(round, 0, seat);
      const token = seat.waiting?.get(verdict.toBare);
      const wait = token === undefined ? undefined : this.#waits.get(token);
      if (wait !== undefined && !isFinal(verdict)) {
        wait.stanzas.push(bytes.slice());
        return { ...verdict, type: 'wait', targets: [], bytes: noBytes, token };
      }
      if (!isQuestion(round.words[Words.Action])) return verdict;
      const question = round.words[Words.Action] === Action.AskExists ? 'exists' : 'knows';
      const answer =
        question === 'exists'
          ? this.#accounts.exists(verdict.toBare)
          : this.#accounts.knows(verdict.toBare, fromOf(round, 0, seat));
      if (answer === 'later') return this.#wait(bytes, seat, verdict, question, facts);
      facts |= told(question, answer);
    }
  }

  #wait(
    bytes: Uint8Array,
    seat: Seat<Target>,
    verdict: Verdict<Target>,
    question: Question,
    facts: number,
  ): Verdict<Target> {
    const token = ++this.#lastToken;
    const bare = verdict.toBare;
    this.#waits.set(token, { seat, bare, question, stanzas: [bytes.slice()], facts });
    seat.waiting ??= new Map();
    seat.waiting.set(bare, token);
    seat.update();
    return { ...verdict, type: 'wait', targets: [], bytes: noBytes, token, question };
  }

  /** Routes one stanza in the core. */
  #single(bytes: Uint8Array, seat: Seat<Target>, facts: number): Round<Target> {
    const { engine } = this;
    if (this.#unit < 0) this.#unit = engine.open(Framing.Stream, 0, openLimits);
    if (this.#unitHeader !== seat.header) {
      engine.reset(this.#unit);
      this.#unitHeader = seat.header;
      engine.write(seat.header);
      engine.feed(this.#unit, Feed.Open);
    }
    for (let start = 0; start < bytes.length; start += Abi.InputSize) {
      engine.writeBytes(bytes, start, Math.min(start + Abi.InputSize, bytes.length));
      this.#calls.feed(this.#unit, seat.handle, Feed.Open, facts);
      const isLast = start + Abi.InputSize >= bytes.length;
      if (this.#calls.word(Route.VerdictCount) !== (isLast ? 1 : 0)) break;
      if (isLast && this.#calls.word(Route.More) === 0) return this.#round();
    }
    this.#unitHeader = '';
    throw new UsageError('a stanza is one complete element');
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
    return seat.flags.attended === true ? this.#facts | Fact.Attended : this.#facts;
  }

  /** What a round has left in the core, copied. */
  #round(): Round<Target> {
    const calls = this.#calls;
    const { words } = this.engine;
    const start = calls.word(Route.OutPtr);
    const output = this.#copy(start, calls.word(Route.OutLength));
    const count = calls.word(Route.VerdictCount);
    const verdicts = calls.word(Route.VerdictPtr) >>> 2;
    const targets: Target[] = [];
    const handles: number[] = [];
    if (count > 0) {
      const last = verdicts + (count - 1) * Words.Size;
      const targetCount = words[last + Words.Target] + words[last + Words.TargetCount];
      const first = calls.word(Route.TargetPtr) >>> 2;
      for (let index = first; index < first + targetCount; index++) {
        targets.push(this.#targets[words[index] & slotMask] as Target);
        handles.push(words[index]);
      }
    }
    return {
      bytes: output,
      words: count === 0 ? noWords : words.slice(verdicts, verdicts + count * Words.Size),
      targets,
      handles,
      text: this.#text,
    };
  }

  /** A copy of bytes of the core. Small ones share a block: making one costs more than a stanza. */
  #copy(start: number, length: number): Uint8Array {
    if (length === 0) return noBytes;
    const source = new Uint8Array(this.engine.core.memory.buffer, start, length);
    if (length > blockSize >>> 2) {
      const own = newBlock(length);
      own.set(source);
      this.#text = viewOf(own.buffer);
      return own;
    }
    if (this.#place + length > blockSize) {
      this.#block = newBlock(blockSize);
      this.#blockText = viewOf(this.#block.buffer);
      this.#place = 0;
    }
    this.#text = this.#blockText;
    const copy = new Uint8Array(this.#block.buffer, this.#place, length);
    copy.set(source);
    this.#place += length;
    return copy;
  }

  #batch(seat: Seat<Target>): Batch<Target> {
    const calls = this.#calls;
    const { words } = this.engine;
    const isMore = calls.word(Route.More) !== 0;
    // What is left of the chunk has to be put away before another stream is fed.
    if (isMore) this.engine.reader = this.#keeper;
    const first = calls.word(Route.GroupPtr) >>> 2;
    const count = calls.word(Route.GroupCount);
    const targets: Target[] = [];
    const spans: number[] = [];
    for (let group = first; group < first + count * Group.Size; group += Group.Size) {
      targets.push(this.#targets[words[group + Group.Seat] & slotMask] as Target);
      const start = words[group + Group.Offset];
      spans.push(start, start + words[group + Group.Length], words[group + Group.Count]);
    }
    const end = calls.word(Route.EndPtr) >>> 2;
    const endKind = end === 0 ? 0 : words[end] & 0xff;
    const error = endKind === Kind.Error ? errorAt(words, end) : undefined;
    const stanzas = calls.word(Route.Stanzas);
    const round = this.#round();
    const verdicts = round.words.length === 0 ? noVerdicts : this.#verdicts(round, seat);
    const isClosed = endKind === Kind.Close;
    return new Batch(round.bytes, spans, targets, verdicts, stanzas, isMore, isClosed, error);
  }

  #verdicts(round: Round<Target>, seat: Seat<Target>): readonly Verdict<Target>[] {
    const verdicts: Verdict<Target>[] = [];
    for (let at = 0; at < round.words.length; at += Words.Size) {
      const verdict = verdictAt(round, at, seat);
      const { stanzas } = verdict;
      const waits = seat.waiting?.has(verdict.toBare) === true;
      // What is not written in its last form yet is routed alone (batch.ts of the core, formOf).
      const again = waits || seat.isServer || isSubscription(round.words[at + Words.Cell] & 0xff);
      if (isFinal(verdict) || (!again && verdict.type !== 'wait')) verdicts.push(verdict);
      else if (again || round.words[at + Words.Action] !== Action.AskKnows) {
        verdicts.push({ ...this.#route(verdict.bytes, seat, this.#facts), stanzas });
      } else verdicts.push({ ...this.#known(round, at, verdict, seat), stanzas });
    }
    return verdicts;
  }

  /** Asks whether the account knows the sender; what is delivered to those it knows needs no second look. */
  #known(
    round: Round<Target>,
    at: number,
    verdict: Verdict<Target>,
    seat: Seat<Target>,
  ): Verdict<Target> {
    const answer = this.#accounts.knows(verdict.toBare, fromOf(round, at, seat));
    if (answer === 'later') return this.#wait(verdict.bytes, seat, verdict, 'knows', this.#facts);
    if (!answer || verdict.targets.length === 0) {
      return this.#route(verdict.bytes, seat, this.#facts | told('knows', answer));
    }
    const handle = round.handles[round.words[at + Words.Target]];
    if (this.#facts & Fact.Remember && !seat.isServer) this.#calls.known(handle, seat.handle, true);
    return { ...verdict, type: 'deliver' };
  }
}

/** What a round has left: its output, the words of its verdicts, and the targets that they name. */
interface Round<Target> {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly targets: readonly Target[];
  readonly handles: readonly number[];
  /** The memory of `bytes`, as something that text is read from. */
  readonly text: Uint8Array;
}

const isQuestion = (action: number): boolean =>
  action === Action.AskExists || action === Action.AskKnows;

/** What no answer changes. */
const isFinal = ({ type }: Verdict<unknown>): boolean => type === 'bounce' || type === 'close';

const isSubscription = (row: number): boolean => row >= Row.Subscribe && row <= Row.Unsubscribed;

function told(question: Question, answer: boolean): number {
  if (question === 'exists') return Fact.ExistsTold | (answer ? Fact.Exists : 0);
  return Fact.KnowsTold | (answer ? Fact.Knows : 0);
}

interface BufferClass {
  allocUnsafeSlow(size: number): Uint8Array;
}

const { Buffer: bufferClass } = globalThis as unknown as { Buffer?: BufferClass };

/** Bytes that nobody has to zero, where the runtime can. */
function newBlock(size: number): Uint8Array {
  const block = bufferClass?.allocUnsafeSlow(size);
  return block === undefined ? new Uint8Array(size) : new Uint8Array(block.buffer);
}

/** The sender: the seat itself, for another server's stream whoever the stanza names. */
function fromOf(round: Round<unknown>, at: number, seat: Seat<unknown>): string {
  const { words } = round;
  const length = words[at + Words.FromLength];
  if (length === 0) return seat.jid;
  return textAt(round, words[at + Words.ToOffset] + words[at + Words.ToLength], length);
}

function textAt({ text, bytes }: Round<unknown>, offset: number, length: number): string {
  const start = bytes.byteOffset + offset;
  return utf8Text(text, start, start + length);
}

function verdictAt<Target>(round: Round<Target>, at: number, seat: Seat<Target>): Verdict<Target> {
  const { bytes, words, targets } = round;
  const action: Action = words[at + Words.Action];
  const cell = words[at + Words.Cell];
  const row = cell & 0xff;
  const flags = (cell >>> 16) & 0xff;
  const code = words[at + Words.Condition];
  const type = typeOf(action, (flags & VerdictFlag.Storable) !== 0);
  const offset = words[at + Words.Offset];
  const toOffset = words[at + Words.ToOffset];
  const toLength = words[at + Words.ToLength];
  const bareLength = words[at + Words.ToBare];
  const own = code === 0 ? seat.bare : '';
  const to = toLength === 0 ? own : textAt(round, toOffset, toLength);
  const first = words[at + Words.Target];
  const [condition, errorType] = conditionOf(code);
  const subject = subjectOf(action);
  return {
    type,
    rule: ruleOf(action, code, row, (cell >>> 8) & 0xff),
    kind: kindOf(row, action),
    stanzaType: stanzaTypeOf(row),
    to,
    toBare:
      toLength === bareLength
        ? to
        : to.length === toLength
          ? to.slice(0, bareLength)
          : textAt(round, toOffset, bareLength),
    targets:
      type === 'bounce'
        ? [seat.target]
        : targets.slice(first, first + words[at + Words.TargetCount]),
    bytes: bytes.subarray(offset, offset + words[at + Words.Length]),
    ...(subject && { subject }),
    ...(code !== 0 && { condition }),
    ...(code !== 0 && errorType && { errorType }),
    priority: words[at + Words.Priority],
    holds: (flags & VerdictFlag.Holds) !== 0,
    stanzas: words[at + Words.Stanzas],
  };
}

function typeOf(action: Action, isStorable: boolean): VerdictType {
  if (action >= Action.Deliver && action <= Action.AllAvailable) return 'deliver';
  if (isQuestion(action)) return 'wait';
  switch (action as number) {
    case Action.Ignore:
      return 'drop';
    case Action.Store:
      return isStorable ? 'store' : 'drop';
    case Action.Refuse:
      return 'bounce';
    case Action.Forward:
      return 'forward';
    case Action.EndStream:
      return 'close';
    default:
      return 'handle';
  }
}
