/*
 * xml(), the builder of xmpp.js, and parse(), its `lib/parse.js`.
 */
import type { Limits } from '../../limits.js';
import {
  createElement,
  Element,
  escapeXML,
  escapeXMLText,
  unescapeXML,
  unescapeXMLText,
} from '../ltx/builder.js';
import type { ReaderOptions } from '../token-reader.js';
import { Parser } from './parser.js';
import { XMLError } from './xml-error.js';

/**
 * Builds an element, as createElement of ltx does.
 *
 *     xml('message', { to: 'juliet@example.com' }, xml('body', {}, 'Hi')).toString()
 *     // '<message to="juliet@example.com"><body>Hi</body></message>'
 */
function build(...values: Parameters<typeof createElement>): Element {
  return createElement(...values);
}

const parts = {
  Element,
  createElement,
  Parser,
  escapeXML,
  unescapeXML,
  escapeXMLText,
  unescapeXMLText,
  XMLError,
};

type Xml = typeof build & typeof parts & { xml: Xml };

export const xml: Xml = Object.assign(build, parts) as Xml;
xml.xml = xml;

export interface ParseOptions extends ReaderOptions {
  /** maxStanzaBytes, 1 MiB by default, bounds each child of the root. */
  readonly limits?: Limits;
}

/**
 * The element of a document such as a host-meta file, with its children. Comments and processing
 * instructions are skipped; a DOCTYPE is refused.
 *
 *     parse('<XRD><Link rel="urn:xmpp:alt-connections:websocket"/></XRD>').children.length   // 1
 *
 * Throws XMLError for what is no such document, unlike the original also for half of one.
 */
export function parse(data: string | Uint8Array, options: ParseOptions = {}): Element {
  const parser = new Parser({ document: true, ...options });
  const roots: Element[] = [];
  parser.on('element', (element: Element) => {
    parser.root?.append(element);
  });
  parser.on('end', (root: Element) => {
    roots.push(root);
  });
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.write(data);
  if (roots.length === 0) {
    throw new XMLError('the document is not complete', { condition: 'not-well-formed', offset: 0 });
  }
  return roots[0];
}
