/** htmlparser2 in XML mode. No namespaces, no checks; it repairs what it does not understand. */

import { StringDecoder } from 'node:string_decoder';
import { Parser } from 'htmlparser2';

export function open(sink) {
  const decoder = new StringDecoder('utf8');
  const parser = new Parser(
    { onopentag: sink.start, onclosetag: sink.end, ontext: sink.text },
    { xmlMode: true, decodeEntities: true },
  );
  return {
    write(chunk) {
      parser.write(decoder.write(chunk));
    },
  };
}

export const attributes = (raw) => Object.entries(raw);
