/** node-expat: libexpat 2.2.1 behind a native binding, no namespaces. It takes Buffers. */

import expat from 'node-expat';

export function open(sink) {
  const parser = new expat.Parser('UTF-8');
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
