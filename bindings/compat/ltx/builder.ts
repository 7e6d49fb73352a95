/*
 * The part of ltx that @xmpp/xml hands on.
 */
export { createElement } from './create-element.js';
export { Element } from './element.js';
export { escapeXML, escapeXMLText, unescapeXML, unescapeXMLText } from './escape.js';
