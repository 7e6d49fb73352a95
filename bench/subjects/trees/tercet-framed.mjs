/** tercet/compat/xmpp-xml in the place of @xmpp/websocket's parser, one stanza a frame. */

import { entryUrl } from '../package.mjs';
import { stanzasOf } from './ltx-element.mjs';

const { FramedParser } = await import(entryUrl('./compat/xmpp-xml'));

export function open(onStanza) {
  const parser = stanzasOf(FramedParser, onStanza);
  return { write: (frame) => parser.write(frame) };
}

/** Each frame is complete in itself; a stream header would stay open and hold all stanzas. */
export const headerless = true;

export { fields, walk } from './ltx-element.mjs';
