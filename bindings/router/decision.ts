/*
 * The decision on a stanza that the host carries itself, from its kind, its type and its addresses
 * (assembly/router/query.ts): the same table as for all others, and no bytes.
 */
import { Action, Route, Verdict as Words } from '../../assembly/abi.js';
import { UsageError } from '../errors.js';
import { told } from './questions.js';
import { isQuestion, typeOf, type RouterParts } from './round.js';
import { conditionOf, rowOf, ruleOf, subjectOf, type StanzaKind, type Verdict } from './verdict.js';

/** A stanza, as far as routing looks at it. Addresses are in canonical form. */
export interface Query {
  readonly kind: StanzaKind;
  /** As in RFC 6121; `normal` and `available` where the stanza says nothing. */
  readonly type: string;
  readonly from: string;
  readonly to: string;
  /** What the host knows already, or has found out after a decision `wait`: its accounts are not asked for it. */
  readonly exists?: boolean;
  readonly knows?: boolean;
}

/**
 * Of `wait` there is no token: ask again with the answer in the query. `store` says that nobody is there; whether the
 * message is one to keep, the host sees.
 */
export type Decision<Target> = Pick<
  Verdict<Target>,
  'type' | 'rule' | 'targets' | 'subject' | 'condition' | 'errorType' | 'question'
>;

const encoder = /* @__PURE__ */ new TextEncoder();
const none: readonly never[] = /* @__PURE__ */ Object.freeze([]);

export class Decisions<Target> {
  readonly #parts: RouterParts<Target>;

  constructor(parts: RouterParts<Target>) {
    this.#parts = parts;
  }

  decide(query: Query): Decision<Target> {
    const { kind, type, from, to, exists, knows } = query;
    const row = rowOf(kind, type);
    if (row < 0) throw new UsageError(`there is no ${kind} of type ${type}`);
    let facts = this.#parts.facts;
    if (exists !== undefined) facts |= told('exists', exists);
    if (knows !== undefined) facts |= told('knows', knows);
    for (;;) {
      const at = this.#ask(row, from, to, facts);
      const action: Action = this.#parts.engine.words[at + Words.Action];
      if (!isQuestion(action)) return this.#read(at, row);
      const question = action === Action.AskExists ? 'exists' : 'knows';
      const bare = bareOf(to);
      const answer =
        question === 'exists'
          ? this.#parts.accounts.exists(bare)
          : this.#parts.accounts.knows(bare, from, to);
      if (answer === 'later') return { ...this.#read(at, row), question };
      facts |= told(question, answer);
    }
  }

  /** The index of the core's words on it. */
  #ask(row: number, from: string, to: string, facts: number): number {
    const engine = this.#parts.engine;
    const both = to + from;
    if (engine.write(both) < both.length) throw new UsageError('an address is too long');
    const { written } = engine;
    const length = written === both.length ? to.length : encoder.encode(to).length;
    this.#parts.calls.decide(row, length, written - length, facts);
    return this.#parts.calls.word(Route.VerdictPtr) >>> 2;
  }

  #read(at: number, row: number): Decision<Target> {
    const { words } = this.#parts.engine;
    const action: Action = words[at + Words.Action];
    const code = words[at + Words.Condition];
    const column = (words[at + Words.Cell] >>> 8) & 0xff;
    const count = words[at + Words.TargetCount];
    const rule = ruleOf(action, code, row, column);
    const type = typeOf(action, true);
    if (count === 0) {
      const subject = subjectOf(action);
      const [condition, errorType] = conditionOf(code);
      const error = code !== 0 && { condition, ...(errorType && { errorType }) };
      return { type, rule, targets: none, ...(subject && { subject }), ...error };
    }
    const first = this.#parts.calls.word(Route.TargetPtr) >>> 2;
    const targets = new Array<Target>(count);
    for (let index = 0; index < count; index++) {
      targets[index] = this.#parts.rounds.targetOf(words[first + index]);
    }
    return { type, rule, targets };
  }
}

function bareOf(address: string): string {
  const slash = address.indexOf('/');
  return slash < 0 ? address : address.slice(0, slash);
}
