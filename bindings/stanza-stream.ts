/*
 * A transform of the Web Streams standard: bytes in, stanzas out.
 *
 * Invariants: a slow reader holds the writer back; a fault of the stream reaches the reader as an
 * XmlError, after the stanzas before it; so does whatever else is thrown while a chunk is read. A
 * reader that gives up fails the writer, as in the standard's TransformStream. The
 * end of the XMPP stream closes the readable side and leaves the writable side open: the transport
 * below may still be needed to answer. What the peer sends after that end fails the write alone, for
 * the reader has its end already.
 */
import type { Element } from './element.js';
import { UsageError } from './errors.js';
import { checkOptions, type Chunk } from './input.js';
import {
  StreamParser,
  streamParserOptions,
  type StreamEvent,
  type StreamParserOptions,
} from './stream-parser.js';

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
 * that ends before the stream does is an error too, as `StreamParser.end` tells it.
 */
export class StanzaStream {
  readonly readable: ReadableStream<Element>;
  readonly writable: WritableStream<Chunk>;
  /** The stream header; rejects with the error if the stream fails before it. */
  readonly header: Promise<Element>;

  /** Throws UsageError for options that StreamParser does not take. */
  constructor(options: StanzaStreamOptions = {}) {
    checkOptions(options, ['onOpen', ...streamParserOptions]);
    const { onOpen, ...parserOptions } = options;
    // Callers without types may write anything here.
    if (onOpen !== undefined && typeof (onOpen as unknown) !== 'function') {
      throw new UsageError('onOpen is not a function');
    }
    const parser = new StreamParser(parserOptions);
    let resolveHeader: (header: Element) => void = () => undefined;
    let rejectHeader: (reason: unknown) => void = () => undefined;
    this.header = new Promise<Element>((resolve, reject) => {
      resolveHeader = resolve;
      rejectHeader = reject;
    });
    // A program that never asks for the header has not forgotten to handle its rejection.
    this.header.catch(() => undefined);

    let input: WritableStreamDefaultController | undefined;
    let output: ReadableStreamDefaultController<Element> | undefined;
    /** Nothing is enqueued any more. */
    let isOver = false;
    /** The parser was closed: what is written is not read. */
    let isClosed = false;
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
      wake();
    };
    const close = () => {
      isClosed = true;
      parser.close();
      finish();
    };
    /** Whether the reader took all stanzas, or never will. */
    const isTaken = () => isOver || (output?.desiredSize ?? 1) > 0;
    const closeOutput = () => {
      if (isOver) return;
      output?.close();
      finish();
    };
    const fail = (reason: unknown) => {
      const wasOver = isOver;
      if (!wasOver) rejectHeader(reason);
      close();
      if (wasOver) return;
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
            if (isClosed) return;
            break;
          case 'stanza':
            output?.enqueue(event.stanza);
            break;
          case 'close':
            closeOutput();
            break;
          case 'error':
            throw event.error;
        }
      }
    };
    /** Delivers what `read` gives; whatever goes wrong ends both sides. */
    const guard = (read: () => readonly StreamEvent[]) => {
      try {
        deliver(read());
      } catch (reason) {
        fail(reason);
        throw reason;
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
      // The writer has to know, so that a pipe cancels its source.
      cancel: (reason: unknown) => {
        close();
        input?.error(reason ?? new UsageError('the reader gave up', 'handle-stale'));
      },
    });

    this.writable = new WritableStream<Chunk>({
      start: (controller) => {
        input = controller;
      },
      // A chunk is done when its stanzas are taken: that is what holds the writer back.
      write: (chunk) => {
        if (isClosed) return undefined;
        guard(() => parser.feed(chunk));
        if (isTaken()) return undefined;
        return new Promise<void>((resolve) => {
          resume = resolve;
        });
      },
      close: () => {
        if (isClosed) return;
        // An open stream is an error event here, and thrown by deliver.
        guard(() => parser.end());
        closeOutput();
        close();
      },
      abort: (reason) => {
        fail(reason);
      },
    });
  }
}
