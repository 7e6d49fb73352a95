/*
 * The error of @xmpp/xml, with what a stream needs to answer it.
 */
import type { XmlCondition, XmlError } from '../../xml-error.js';

/** What to tell of a fault beside the sentence. */
export interface Fault {
  readonly condition: XmlCondition;
  /** Bytes since the parser was made. */
  readonly offset: number;
  /** The rule, where the core found the fault: a code of docs/ERRORS.md. */
  readonly code?: string;
}

/** A fault of the peer's XML: RFC 6120, section 4.9.3. */
export class XMLError extends Error {
  // Declared, so that an error of a program that gives a sentence alone has no such fields.
  declare readonly condition?: XmlCondition;
  declare readonly offset?: number;
  declare readonly code?: string;

  constructor(message?: string, fault?: Fault) {
    super(message);
    this.name = 'XMLError';
    Object.assign(this, fault);
  }
}

/** An error of the core in the words of the original, where it has any: `open` is not closed. */
export function xmlErrorOf(error: XmlError, open: string | undefined): XMLError {
  const { code, condition, offset } = error;
  const isMismatch = code === 'xml-end-tag-mismatch' && open !== undefined;
  return new XMLError(isMismatch ? `${open} must be closed.` : error.message, {
    condition,
    offset,
    code,
  });
}
