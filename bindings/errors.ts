/*
 * The errors that callers see. What a peer did wrong is an XmlError or a JidError, mostly a value;
 * what the caller did wrong is a UsageError, always thrown. XmlError has its own file, so that
 * programs that parse addresses only do not load the table of XML errors.
 *
 * Invariants: `code` is stable over releases; messages are lower case without a full stop and echo
 * at most 32 escaped code points of input.
 */

/** The base of all errors of this package; `code` says which rule was broken. */
export class TercetError extends Error {
  /** A stable string such as `xml-duplicate-attribute`. docs/ERRORS.md lists those of XML. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
Object.defineProperty(TercetError.prototype, 'name', { value: 'TercetError' });

/**
 * A mistake of the calling program: a bad option, a closed parser, a character that no XML can hold.
 *
 *     new StreamParser({ limits: { maxDepth: 0 } })
 *     // UsageError: limits.maxDepth is 0, it must be an integer from 1 to 16777216
 */
export class UsageError extends TercetError {
  constructor(message: string, code = 'argument-invalid') {
    super(code, message);
  }
}
Object.defineProperty(UsageError.prototype, 'name', { value: 'UsageError' });

/** The parts of an address, RFC 7622, section 3.1. */
export type JidPart = 'local' | 'domain' | 'resource';

/**
 * An address that breaks RFC 7622: which part, which rule.
 *
 *     Jid.parse('romeo@')   // JidError: domain: a part that is present is not empty
 */
export class JidError extends TercetError {
  readonly part: JidPart;
  /** The rule in a few words, for people. */
  readonly rule: string;

  constructor(code: string, part: JidPart, rule: string) {
    super(code, `${part}: ${rule}`);
    this.part = part;
    this.rule = rule;
  }
}
Object.defineProperty(JidError.prototype, 'name', { value: 'JidError' });

/** Input for a message: at most 32 code points, with controls and non-ASCII characters escaped. */
export function echo(value: string): string {
  let shown = '';
  let count = 0;
  for (const character of value) {
    if (count++ === 32) return `'${shown}...'`;
    const code = character.codePointAt(0) ?? 0;
    shown += code >= 0x20 && code < 0x7f ? character : `\\u{${code.toString(16)}}`;
  }
  return `'${shown}'`;
}
