/** ltx as xmpp.js uses it: its SAX parser, its elements, a stanza delivered when its end tag has been read. */

import { StringDecoder } from 'node:string_decoder';
import Element from 'ltx/src/Element.js';
import SaxLtx from 'ltx/src/parsers/ltx.js';

export function open(onStanza, { framed, split }) {
  const decoder = new StringDecoder('utf8');
  const parser = new SaxLtx();
  let root = null;
  let cursor = null;
  parser.on('startElement', (name, attributes) => {
    const element = new Element(name, attributes);
    if (cursor === null) {
      if (!framed) root = element;
    } else if (cursor !== root) cursor.append(element);
    cursor = element;
  });
  parser.on('endElement', (name) => {
    if (name !== cursor.name) throw new Error(`${cursor.name} is not closed`);
    if (cursor.parent !== null) {
      cursor = cursor.parent;
      return;
    }
    cursor.parent = root;
    onStanza(cursor);
    cursor = root;
  });
  parser.on('text', (value) => {
    if (cursor !== root) cursor.t(value);
  });
  return {
    // A chunk that may end inside a character needs the decoder; a whole frame does not.
    write: split ? (chunk) => parser.write(decoder.write(chunk)) : (frame) => parser.write(frame),
  };
}

export { fields, walk } from './ltx-element.mjs';
