/*
 * The face of tercet/compat/xmpp-xml: the names of @xmpp/xml, FramedParser of @xmpp/websocket, and
 * the way into a client of xmpp.js.
 */
import '../../wasm/parser.js';

export {
  createElement,
  Element,
  escapeXML,
  escapeXMLText,
  unescapeXML,
  unescapeXMLText,
} from '../ltx/builder.js';
export { FramedParser } from './framed-parser.js';
export { Parser } from './parser.js';
export { plugInto } from './plug.js';
export { XMLError } from './xml-error.js';
export { parse, xml, xml as default } from './xml.js';
export type { ElementClass } from '../ltx/tree.js';
export type { ParserOptions } from './parser.js';
export type { PlugOptions } from './plug.js';
export type { ParseOptions } from './xml.js';
export type { Fault } from './xml-error.js';
export type { ReaderOptions } from '../token-reader.js';
