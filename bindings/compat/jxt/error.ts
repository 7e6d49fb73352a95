/*
 * The error of stanza's jxt.
 */
import type { XmlError } from '../../xml-error.js';

/** Its four conditions; what exceeds a limit, which the original has not, is a fifth. */
export const conditions = Object.freeze({
  NotWellFormed: 'not-well-formed',
  RestrictedXML: 'restricted-xml',
  AlreadyClosed: 'already-closed',
  UnknownRoot: 'unknown-stream-root',
  PolicyViolation: 'policy-violation',
} as const);

export type JXTErrorCondition = (typeof conditions)[keyof typeof conditions];

export class JXTError extends Error {
  static notWellFormed(text?: string): JXTError {
    return new JXTError({ condition: conditions.NotWellFormed, text });
  }

  static restrictedXML(text?: string): JXTError {
    return new JXTError({ condition: conditions.RestrictedXML, text });
  }

  static alreadyClosed(text?: string): JXTError {
    return new JXTError({ condition: conditions.AlreadyClosed, text });
  }

  static unknownRoot(text?: string): JXTError {
    return new JXTError({ condition: conditions.UnknownRoot, text });
  }

  readonly isJXTError = true;
  readonly condition: JXTErrorCondition;
  readonly text: string | undefined;

  constructor({ condition, text }: { condition: JXTErrorCondition; text?: string | undefined }) {
    super(text);
    this.condition = condition;
    this.text = text;
  }
}

/** A fault that the core found. */
export function jxtErrorOf({ condition, message }: XmlError): JXTError {
  const known = condition === 'restricted-xml' || condition === 'policy-violation';
  return new JXTError({ condition: known ? condition : conditions.NotWellFormed, text: message });
}
