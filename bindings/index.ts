/*
 * The face of the package: re-exports only. tercet/parser and tercet/jid are its parts.
 */
export * from './parser.js';
export { Jid, JidError, type JidPart, type JidParts, type JidResult } from './jid.js';
