/*
 * The face of the package: re-exports only. tercet/parser and tercet/jid are its parts.
 */
export * from './parser.js';
export { JidError, type JidPart } from './errors.js';
export { Jid, type JidParts, type JidResult } from './jid.js';
