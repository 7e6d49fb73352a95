/** ltx: its SAX parser alone, no elements. No namespaces, no checks. */

import { StringDecoder } from 'node:string_decoder';
import SaxLtx from 'ltx/src/parsers/ltx.js';

export function open(sink) {
  const decoder = new StringDecoder('utf8');
  const parser = new SaxLtx();
  parser.on('startElement', sink.start);
  parser.on('endElement', sink.end);
  parser.on('text', sink.text);
  return {
    write(chunk) {
      parser.write(decoder.write(chunk));
    },
  };
}

export const attributes = (raw) => Object.entries(raw);
