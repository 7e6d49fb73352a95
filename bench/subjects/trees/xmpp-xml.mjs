/** @xmpp/xml: the parser of xmpp.js over TCP. */

import { StringDecoder } from 'node:string_decoder';
import { Parser } from '@xmpp/xml';
import { stanzasOf } from './ltx-element.mjs';

export function open(onStanza, { framed, split }) {
  const decoder = new StringDecoder('utf8');
  const parser = stanzasOf(Parser, onStanza);
  // This parser delivers children of a root only, so that frames get one.
  if (framed) parser.write('<root>');
  return {
    write: split ? (chunk) => parser.write(decoder.write(chunk)) : (frame) => parser.write(frame),
  };
}

export { fields, walk } from './ltx-element.mjs';
