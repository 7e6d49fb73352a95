/*
 * Framing over WebSocket (RFC 7395, section 3): each message is one complete element, and the stream is
 * opened and closed by elements of their own. There is no STARTTLS and no white-space keepalive here:
 * TLS and pings belong to the layers below.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';
import { parse } from '../parse.js';
import type { Framing, StreamHeader } from '../protocol/framing.js';
import type { StreamCondition } from '../protocol/stream-error.js';

/** The WebSocket subprotocol, which both sides must name (RFC 7395, section 3.1). */
export const webSocketProtocol = 'xmpp';

export const webSocketFraming: Framing = {
  name: 'websocket',
  hasStartTls: false,
  canRedirect: true,
  scope: () => '',

  pieceEnd: (chunk: Uint8Array): number => chunk.length,

  checkHeader(header: Element): StreamCondition | undefined {
    if (header.ns !== NS.framing) return 'invalid-namespace';
    return header.name === 'open' ? undefined : 'bad-format';
  },

  open(header: StreamHeader): Uint8Array {
    const { from, to, id, version, lang } = header;
    return xml('open', { xmlns: NS.framing, from, to, id, version, 'xml:lang': lang }).toBytes();
  },

  redirection(piece: Uint8Array): string | undefined {
    try {
      return parse(piece).attr('see-other-uri');
    } catch {
      // A frame may have more around its element than `parse` takes.
      return undefined;
    }
  },

  close: (elsewhere?: string) =>
    xml('close', { xmlns: NS.framing, 'see-other-uri': elsewhere }).toBytes(),
};
