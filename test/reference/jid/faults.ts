/*
 * What can be wrong with an address. A part can break several rules at once; the text orders the steps,
 * so one is the first, but only the part is a contract: an implementation may find another of them
 * before it.
 */

export type Part = 'local' | 'domain' | 'resource';

export type Rule =
  | 'utf'
  | 'empty-local'
  | 'empty-domain'
  | 'empty-resource'
  | 'too-long'
  | 'disallowed'
  | 'unassigned'
  | 'context'
  | 'bidi'
  | 'excluded'
  | 'ip-literal'
  | 'empty-label'
  | 'hyphen'
  | 'hyphen34'
  | 'punycode'
  | 'nfc'
  | 'leading-mark';

export interface Fault {
  readonly rule: Rule;
  /** As the caller wrote it; in an A-label as decoded. */
  readonly codePoint?: number;
  /** In UTF-16 units of the caller's string. */
  readonly index?: number;
}

/** A prepared part, or all that is wrong with it, in the order of the rules. */
export type PartResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly faults: readonly [Fault, ...Fault[]] };

export function resultOf(text: string, faults: readonly Fault[]): PartResult {
  const [first, ...others] = faults as readonly [Fault?, ...Fault[]];
  return first === undefined ? { ok: true, text } : { ok: false, faults: [first, ...others] };
}
