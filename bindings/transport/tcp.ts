/*
 * Framing over TCP (RFC 6120, section 4): one XML document a direction, whose root element is the
 * stream and whose children are the stanzas.
 */
import type { Element } from '../element.js';
import { xml } from '../builder.js';
import { NS } from '../namespaces.js';
import type { Framing, StreamHeader } from '../protocol/framing.js';
import type { StreamCondition } from '../protocol/stream-error.js';

const greaterThan = 0x3e;
const encoder = new TextEncoder();

export const tcpFraming: Framing = {
  name: 'stream',
  hasStartTls: true,
  canRedirect: false,
  scope: (contentNamespace) => contentNamespace,

  // An element ends at a `>`; one inside an attribute value only makes a piece shorter.
  pieceEnd(chunk: Uint8Array, start: number): number {
    const index = chunk.indexOf(greaterThan, start);
    return index < 0 ? chunk.length : index + 1;
  },

  // The order matters: a wrong namespace explains a wrong prefix, not the other way round.
  checkHeader(header: Element, contentNamespace: string): StreamCondition | undefined {
    if (header.ns !== NS.streams) return 'invalid-namespace';
    if (!header.toString().startsWith('<stream:')) return 'bad-namespace-prefix';
    if (header.name !== 'stream') return 'bad-format';
    return header.attrs.xmlns === contentNamespace ? undefined : 'invalid-namespace';
  },

  open(header: StreamHeader, contentNamespace: string): Uint8Array {
    const { from, to, id, version, lang } = header;
    const root = xml('stream:stream', {
      xmlns: contentNamespace,
      'xmlns:stream': NS.streams,
      from,
      to,
      id,
      version,
      'xml:lang': lang,
    });
    // The root stays open: its start tag alone, `<.../>` without the slash.
    return encoder.encode(`<?xml version='1.0'?>${root.toString().slice(0, -2)}>`);
  },

  redirection: () => undefined,

  close: () => encoder.encode('</stream:stream>'),
};
