/*
 * What is wrong with an address: which part breaks which rule, and where. The rules and their numbers
 * come from the table that the core's numbers come from (docs/ERRORS.md).
 */
import { TercetError } from './errors.js';
import { jidErrorTable, type JidRule } from './jid-error-table.js';

/** The parts of an address, RFC 7622, section 3.1. */
export type JidPart = 'local' | 'domain' | 'resource';

export type { JidRule } from './jid-error-table.js';

/** Where an address breaks a rule, as far as one place is to blame. */
export interface JidPlace {
  readonly codePoint?: number | undefined;
  readonly index?: number | undefined;
}

/**
 * An address that breaks RFC 7622: which part, which rule, which character.
 *
 *     const { error } = Jid.check('henryⅣ@example.com');
 *     error.part        // 'local'
 *     error.rule        // 'disallowed'
 *     error.code        // 'jid-disallowed'
 *     error.codePoint   // 0x2163
 *     error.index       // 5
 *     error.message     // 'local: the character is not allowed in this part (U+2163 at index 5)'
 */
export class JidError extends TercetError {
  /** The leftmost part that is wrong. */
  readonly part: JidPart;
  /** The rule, for people and logs. */
  readonly rule: JidRule;
  /** The number of `code`, as in docs/ERRORS.md. */
  readonly number: number;
  /** The code point that is to blame, where it is one: 0 to 0x10FFFF. */
  readonly codePoint: number | undefined;
  /**
   * Where the fault is: UTF-16 units before it in the string that was passed (in `Jid.from` the part,
   * in `withResource` the resource).
   */
  readonly index: number | undefined;

  /** @internal */
  constructor(number: number, part: JidPart, { codePoint, index }: JidPlace = {}) {
    const { rule, message } = jidErrorTable[number] ?? unknown;
    const character = codePoint === undefined ? '' : `${name(codePoint)} `;
    const place = index === undefined ? '' : ` (${character}at index ${index})`;
    super(`jid-${rule}`, `${part}: ${message}${place}`);
    this.part = part;
    this.rule = rule;
    this.number = number;
    this.codePoint = codePoint;
    this.index = index;
  }
}
Object.defineProperty(JidError.prototype, 'name', { value: 'JidError' });

const unknown = { rule: 'disallowed', message: 'the core refuses it' } as const;

/** U+2163. */
function name(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}
