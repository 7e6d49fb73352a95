/**
 * How the parsers of sax, saxes and node-expat are used by their subjects, whichever package the
 * parser is of: each is given the class, and the drop-in has the same work to do as the original.
 */

import { StringDecoder } from 'node:string_decoder';

/** sax in strict mode, without namespaces and positions. */
export const saxSubject = (sax, decodes) => ({
  open(sink) {
    const parser = sax.parser(true, { position: false });
    parser.onopentag = (tag) => sink.start(tag.name, tag.attributes);
    parser.onclosetag = sink.end;
    parser.ontext = sink.text;
    parser.oncdata = sink.text;
    parser.onerror = (error) => {
      throw error;
    };
    return writer(parser, decodes);
  },
  attributes: (raw) => Object.entries(raw),
});

/** saxes with namespaces, without positions. */
export const saxesSubject = (SaxesParser, decodes) => ({
  open(sink) {
    const parser = new SaxesParser({ xmlns: true, position: false });
    parser.on('opentag', (tag) => sink.start(tag.name, tag.attributes));
    parser.on('closetag', (tag) => sink.end(tag.name));
    parser.on('text', sink.text);
    parser.on('cdata', sink.text);
    parser.on('error', (error) => {
      throw error;
    });
    return writer(parser, decodes);
  },
  attributes: (raw) => Object.values(raw).map(({ name, value }) => [name, value]),
});

/** node-expat, which takes Buffers. */
export const expatSubject = (Parser) => ({
  open(sink) {
    const parser = new Parser('UTF-8');
    parser.on('startElement', sink.start);
    parser.on('endElement', sink.end);
    parser.on('text', sink.text);
    return {
      write(chunk) {
        if (!parser.parse(chunk, false)) throw new Error(parser.getError());
      },
    };
  },
  attributes: (raw) => Object.entries(raw),
});

/** Those that take text are given what a decoder makes of the bytes. */
function writer(parser, decodes) {
  if (!decodes) return { write: (chunk) => parser.write(chunk) };
  const decoder = new StringDecoder('utf8');
  return {
    write(chunk) {
      parser.write(decoder.write(chunk));
    },
  };
}
