/*
 * The ways to read XML, each with the events that it gives.
 */
import { SaxParser, StreamParser, type StreamEvent, type XmlError } from 'tercet';

export interface Row {
  readonly type: string;
  readonly text: string;
}

export interface Result {
  readonly rows: readonly Row[];
  readonly error: XmlError | undefined;
}

export type Reading = 'stream' | 'websocket' | 'document';

interface Way {
  readonly title: string;
  /** `size` is the bytes of a piece, 0 for all at once. */
  read(source: string, size: number): Result;
}

export const readings: Readonly<Record<Reading, Way>> = {
  stream: { title: 'a stream (RFC 6120)', read: readStream },
  websocket: { title: 'WebSocket frames, one a line (RFC 7395)', read: readFrames },
  document: { title: 'a document, as SAX events', read: readDocument },
};

const encoder = new TextEncoder();

/** The bytes of a text in pieces. */
function* pieces(source: string, size: number): Generator<Uint8Array> {
  const bytes = encoder.encode(source);
  const step = size > 0 ? size : Math.max(1, bytes.length);
  for (let start = 0; start < bytes.length; start += step)
    yield bytes.subarray(start, start + step);
}

function readStream(source: string, size: number): Result {
  const parser = new StreamParser();
  const events: StreamEvent[] = [];
  for (const piece of pieces(source, size)) events.push(...parser.feed(piece));
  events.push(...parser.end());
  parser.close();
  return resultOf(events);
}

/** A frame is whole or it is none, so it is not cut. */
function readFrames(source: string): Result {
  const parser = new StreamParser({ framing: 'websocket' });
  const events: StreamEvent[] = [];
  const frames = source.split(/(?<=\n)/);
  for (const frame of frames) if (frame.trim() !== '') events.push(...parser.feed(frame));
  parser.close();
  return resultOf(events);
}

function resultOf(events: readonly StreamEvent[]): Result {
  const rows: Row[] = [];
  let error: XmlError | undefined;
  for (const event of events) {
    if (event.type === 'open') rows.push({ type: 'open', text: event.header.toString() });
    else if (event.type === 'stanza') rows.push({ type: 'stanza', text: event.stanza.toString() });
    else if (event.type === 'close') rows.push({ type: 'close', text: '' });
    else error = event.error;
  }
  return { rows, error };
}

function readDocument(source: string, size: number): Result {
  const rows: Row[] = [];
  let error: XmlError | undefined;
  const parser = new SaxParser(
    {
      startElement: (name, attrs) => {
        rows.push({ type: 'start', text: `${name} ${JSON.stringify(attrs)}` });
      },
      endElement: (name) => {
        rows.push({ type: 'end', text: name });
      },
      text: (value) => {
        rows.push({ type: 'text', text: JSON.stringify(value) });
      },
      error: (fault) => {
        error = fault;
      },
    },
    { document: true },
  );
  for (const piece of pieces(source, size)) parser.feed(piece);
  parser.end();
  parser.close();
  return { rows, error };
}
