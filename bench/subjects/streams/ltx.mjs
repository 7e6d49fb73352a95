/** Many streams with ltx: one SAX parser each, handlers that count. No elements are built. */

import SaxLtx from 'ltx/src/parsers/ltx.js';

export const tally = { stanzas: 0 };

const ignore = () => {};

export function open() {
  const parser = new SaxLtx();
  let depth = 0;
  parser.on('startElement', () => {
    depth++;
  });
  parser.on('endElement', () => {
    if (--depth === 1) tally.stanzas++;
  });
  parser.on('text', ignore);
  return parser;
}

export function feed(parser, chunk) {
  parser.write(chunk);
}
