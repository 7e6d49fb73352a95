/** Many streams with @xmpp/xml: one parser each, as xmpp.js has one a connection. It always builds elements. */

import { Parser } from '@xmpp/xml';

export const tally = { stanzas: 0 };

const element = () => {
  tally.stanzas++;
};

export function open() {
  const parser = new Parser();
  parser.on('element', element);
  return parser;
}

export function feed(parser, chunk) {
  parser.write(chunk);
}
