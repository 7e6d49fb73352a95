/*
 * What the rules ask of the host before a stanza goes anywhere, and the stanzas that wait for it: of one seat to one
 * account they keep their order (RFC 6120, section 10.1), others pass.
 */
import {
  Abi,
  Action,
  Fact,
  Feed,
  Framing,
  Route,
  Row,
  Verdict as Words,
} from '../../assembly/abi.js';
import { UsageError } from '../errors.js';
import { openLimits } from '../limits.js';
import { fromOf, isQuestion, verdictAt, type Round, type RouterParts } from './round.js';
import type { Seat } from './seat.js';
import type { Question, Verdict } from './verdict.js';

/** What waits for an answer: the first stanza asked, the others came behind it. */
interface Wait<Target> {
  readonly seat: Seat<Target>;
  readonly bare: string;
  readonly question: Question;
  readonly stanzas: Uint8Array[];
  facts: number;
}

const noBytes = /* @__PURE__ */ new Uint8Array(0);

export class Questions<Target> {
  readonly #parts: RouterParts<Target>;
  readonly #waits = new Map<number, Wait<Target>>();
  #lastToken = 0;
  /** The stream that single stanzas are read on, and the header it has. */
  #unit = -1;
  #unitHeader = '';

  constructor(parts: RouterParts<Target>) {
    this.#parts = parts;
  }

  /** The seat has left: nothing of it waits any more. */
  drop(seat: Seat<Target>): void {
    for (const token of seat.waiting?.values() ?? []) this.#waits.delete(token);
    seat.waiting = undefined;
  }

  verdicts(round: Round<Target>, seat: Seat<Target>): readonly Verdict<Target>[] {
    const verdicts: Verdict<Target>[] = [];
    for (let at = 0; at < round.words.length; at += Words.Size) {
      const verdict = verdictAt(round, at, seat);
      const { stanzas } = verdict;
      const waits = seat.waiting?.has(verdict.toBare) === true;
      // What is not written in its last form yet is routed alone (settle.ts of the core, formOf).
      const again = waits || seat.isServer || isSubscription(round.words[at + Words.Cell] & 0xff);
      if (isFinal(verdict) || (!again && verdict.type !== 'wait')) verdicts.push(verdict);
      else if (again || round.words[at + Words.Action] !== Action.AskKnows) {
        verdicts.push({ ...this.route(verdict.bytes, seat, this.#parts.facts), stanzas });
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
    const answer = this.#parts.accounts.knows(verdict.toBare, fromOf(round, at, seat), verdict.to);
    if (answer === 'later')
      return this.#wait(verdict.bytes, seat, verdict, 'knows', this.#parts.facts);
    if (!answer || verdict.targets.length === 0) {
      return this.route(verdict.bytes, seat, this.#parts.facts | told('knows', answer));
    }
    const handle = round.handles[round.words[at + Words.Target]];
    if (this.#parts.facts & Fact.Remember && !seat.isServer)
      this.#parts.calls.known(handle, seat.handle, true);
    return { ...verdict, type: 'deliver' };
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
      const verdict = this.route(bytes, seat, facts);
      verdicts.push(verdict);
      facts = this.#parts.facts;
      if (verdict.type !== 'wait' || verdict.token === undefined) continue;
      // The rest goes on waiting behind this one.
      this.#waits.get(verdict.token)?.stanzas.push(...stanzas.slice(index + 1));
      break;
    }
    if (seat.isBound) seat.update();
    return verdicts;
  }

  route(bytes: Uint8Array, seat: Seat<Target>, known: number): Verdict<Target> {
    let facts = known;
    for (;;) {
      const round = this.single(bytes, seat, facts | Fact.Single);
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
          ? this.#parts.accounts.exists(verdict.toBare)
          : this.#parts.accounts.knows(verdict.toBare, fromOf(round, 0, seat), verdict.to);
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
  single(bytes: Uint8Array, seat: Seat<Target>, facts: number): Round<Target> {
    const engine = this.#parts.engine;
    if (this.#unit < 0) this.#unit = engine.open(Framing.Stream, 0, openLimits);
    if (this.#unitHeader !== seat.header) {
      engine.reset(this.#unit);
      this.#unitHeader = seat.header;
      engine.write(seat.header);
      engine.feed(this.#unit, Feed.Open);
    }
    for (let start = 0; start < bytes.length; start += Abi.InputSize) {
      engine.writeBytes(bytes, start, Math.min(start + Abi.InputSize, bytes.length));
      this.#parts.calls.feed(this.#unit, seat.handle, Feed.Open, facts);
      const isLast = start + Abi.InputSize >= bytes.length;
      if (this.#parts.calls.word(Route.VerdictCount) !== (isLast ? 1 : 0)) break;
      if (!isLast || this.#parts.calls.word(Route.More) !== 0) continue;
      const round = this.#parts.rounds.readVerdicts(this.#parts.rounds.copyOutput());
      if (round !== undefined) return round;
    }
    this.#unitHeader = '';
    throw new UsageError('a stanza is one complete element');
  }
}

/** What no answer changes. */
const isFinal = ({ type }: Verdict<unknown>): boolean => type === 'bounce' || type === 'close';

const isSubscription = (row: number): boolean => row >= Row.Subscribe && row <= Row.Unsubscribed;

export function told(question: Question, answer: boolean): number {
  if (question === 'exists') return Fact.ExistsTold | (answer ? Fact.Exists : 0);
  return Fact.KnowsTold | (answer ? Fact.Knows : 0);
}
