/** ltx's own Parser: the whole stream is one tree, whose stanzas are there when the stream ends. */

import { StringDecoder } from 'node:string_decoder';
import { Parser } from 'ltx';
import { treeOf } from './ltx-element.mjs';

export function open(onStanza) {
  const decoder = new StringDecoder('utf8');
  const parser = treeOf(Parser, onStanza);
  return {
    write: (chunk) => parser.write(decoder.write(chunk)),
    close: () => parser.end('</stream:stream>'),
  };
}

export { fields, walk } from './ltx-element.mjs';
