/*
 * The part of ltx that @xmpp/xml hands on, and how text is written.
 */
export { createElement } from './create-element.js';
export { Element } from './element.js';
export {
  escapeXML,
  escapeXMLText,
  unescapeXML,
  unescapeXMLText,
  writtenText,
  writtenValue,
} from './escape.js';
