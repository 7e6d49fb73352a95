/*
 * Faults as the general parsers report them.
 */
import type { TercetError } from '../errors.js';
import type { XmlError } from '../xml-error.js';

/** The error as the original has it: an Error whose message says where, with the fault's own fields. */
export function faultOf(error: XmlError, message: string): Error {
  return Object.assign(new Error(message, { cause: error }), {
    code: error.code,
    condition: error.condition,
    offset: error.offset,
  });
}

/** What a fault says, without its place. */
export function sentenceOf(error: TercetError): string {
  return error.message.replace(/ \(byte \d+\)$/, '');
}
