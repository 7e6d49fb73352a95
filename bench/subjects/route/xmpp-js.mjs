/**
 * xmpp.js: its parser, its addresses, a Map of sessions, its serializer, a Buffer for the socket. No rule of the RFCs but
 * the stamped `from`.
 */

import { StringDecoder } from 'node:string_decoder';
import { jid } from '@xmpp/jid';
import { Parser } from '@xmpp/xml';

export function open(sessions) {
  const table = new Map();
  for (const [full, session] of sessions) {
    table.set(full, session);
    table.set(full.slice(0, full.indexOf('/')), session);
  }
  return {
    connect(sender) {
      const decoder = new StringDecoder('utf8');
      const parser = new Parser();
      let delivered = 0;
      parser.on('element', (stanza) => {
        const session = table.get(jid(stanza.attrs.to).toString());
        stanza.attrs.from = sender;
        const bytes = Buffer.from(stanza.toString());
        session.write(bytes, 0, bytes.length);
        delivered++;
      });
      parser.on('error', (error) => {
        throw error;
      });
      return {
        write: (chunk) => parser.write(decoder.write(chunk)),
        close: () => delivered,
      };
    },
  };
}
