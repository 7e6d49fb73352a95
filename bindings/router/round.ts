/*
 * What a round has left in the core (assembly/router/outcome.ts), copied, and the verdicts that are read from it.
 */
import { Action, Group, Route, VerdictFlag, Verdict as Words } from '../../assembly/abi.js';
import type { Engine } from '../engine.js';
import { utf8Text } from '../text.js';
import type { RouterCalls } from './calls.js';
import type { RouterAccounts } from './options.js';
import { Output, type Copy } from './output.js';
import type { Seat } from './seat.js';
import {
  conditionOf,
  kindOf,
  ruleOf,
  stanzaTypeOf,
  subjectOf,
  type Verdict,
  type VerdictType,
} from './verdict.js';

/** What the verdicts of a round are read from. */
export interface Round<Target> {
  /** The words of the verdicts, and the targets that they name, as such and by their handles. */
  readonly words: Int32Array;
  readonly targets: readonly Target[];
  readonly handles: readonly number[];
  /** What offsets in `words` count from, and its memory as something that text is read from. */
  readonly bytes: Uint8Array;
  readonly text: Uint8Array;
}

/** What asks the core for verdicts has of its router. */
export interface RouterParts<Target> {
  readonly engine: Engine;
  readonly calls: RouterCalls;
  readonly rounds: Rounds<Target>;
  readonly accounts: RouterAccounts;
  /** Facts that hold for every stanza. */
  readonly facts: number;
}

/** Handles hold the slot of their seat. */
export const slotMask = 0x1fffff;
const none: readonly never[] = /* @__PURE__ */ Object.freeze([]);

export class Rounds<Target> {
  readonly #engine: Engine;
  readonly #calls: RouterCalls;
  readonly output: Output;
  /** Targets of the seats, by slot: a batch finds them sooner here. */
  readonly targets: (Target | undefined)[] = [];
  /** Counts targets that are functions, to no end but that each target is looked at. */
  #functions = 0;

  constructor(engine: Engine, calls: RouterCalls) {
    this.#engine = engine;
    this.#calls = calls;
    this.output = new Output(engine);
  }

  targetOf(handle: number): Target {
    return this.targets[handle & slotMask] as Target;
  }

  /** The targets of the groups of the round that the core has made last. */
  readTargets(): readonly Target[] {
    const calls = this.#calls;
    const count = calls.word(Route.GroupCount);
    if (count === 0) return none;
    const { words } = this.#engine;
    const { targets } = this;
    const found = new Array<Target>(count);
    let group = (calls.word(Route.GroupPtr) >>> 2) + Group.Seat;
    for (let index = 0; index < count; index++) {
      found[index] = targets[words[group] & slotMask] as Target;
      group += Group.Size;
    }
    // Among many seats they lie in no cache. Asked for here, one behind the other, they come at once; in the host's
    // loop each would be waited for.
    for (let index = 0; index < count; index++) {
      if (typeof found[index] === 'function') this.#functions++;
    }
    return found;
  }

  /** Copies its output. */
  copyOutput(): Copy {
    const calls = this.#calls;
    const start = calls.word(Route.OutPtr);
    const end = start + calls.word(Route.OutLength);
    return this.output.copy(calls.word(Route.GroupPtr), start, end);
  }

  /** What its verdicts are read from; undefined when it has none. */
  readVerdicts({ bytes, block }: Copy): Round<Target> | undefined {
    const calls = this.#calls;
    const count = calls.word(Route.VerdictCount);
    if (count === 0) return undefined;
    const { words } = this.#engine;
    const first = calls.word(Route.VerdictPtr) >>> 2;
    const last = first + (count - 1) * Words.Size;
    const targetCount = words[last + Words.Target] + words[last + Words.TargetCount];
    const firstTarget = calls.word(Route.TargetPtr) >>> 2;
    const handles = Array.from(words.subarray(firstTarget, firstTarget + targetCount));
    return {
      words: words.slice(first, last + Words.Size),
      targets: handles.map((handle) => this.targetOf(handle)),
      handles,
      bytes,
      text: block.text,
    };
  }
}

export const isQuestion = (action: number): boolean =>
  action === Action.AskExists || action === Action.AskKnows;

/** The sender: the seat itself, for another server's stream whoever the stanza names. */
export function fromOf(round: Round<unknown>, at: number, seat: Seat<unknown>): string {
  const { words } = round;
  const length = words[at + Words.FromLength];
  if (length === 0) return seat.jid;
  return textAt(round, words[at + Words.ToOffset] + words[at + Words.ToLength], length);
}

function textAt({ text, bytes }: Round<unknown>, offset: number, length: number): string {
  const start = bytes.byteOffset + offset;
  return utf8Text(text, start, start + length);
}

export function verdictAt<Target>(
  round: Round<Target>,
  at: number,
  seat: Seat<Target>,
): Verdict<Target> {
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

export function typeOf(action: number, isStorable: boolean): VerdictType {
  if (action >= Action.Deliver && action <= Action.AllAvailable) return 'deliver';
  if (isQuestion(action)) return 'wait';
  switch (action) {
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
