/*
 * Reading and writing XML: what the faces of tercet and tercet/parser have in common.
 */
export { xml, type AttributesInput, type ChildInput } from './builder.js';
export { Element, type Attributes, type Child } from './element.js';
export { Engine } from './engine.js';
export { TercetError, UsageError } from './errors.js';
export type { Chunk } from './input.js';
export type { Limits } from './limits.js';
export { NS } from './namespaces.js';
export { parse, type ParseOptions } from './parse.js';
export { SaxParser, type SaxHandlers, type SaxOptions } from './sax-parser.js';
export { escapeText, escapeValue } from './escape.js';
export { StanzaStream, type StanzaStreamOptions } from './stanza-stream.js';
export {
  StreamParser,
  type StreamEvent,
  type StreamParserOptions,
  type StreamStats,
} from './stream-parser.js';
export { XmlError, type XmlCondition } from './xml-error.js';
