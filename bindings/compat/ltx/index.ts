/*
 * The face of tercet/compat/ltx: the names of ltx, and SaxLtx, its back end, which the original has
 * in a file of its own.
 */
import '../../wasm/parser.js';

export { Element } from './element.js';
export { equal, nameEqual, attrsEqual, childrenEqual } from './equal.js';
export { isNode, isElement, isText, clone, stringify, toJson as JSONify } from './forms.js';
export { createElement, tag, tagString } from './create-element.js';
export { escapeXML, unescapeXML, escapeXMLText, unescapeXMLText } from './escape.js';
export { Parser, parse } from './parser.js';
export { SaxLtx } from './sax.js';
export type { Attrs, Child } from './element.js';
export type { ChildInput } from './create-element.js';
export type { JsonElement } from './forms.js';
export type { ParserOptions, SaxClass } from './parser.js';
export type { ElementClass } from './tree-node.js';
export type { ReaderOptions } from '../token-reader.js';
