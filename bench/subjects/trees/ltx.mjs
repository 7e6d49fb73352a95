/** ltx as xmpp.js uses it: its SAX parser, its elements, a stanza delivered when its end tag has been read. */

import { StringDecoder } from 'node:string_decoder';
import Element from 'ltx/src/Element.js';
import SaxLtx from 'ltx/src/parsers/ltx.js';
import { buildTrees } from './ltx-builder.mjs';

export function open(onStanza, { framed, split }) {
  const decoder = new StringDecoder('utf8');
  const parser = new SaxLtx();
  buildTrees(parser, Element, onStanza, { framed });
  return {
    // A chunk that may end inside a character needs the decoder; a whole frame does not.
    write: split ? (chunk) => parser.write(decoder.write(chunk)) : (frame) => parser.write(frame),
  };
}

export { fields, walk } from './ltx-element.mjs';
