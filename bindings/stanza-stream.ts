/*
 * A transform of the Web Streams standard: bytes in, stanzas out.
 *
 * Invariants: a slow reader holds the writer back; a fault of the stream reaches the reader as an
 * XmlError, after the stanzas before it. The end of the XMPP stream closes the readable side and
 * leaves the writable side open: the transport below may still be needed to answer.
 */
import type { Element } from './element.js';
import { UsageError } from './errors.js';
import type { Chunk } from './input.js';
import { StreamParser, type StreamEvent, type StreamParserOptions } from './stream-parser.js';

export interface StanzaStreamOptions extends StreamParserOptions {
  /** Called with the stream header before the first stanza is readable. */
  readonly onOpen?: (header: Element) => void;
}

/**
 * Turns a stream of bytes or text into a stream of stanzas.
 *
 *     for await (const stanza of socket.readable.pipeThrough(new StanzaStream())) {
 *       stanza.attr('from')   // 'juliet@example.com/balcony'
 *     }
 *
 * The options are those of StreamParser; with framing 'websocket' each chunk is one frame. Input
 * that ends before the stream does is an error too.
 */
export class StanzaStream {
  readonly readable: ReadableStream<Element>;
  readonly writable: WritableStream<Chunk>;
  /** The stream header; rejects with the error if the stream fails before it. */
  readonly header: Promise<Element>;

  /** Throws UsageError for options that StreamParser does not take. */
  constructor(options: StanzaStreamOptions = {}) {
    const parser = new StreamParser(options);
    let resolveHeader: (header: Element) => void = () => undefined;
    let rejectHeader: (reason: unknown) => void = () => undefined;
    this.header = new Promise<Element>((resolve, reject) => {
      resolveHeader = resolve;
      rejectHeader = reject;
    });
    // A program that never asks for the header has not forgotten to handle its rejection.
    this.header.catch(() => undefined);

    let output: ReadableStreamDefaultController<Element> | undefined;
    let isOver = false;
    let failure: { readonly reason: unknown } | undefined;
    let resume: (() => void) | undefined;

    const wake = () => {
      const waiting = resume;
      resume = undefined;
      waiting?.();
    };
    const finish = () => {
      if (isOver) return;
      isOver = true;
      rejectHeader(new UsageError('the stream ended without a header', 'handle-stale'));
      parser.close();
      wake();
    };
    /** Whether the reader took all stanzas, or never will. */
    const isTaken = () => isOver || (output?.desiredSize ?? 1) > 0;
    const closeOutput = () => {
      output?.close();
      finish();
    };
    const fail = (reason: unknown) => {
      if (isOver) return;
      rejectHeader(reason);
      finish();
      // An error empties the queue at once, so it waits until the stanzas before it are read.
      if ((output?.desiredSize ?? 1) > 0) output?.error(reason);
      else failure = { reason };
    };
    const deliver = (events: readonly StreamEvent[]) => {
      for (const event of events) {
        switch (event.type) {
          case 'open':
            resolveHeader(event.header);
            options.onOpen?.(event.header);
            break;
          case 'stanza':
            output?.enqueue(event.stanza);
            break;
          case 'close':
            closeOutput();
            return;
          case 'error':
            fail(event.error);
            throw event.error;
        }
      }
    };

    this.readable = new ReadableStream<Element>({
      start: (controller) => {
        output = controller;
      },
      // Called when the queue is empty.
      pull: (controller) => {
        if (failure !== undefined) controller.error(failure.reason);
        wake();
      },
      cancel: () => {
        finish();
      },
    });

    this.writable = new WritableStream<Chunk>({
      // A chunk is done when its stanzas are taken: that is what holds the writer back.
      write: (chunk) => {
        if (isOver) return undefined;
        deliver(parser.feed(chunk));
        if (isTaken()) return undefined;
        return new Promise<void>((resolve) => {
          resume = resolve;
        });
      },
      close: () => {
        if (isOver) return;
        // An open stream is an error event here, and thrown by deliver.
        deliver(parser.end());
        closeOutput();
      },
      abort: (reason) => {
        fail(reason);
      },
    });
  }
}
