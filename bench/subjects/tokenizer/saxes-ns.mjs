/** saxes with namespaces, without positions: the most correct streaming parser in JavaScript. */

import { StringDecoder } from 'node:string_decoder';
import { SaxesParser } from 'saxes';

export function open(sink) {
  const decoder = new StringDecoder('utf8');
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('opentag', (tag) => sink.start(tag.name, tag.attributes));
  parser.on('closetag', (tag) => sink.end(tag.name));
  parser.on('text', sink.text);
  parser.on('cdata', sink.text);
  parser.on('error', (error) => {
    throw error;
  });
  return {
    write(chunk) {
      parser.write(decoder.write(chunk));
    },
  };
}

export const attributes = (raw) => Object.values(raw).map(({ name, value }) => [name, value]);
