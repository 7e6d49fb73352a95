/*
 * Pieces of streams that several tests use.
 */
import { expect } from 'vitest';
import type { Element, StreamEvent, StreamParser } from 'tercet';

export const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

/** Events as short texts: what a stream said, without the objects. */
export function summary(events: readonly StreamEvent[]): string[] {
  return events.map((event) => {
    switch (event.type) {
      case 'open':
        return `open ${event.header.name}`;
      case 'stanza':
        return `stanza ${event.stanza.toString()}`;
      case 'close':
        return 'close';
      case 'error':
        return `error ${event.error.code} ${event.error.condition} ${event.error.offset}`;
    }
  });
}

/** The stanzas among events. */
export function stanzasOf(events: readonly StreamEvent[]): Element[] {
  return events.flatMap((event) => (event.type === 'stanza' ? [event.stanza] : []));
}

/** The first stanza of one feed. */
export function stanzaOf(parser: StreamParser, text: string | Uint8Array): Element {
  const [stanza] = stanzasOf(parser.feed(text));
  expect(stanza).toBeDefined();
  return stanza;
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
