/** tercet/compat/node-expat in the place of node-expat, used as in node-expat.mjs. */

import { entryUrl } from '../package.mjs';

const { Parser } = await import(entryUrl('./compat/node-expat'));

export function open(sink) {
  const parser = new Parser('UTF-8');
  parser.on('startElement', sink.start);
  parser.on('endElement', sink.end);
  parser.on('text', sink.text);
  return {
    write(chunk) {
      if (!parser.parse(chunk, false)) throw new Error(parser.getError());
    },
  };
}

export const attributes = (raw) => Object.entries(raw);
