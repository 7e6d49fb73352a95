/*
 * The errors that callers see. What a peer did wrong is an XmlError or a JidError, mostly a value;
 * what the caller did wrong is a UsageError, always thrown. The former have files of their own, so
 * that a program loads the table of the errors that it can meet.
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
