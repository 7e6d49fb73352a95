/*
 * The ways to read XML: how it is cut into pieces, and the events that the first pieces give. The events are the same
 * however it is cut.
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

export type Piece = Uint8Array | string;

interface Way {
  readonly title: string;
  /** What a piece is, in the plural. */
  readonly unit: string;
  /** `size` is the bytes of a piece. */
  readonly cut: (source: string, size: number) => readonly Piece[];
  /** `isWhole`: nothing comes after these pieces. */
  readonly read: (pieces: readonly Piece[], isWhole: boolean) => Result;
}

export const readings: Readonly<Record<Reading, Way>> = {
  stream: { title: 'a stream (RFC 6120)', unit: 'pieces', cut: cutBytes, read: readStream },
  websocket: {
    title: 'WebSocket frames, one a line (RFC 7395)',
    unit: 'frames',
    cut: cutLines,
    read: readFrames,
  },
  document: {
    title: 'a document, as SAX events',
    unit: 'pieces',
    cut: cutBytes,
    read: readDocument,
  },
};

const encoder = new TextEncoder();

function cutBytes(source: string, size: number): Piece[] {
  const bytes = encoder.encode(source);
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

/** A frame is whole or it is none, so it is not cut. */
function cutLines(source: string): Piece[] {
  return source.split(/(?<=\n)/);
}

function readStream(pieces: readonly Piece[], isWhole: boolean): Result {
  const parser = new StreamParser();
  const events: StreamEvent[] = [];
  for (const piece of pieces) events.push(...parser.feed(piece));
  if (isWhole) events.push(...parser.end());
  parser.close();
  return resultOf(events);
}

function readFrames(frames: readonly Piece[]): Result {
  const parser = new StreamParser({ framing: 'websocket' });
  const events: StreamEvent[] = [];
  for (const frame of frames) {
    if (typeof frame === 'string' && frame.trim() !== '') events.push(...parser.feed(frame));
  }
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

function readDocument(pieces: readonly Piece[], isWhole: boolean): Result {
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
  for (const piece of pieces) parser.feed(piece);
  if (isWhole) parser.end();
  parser.close();
  return { rows, error };
}
