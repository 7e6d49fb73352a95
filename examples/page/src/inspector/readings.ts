/*
 * The ways to read XML: how it is cut into pieces, and the events that the first pieces give. The events are the same
 * however it is cut. Of long texts the first events are shown, and all are counted.
 */
import { SaxParser, StreamParser, type StreamEvent, type XmlError } from 'tercet';
import { shown } from './visible.ts';

export interface Row {
  readonly type: string;
  readonly text: string;
}

export interface Result {
  /** The first of them. */
  readonly rows: readonly Row[];
  readonly count: number;
  readonly error: XmlError | undefined;
  /** Where the error is in the text, in bytes. */
  readonly offset: number;
}

export type Reading = 'stream' | 'websocket' | 'document';

export interface Pieces {
  readonly count: number;
  /** The piece at an index; a frame is text. */
  at(index: number): Uint8Array | string;
}

interface Way {
  readonly title: string;
  /** What a piece is, in the plural. */
  readonly unit: string;
  /** `size` is the bytes of a piece. */
  readonly cut: (source: string, size: number) => Pieces;
  /** The first `fed` of them. */
  readonly read: (pieces: Pieces, fed: number) => Result;
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

const maxRows = 200;
/** Of a long text pieces are larger than asked for. */
const maxPieces = 100_000;
const encoder = new TextEncoder();

class Log {
  readonly rows: Row[] = [];
  count = 0;
  error: XmlError | undefined;
  /** Bytes of the text that no parser saw. */
  skipped = 0;

  add(type: string, text: () => string): void {
    this.count += 1;
    if (this.count <= maxRows) this.rows.push({ type, text: shown(text()) });
  }

  take(events: readonly StreamEvent[]): void {
    for (const event of events) {
      if (event.type === 'open') this.add('open', () => event.header.toString());
      else if (event.type === 'stanza') this.add('stanza', () => event.stanza.toString());
      else if (event.type === 'close') this.add('close', () => '');
      else this.error = event.error;
    }
  }

  get result(): Result {
    const { rows, count, error, skipped } = this;
    return { rows, count, error, offset: skipped + (error?.offset ?? 0) };
  }
}

function cutBytes(source: string, wanted: number): Pieces {
  const bytes = encoder.encode(source);
  const size = Math.max(wanted, Math.ceil(bytes.length / maxPieces));
  return {
    count: Math.ceil(bytes.length / size),
    at: (index) => bytes.subarray(index * size, (index + 1) * size),
  };
}

/** A frame is whole or it is none, so it is not cut. */
function cutLines(source: string): Pieces {
  const lines = source.split(/(?<=\n)/);
  return { count: lines.length, at: (index) => lines[index] ?? '' };
}

function readStream(pieces: Pieces, fed: number): Result {
  const parser = new StreamParser();
  const log = new Log();
  for (let index = 0; index < Math.min(fed, pieces.count) && !log.error; index++) {
    log.take(parser.feed(pieces.at(index)));
  }
  if (fed >= pieces.count) log.take(parser.end());
  parser.close();
  return log.result;
}

function readFrames(frames: Pieces, fed: number): Result {
  const parser = new StreamParser({ framing: 'websocket' });
  const log = new Log();
  for (let index = 0; index < Math.min(fed, frames.count) && !log.error; index++) {
    const frame = String(frames.at(index));
    if (frame.trim() === '') log.skipped += encoder.encode(frame).length;
    else log.take(parser.feed(frame));
  }
  parser.close();
  return log.result;
}

function readDocument(pieces: Pieces, fed: number): Result {
  const log = new Log();
  const parser = new SaxParser(
    {
      startElement: (name, attrs) => log.add('start', () => `${name} ${JSON.stringify(attrs)}`),
      endElement: (name) => log.add('end', () => name),
      text: (value) => log.add('text', () => JSON.stringify(value)),
      error: (fault) => {
        log.error = fault;
      },
    },
    { document: true },
  );
  for (let index = 0; index < Math.min(fed, pieces.count) && !log.error; index++) {
    parser.feed(pieces.at(index));
  }
  if (fed >= pieces.count) parser.end();
  parser.close();
  return log.result;
}
