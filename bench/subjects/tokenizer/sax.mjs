/** sax in strict mode, without namespaces and positions. */

import { StringDecoder } from 'node:string_decoder';
import sax from 'sax';

export function open(sink) {
  const decoder = new StringDecoder('utf8');
  const parser = sax.parser(true, { position: false });
  parser.onopentag = (tag) => sink.start(tag.name, tag.attributes);
  parser.onclosetag = sink.end;
  parser.ontext = sink.text;
  parser.oncdata = sink.text;
  parser.onerror = (error) => {
    throw error;
  };
  return {
    write(chunk) {
      parser.write(decoder.write(chunk));
    },
  };
}

export const attributes = (raw) => Object.entries(raw);
