/** tercet/compat/saxes in the place of saxes, used as in saxes-ns.mjs. */

import { entryUrl } from '../package.mjs';

const { SaxesParser } = await import(entryUrl('./compat/saxes'));

export function open(sink) {
  const parser = new SaxesParser({ xmlns: true, position: false });
  parser.on('opentag', (tag) => sink.start(tag.name, tag.attributes));
  parser.on('closetag', (tag) => sink.end(tag.name));
  parser.on('text', sink.text);
  parser.on('cdata', sink.text);
  parser.on('error', (error) => {
    throw error;
  });
  return { write: (chunk) => parser.write(chunk) };
}

export const attributes = (raw) => Object.values(raw).map(({ name, value }) => [name, value]);
