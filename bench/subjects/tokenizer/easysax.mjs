/** easysax: attributes are parsed on demand, so they are demanded. No namespaces, few checks, names in ASCII only. */

import { StringDecoder } from 'node:string_decoder';
import EasySax from 'easysax';

const none = {};

export function open(sink) {
  const decoder = new StringDecoder('utf8');
  const parser = new EasySax();
  parser.on('startNode', (name, getAttributes) => {
    const found = getAttributes();
    sink.start(name, found === true ? none : found);
  });
  parser.on('endNode', sink.end);
  parser.on('textNode', sink.text);
  parser.on('cdata', sink.text);
  parser.on('error', (message) => {
    throw new Error(message);
  });
  return {
    write(chunk) {
      parser.write(decoder.write(chunk));
    },
  };
}

export const attributes = (raw) => Object.entries(raw);
