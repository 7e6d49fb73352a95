/** @xmpp/websocket: the parser of xmpp.js over WebSocket, one stanza a frame. */

import FramedParser from '@xmpp/websocket/lib/FramedParser.js';
import { stanzasOf } from './ltx-element.mjs';

export function open(onStanza) {
  const parser = stanzasOf(FramedParser, onStanza);
  return { write: (frame) => parser.write(frame) };
}

/** Each frame is complete in itself; a stream header would stay open and hold all stanzas. */
export const headerless = true;

export { fields, walk } from './ltx-element.mjs';
