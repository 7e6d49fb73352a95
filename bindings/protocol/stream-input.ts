/*
 * What has arrived on a stream and was not looked at yet: chunks become events one at a time, so that
 * whoever takes them can stop after any of them.
 *
 *     chunk ──► backlog ──► piece ──► parser ──► events ──► next()
 *
 * While a stream is negotiated a piece ends at each `>`, where alone an element can end: what follows the
 * element that changes the stream (STARTTLS, SASL) is then known to the byte. Nothing is kept of what
 * was read, so that an idle stream holds no input.
 */
import type { Element } from '../element.js';
import type { Engine } from '../engine.js';
import type { Limits } from '../limits.js';
import { StreamParser } from '../stream-parser.js';
import type { StreamEvent } from '../stream-parser.js';
import type { Framing } from './framing.js';

/** Space, tab, line feed, carriage return. */
const whiteSpace: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

const isBlank = (chunk: Uint8Array): boolean => chunk.every((byte) => whiteSpace.has(byte));

const noBytes = new Uint8Array();
const noEvents: readonly StreamEvent[] = [];

export class StreamInput {
  readonly #framing: Framing;
  readonly #engine: Engine | undefined;
  #parser: StreamParser;
  #backlog: Uint8Array[] = [];
  #backlogLength = 0;
  #piece: Uint8Array = noBytes;
  #events = noEvents;
  #eventIndex = 0;
  /** Between an element that ended a stream and the first byte of the next header. */
  #isBetweenStreams = false;

  constructor(framing: Framing, limits: Limits, engine: Engine | undefined) {
    this.#framing = framing;
    this.#engine = engine;
    this.#parser = this.#makeParser(limits);
  }

  /** Bytes that wait, apart from those of the last piece. */
  get backlogLength(): number {
    return this.#backlogLength;
  }

  /** Where the core keeps the stream, for a host that reads chunks there itself. */
  get place(): StreamParser['place'] {
    return this.#parser.place;
  }

  push(chunk: Uint8Array): void {
    this.#backlog.push(chunk);
    this.#backlogLength += chunk.length;
  }

  /** The next event, or undefined when more bytes are needed. */
  next(isStepwise: boolean): StreamEvent | undefined {
    while (this.#eventIndex >= this.#events.length) {
      const piece = this.#nextPiece(isStepwise);
      if (!piece) {
        // An array that was shifted empty keeps its room.
        this.#backlog = [];
        this.#rest();
        return undefined;
      }
      this.#piece = piece;
      this.#eventIndex = 0;
      this.#events = this.#parser.feed(piece);
    }
    this.#eventIndex += 1;
    return this.#events[this.#eventIndex - 1];
  }

  /** Where the peer's closing, which was just read, says to go. */
  get redirection(): string | undefined {
    return this.#framing.redirection(this.#piece);
  }

  /** Drops what waits; whether there was anything but white space. */
  drop(): boolean {
    const hadContent = this.#eventIndex < this.#events.length || !this.#backlog.every(isBlank);
    this.#backlog = [];
    this.#backlogLength = 0;
    this.#rest();
    return hadContent;
  }

  /** After TLS: nothing is left of the stream before it. */
  forget(): void {
    this.drop();
    this.#parser.restart();
  }

  /** Expects a new header, read with these limits (RFC 6120, section 4.3.3). */
  restart(limits: Limits): void {
    this.#parser.close();
    this.#parser = this.#makeParser(limits);
    this.#isBetweenStreams = true;
  }

  /**
   * Goes on in the same stream with other limits. A parser that has them is shown the header again, so
   * that the prefixes that it declared hold on.
   */
  widen(limits: Limits, header: Element | undefined): void {
    this.#parser.close();
    this.#parser = this.#makeParser(limits);
    if (header && this.#framing.name === 'stream') {
      this.#parser.feed(`${header.toString().slice(0, -2)}>`);
    }
  }

  close(): void {
    this.drop();
    this.#parser.close();
  }

  #nextPiece(isStepwise: boolean): Uint8Array | undefined {
    let chunk = this.#backlog.shift();
    while (chunk && this.#isBetweenStreams) {
      // White space behind <auth/> belongs to the stream that ended with it, not before an XML declaration.
      const start = chunk.findIndex((byte) => !whiteSpace.has(byte));
      this.#isBetweenStreams = start < 0;
      this.#backlogLength -= start < 0 ? chunk.length : start;
      chunk = start < 0 ? this.#backlog.shift() : chunk.subarray(start);
    }
    if (!chunk) return undefined;
    const end = isStepwise ? this.#framing.pieceEnd(chunk, 0) : chunk.length;
    this.#backlogLength -= end;
    if (end < chunk.length) this.#backlog.unshift(chunk.subarray(end));
    return chunk.subarray(0, end);
  }

  #rest(): void {
    this.#piece = noBytes;
    this.#events = noEvents;
    this.#eventIndex = 0;
  }

  #makeParser(limits: Limits): StreamParser {
    const engine = this.#engine;
    return new StreamParser({ framing: this.#framing.name, limits, ...(engine && { engine }) });
  }
}
