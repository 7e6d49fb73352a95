/*
 * The face of tercet/compat/strophe: the parser of component streams, and the way into strophe.js.
 */
import '../../wasm/parser.js';

export { ComponentParser } from './component-parser.js';
export { plugInto } from './plug.js';
export type {
  ComponentParserOptions,
  DomDocument,
  DomElement,
  Handlers,
} from './component-parser.js';
export type { Attributes } from '../attributes.js';
