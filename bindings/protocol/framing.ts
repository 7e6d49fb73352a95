/*
 * What a transport is to the stream machines: how bytes are cut into units, and how a stream is opened
 * and closed on it. RFC 6120 over TCP and RFC 7395 over WebSocket implement this in `transport/`;
 * everything else about a stream is the same on both.
 */
import type { Element } from '../element.js';
import type { StreamCondition } from './stream-error.js';

/** The attributes of a stream header (RFC 6120, section 4.7); what is undefined is not written. */
export interface StreamHeader {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly id?: string | undefined;
  readonly version?: string | undefined;
  readonly lang?: string | undefined;
}

export interface Framing {
  /** The framing of the parser. */
  readonly name: 'stream' | 'websocket';
  /**
   * The namespace that is the default one where first-level elements stand: that of the stream, or none
   * where each element stands alone. What `Element.toBytes` is told.
   */
  scope(contentNamespace: string): string;
  /** Whether TLS can be negotiated within the stream; on WebSocket it lies below. */
  readonly hasStartTls: boolean;
  /**
   * Where to cut a chunk so that no more than one first-level element ends in the piece from `start`:
   * what follows the element that changes the stream (STARTTLS, SASL) is then known to the byte.
   */
  pieceEnd(chunk: Uint8Array, start: number): number;
  /** The condition that the shape of the peer's header violates: its name, prefix, namespaces. */
  checkHeader(header: Element, contentNamespace: string): StreamCondition | undefined;
  /** The opening of our direction. */
  open(header: StreamHeader, contentNamespace: string): Uint8Array;
  /** Whether the closing itself can name another place to go (RFC 7395, section 3.6.1). */
  readonly canRedirect: boolean;
  /** Where the peer's end, which is this piece of input, says to go instead. */
  redirection(piece: Uint8Array): string | undefined;
  /** The end of our direction. */
  close(elsewhere?: string): Uint8Array;
}
