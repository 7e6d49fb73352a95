/*
 * The face of tercet/compat/jxt: the parsers and the element of stanza's jxt, and the way into a
 * client of stanza.
 */
import '../../wasm/parser.js';

export { XMLElement } from './element.js';
export { conditions as JXTErrorCondition, JXTError } from './error.js';
export { parse, Parser } from './parser.js';
export { plugInto } from './plug.js';
export { StreamParser } from './stream-parser.js';
export type { Attributes, JSONElement } from './element.js';
export type { ParserOptions } from './parser.js';
export type { StreamData, StreamData as ParsedData, StreamParserOptions } from './stream-parser.js';
