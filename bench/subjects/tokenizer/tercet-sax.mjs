/** tercet/compat/sax in the place of sax, used as in sax.mjs. */

import { entryUrl } from '../package.mjs';

const { default: sax } = await import(entryUrl('./compat/sax'));

export function open(sink) {
  const parser = sax.parser(true, { position: false });
  parser.onopentag = (tag) => sink.start(tag.name, tag.attributes);
  parser.onclosetag = sink.end;
  parser.ontext = sink.text;
  parser.oncdata = sink.text;
  parser.onerror = (error) => {
    throw error;
  };
  return { write: (chunk) => parser.write(chunk) };
}

export const attributes = (raw) => Object.entries(raw);
