/*
 * Streams into stanzas: RFC 6120, section 4 (framing 'stream') and RFC 7395 (framing 'websocket').
 *
 * Invariants: the events do not depend on how the input was cut; feeding never throws for what the
 * peer sent; after an error event there are no more events. No input or output happens here.
 */
import {
  Abi,
  Control,
  Feed,
  Flag,
  Framing,
  Kind,
  Namespace,
  Option,
  Tape,
} from '../assembly/abi.js';
import { ErrorCode } from '../assembly/errors.js';
import { Document, groupSize, HeaderContext, noContext, type Context } from './document.js';
import { Element } from './element.js';
import type { Engine } from './engine.js';
import { UsageError } from './errors.js';
import {
  checkedBytes,
  checkedEngine,
  checkOptions,
  endsInHighSurrogate,
  type Chunk,
} from './input.js';
import type { JidResult } from './jid.js';
import { release, watch, type Lease } from './lease.js';
import { limitValues, type Limits } from './limits.js';
import { NS } from './namespaces.js';
import { latin1Text } from './text.js';
import { errorAt, XmlError } from './xml-error.js';

export interface StreamParserOptions {
  /** 'stream' (the default): RFC 6120. 'websocket': RFC 7395, each feed is one frame. */
  readonly framing?: 'stream' | 'websocket';
  readonly limits?: Limits;
  /**
   * Whether U+FEFF in the first three bytes of a stream is passed over, as some clients send it.
   * RFC 6120, section 11.6 takes it for text before the header, which is a fault; so is the default.
   */
  readonly lenientBom?: boolean;
  /** `stanzaAddresses` of tercet, for stanza events that say what the addresses of their stanza are. */
  readonly addresses?: AddressReader;
  /** The default engine is shared by all parsers that name none. */
  readonly engine?: Engine;
}

/** Reads addresses in the core; `stanzaAddresses` is one. */
export interface AddressReader {
  /** @internal */
  read(engine: Engine, start: number, stanza: Element): StanzaAddresses;
}

/** As from Jid.check, undefined for an address that the stanza does not have. */
export interface StanzaAddresses {
  readonly to: JidResult | undefined;
  readonly from: JidResult | undefined;
}

/** @internal */
export const streamParserOptions: readonly string[] = [
  'framing',
  'limits',
  'lenientBom',
  'addresses',
  'engine',
];

/** What a stream says. `header` is the stream's start tag, or the `<open/>` of RFC 7395. */
export type StreamEvent =
  | { readonly type: 'open'; readonly header: Element }
  | {
      readonly type: 'stanza';
      readonly stanza: Element;
      /** With the option `addresses`. */
      readonly addresses?: StanzaAddresses;
    }
  | { readonly type: 'close' }
  | { readonly type: 'error'; readonly error: XmlError };

export interface StreamStats {
  /** Bytes of UTF-8 fed since construction. */
  readonly bytes: number;
  /** Stanza events since construction. */
  readonly stanzas: number;
  /** White-space bytes between stanzas since construction: RFC 6120, section 4.6.1. */
  readonly keepalives: number;
}

const enum State {
  Reading,
  /** There was an error event. */
  Failed,
  Ended,
  Closed,
}

const none: readonly StreamEvent[] = /* @__PURE__ */ Object.freeze([]);
const closeEvent: StreamEvent = /* @__PURE__ */ Object.freeze({ type: 'close' });

/**
 * Reads one direction of an XMPP stream, in pieces of any size.
 *
 *     const parser = new StreamParser();
 *     parser.feed("<stream:stream xmlns='jabber:client' version='1.0' " +
 *       "xmlns:stream='http://etherx.jabber.org/streams'><message to='juliet@exam");
 *     // [{ type: 'open', header }]
 *     parser.feed("ple.com'><body>Hi</body></message>");
 *     // [{ type: 'stanza', stanza }]    stanza.attr('to') === 'juliet@example.com'
 *     parser.feed('</stream:stream>');
 *     // [{ type: 'close' }]
 *
 * What the peer does wrong is one last `error` event (RFC 6120, section 4.9); afterwards `feed`
 * returns nothing. Stanzas stay valid after later feeds and after `close`.
 */
export class StreamParser {
  readonly #engine: Engine;
  readonly #framing: Framing;
  readonly #lease: Lease;
  readonly #addresses: AddressReader | undefined;
  /** How the last piece of a feed is marked. */
  readonly #lastPiece: Feed;
  #state = State.Reading;
  #context: Context = noContext;
  /** Bytes since construction or restart. */
  #offset = 0;
  /** The first half of a surrogate pair whose second half is still to come. */
  #pending = '';
  /** RFC 7395: the peer sent `<close/>`. */
  #isClosing = false;
  #bytes = 0;
  #stanzas = 0;
  #keepalives = 0;

  /** Throws UsageError for options that are not as described. */
  constructor(options: StreamParserOptions = {}) {
    checkOptions(options, streamParserOptions);
    const { framing = 'stream', lenientBom = false, addresses } = options;
    // Callers without types may write anything here.
    if (!['stream', 'websocket'].includes(framing)) {
      throw new UsageError("framing is 'stream' or 'websocket'");
    }
    this.#lastPiece = framing === 'websocket' ? Feed.Last : Feed.Open;
    const limits = limitValues(options.limits);
    const engine = checkedEngine(options.engine);
    this.#engine = engine;
    this.#addresses = addresses;
    this.#framing = framing === 'stream' ? Framing.Stream : Framing.WebSocket;
    const option = lenientBom ? Option.LenientBom : 0;
    this.#lease = { engine, handle: engine.open(this.#framing, option, limits), limits };
    watch(this, this.#lease);
  }

  /**
   * Where the core keeps this stream, for whoever goes on reading it there.
   *
   * @internal
   */
  get place(): { readonly engine: Engine; readonly handle: number } {
    return this.#lease;
  }

  /** Counts over the life of the parser, restarts included. */
  get stats(): StreamStats {
    return { bytes: this.#bytes, stanzas: this.#stanzas, keepalives: this.#keepalives };
  }

  /**
   * Reads the next piece of input; with framing 'websocket', one whole frame. Returns the events
   * that it completes.
   *
   * A UTF-8 sequence or a surrogate pair may be cut by the end of a piece, not by that of a frame.
   * The bytes are copied before the call returns. Throws UsageError after `end` or `close`, and for
   * input that is neither text nor bytes.
   */
  feed(chunk: Chunk): readonly StreamEvent[] {
    if (this.#state !== State.Reading) return this.#refuse('feed');
    if (typeof chunk === 'string') {
      if (this.#framing === Framing.Stream) {
        let text = chunk;
        if (this.#pending !== '' && text !== '') {
          text = this.#pending + text;
          this.#pending = '';
        }
        if (endsInHighSurrogate(text)) {
          this.#pending = text.charAt(text.length - 1);
          text = text.substring(0, text.length - 1);
        }
        return text === '' ? none : this.#feedText(text, none);
      }
      return this.#isClosing ? this.#afterClose(chunk) : this.#feedText(chunk, none);
    }
    const bytes = checkedBytes(chunk);
    if (this.#isClosing) return this.#afterClose(bytes);
    return this.#feedBytes(bytes, this.#flush());
  }

  /**
   * The input has ended: the connection is gone. An open stream or half a stanza is an error event,
   * a stream that was closed is none. With framing 'websocket' every frame is whole, and the end of
   * the connection between two of them is no event, `<close/>` or not. Throws UsageError after
   * `close`.
   */
  end(): readonly StreamEvent[] {
    if (this.#state !== State.Reading) return this.#refuse('end');
    let events = this.#flush();
    if (this.#isReading()) {
      const count = this.#engine.end(this.#lease.handle);
      if (count > 0) events = this.#collect(count, '', events);
    }
    if (this.#isReading()) this.#state = State.Ended;
    return events;
  }

  /**
   * Forgets the stream and expects a new stream header, as after STARTTLS and SASL (RFC 6120,
   * section 4.3.3); offsets count from 0 again. Throws UsageError after `close`.
   */
  restart(): void {
    if (this.#state === State.Closed) this.#refuse('restart');
    this.#engine.reset(this.#lease.handle);
    this.#state = State.Reading;
    this.#context = noContext;
    this.#offset = 0;
    this.#pending = '';
    this.#isClosing = false;
  }

  /** Gives up the parser and what it holds in the core. Stanzas stay valid. */
  close(): void {
    if (this.#state === State.Closed) return;
    this.#state = State.Closed;
    this.#context = noContext;
    release(this, this.#lease);
  }

  #isReading(): boolean {
    return this.#state === State.Reading;
  }

  #refuse(call: string): readonly StreamEvent[] {
    if (this.#state === State.Failed) return none;
    throw new UsageError(
      `${call}() after ${this.#state === State.Closed ? 'close' : 'end'}()`,
      'handle-stale',
    );
  }

  #feedText(text: string, earlier: readonly StreamEvent[]): readonly StreamEvent[] {
    const engine = this.#engine;
    const { handle } = this.#lease;
    let events = earlier;
    let rest = text;
    for (;;) {
      const read = engine.write(rest);
      const isLast = read === rest.length;
      const { written } = engine;
      const count = engine.feed(handle, isLast ? this.#lastPiece : Feed.Open);
      this.#keepalives += engine.words[engine.control + Control.KeepaliveBytes];
      // Text that is ASCII has the bytes of its characters and may serve as a stanza's source.
      if (count > 0) events = this.#collect(count, read === written ? rest : '', events);
      this.#offset += written;
      this.#bytes += written;
      if (isLast || !this.#isReading()) return events;
      rest = rest.substring(read);
    }
  }

  #feedBytes(bytes: Uint8Array, earlier: readonly StreamEvent[]): readonly StreamEvent[] {
    const engine = this.#engine;
    const { handle } = this.#lease;
    const { length } = bytes;
    if (!this.#isReading()) return earlier;
    if (length === 0 && this.#framing === Framing.Stream) return earlier;
    let events = earlier;
    let start = 0;
    for (;;) {
      const end = Math.min(start + Abi.InputSize, length);
      engine.writeBytes(bytes, start, end);
      const count = engine.feed(handle, end === length ? this.#lastPiece : Feed.Open);
      this.#keepalives += engine.words[engine.control + Control.KeepaliveBytes];
      if (count > 0) events = this.#collect(count, '', events);
      this.#offset += end - start;
      this.#bytes += end - start;
      if (end === length || !this.#isReading()) return events;
      start = end;
    }
  }

  /** Feeds half a surrogate pair that has no other half: a fault that the core names. */
  #flush(): readonly StreamEvent[] {
    if (this.#pending === '') return none;
    const text = this.#pending;
    this.#pending = '';
    return this.#feedText(text, none);
  }

  /** RFC 7395: what comes after `<close/>`. Only white space may. */
  #afterClose(chunk: Chunk): readonly StreamEvent[] {
    const stray =
      typeof chunk === 'string'
        ? chunk.search(/[^ \t\r\n]/)
        : chunk.findIndex((byte) => ![0x20, 0x09, 0x0a, 0x0d].includes(byte));
    if (stray < 0) {
      this.#offset += chunk.length;
      this.#bytes += chunk.length;
      return none;
    }
    this.#state = State.Failed;
    const error = new XmlError(ErrorCode.XmlContentAfterRoot, this.#offset + stray);
    return [{ type: 'error', error }];
  }

  /**
   * Turns `count` words of tape into events. `text` is the input where it is ASCII and may be kept
   * as the source of a stanza.
   */
  #collect(count: number, text: string, earlier: readonly StreamEvent[]): readonly StreamEvent[] {
    const engine = this.#engine;
    const { words, tape } = engine;
    const stop = tape + count;
    let list: StreamEvent[] | undefined = earlier === none ? undefined : [...earlier];
    // The stanzas that share a string, and the offset on the tape after the last of them.
    let group: Document | undefined;
    let groupEnd = -1;
    let index = tape;
    while (index < stop) {
      let event: StreamEvent;
      switch (words[index] & 0xff) {
        case Kind.Start: {
          if (this.#framing === Framing.Stream && this.#context === noContext) {
            event = { type: 'open', header: this.#header(index, stop) };
            index += Tape.Size;
            while (index < stop && isAttribute(words[index])) index += Tape.Size;
            break;
          }
          const next = index + (words[index + Tape.Extent] >>> 2);
          const start = words[index + Tape.Offset];
          const end = words[next - 1];
          if (group === undefined || end > groupEnd) {
            let source = text;
            groupEnd = end;
            if (!this.#holdsWhole(text, start, end)) {
              groupEnd = groupAfter(words, index, stop);
              source = latin1Text(engine.bytes, engine.base + start, engine.base + groupEnd);
            }
            group = new Document(engine, this.#context, source, words, index, start);
          }
          const element = Element.view(group, index);
          event = this.#framing === Framing.Stream ? this.#stanza(element) : this.#frame(element);
          if (this.#addresses !== undefined && event.type === 'stanza') {
            event = { ...event, addresses: this.#addresses.read(engine, index, element) };
          }
          index = next;
          break;
        }
        case Kind.Close:
          event = closeEvent;
          index += Tape.Size;
          break;
        case Kind.Error:
          this.#state = State.Failed;
          event = { type: 'error', error: errorAt(words, index) };
          index = stop;
          break;
        default:
          throw new Error(`the core gave a record of kind ${words[index] & 0xff} between stanzas`);
      }
      if (list === undefined) list = [event];
      else list.push(event);
    }
    return list ?? none;
  }

  /** Whether `text`, the input of this feed, is what stands at these offsets and nothing else. */
  #holdsWhole(text: string, start: number, end: number): boolean {
    if (text.length !== end - start) return false;
    const { words, control } = this.#engine;
    return (words[control + Control.BaseLow] + start) >>> 0 === this.#offset >>> 0;
  }

  #stanza(stanza: Element): StreamEvent {
    this.#stanzas++;
    return { type: 'stanza', stanza };
  }

  /** RFC 7395, section 3.3: `<open/>` and `<close/>` frame the stream. */
  #frame(element: Element): StreamEvent {
    const { name } = element;
    if ((name === 'open' || name === 'close') && element.ns === NS.framing) {
      if (name === 'open') return { type: 'open', header: element };
      this.#isClosing = true;
      return closeEvent;
    }
    return this.#stanza(element);
  }

  /** The stream header at `index`, as an element of its own without content. */
  #header(index: number, stop: number): Element {
    const engine = this.#engine;
    const { words, bytes, base } = engine;
    let after = index + Tape.Size;
    // The tape may end with the header; what lies behind it is of an earlier one.
    while (after < stop && isAttribute(words[after])) after += Tape.Size;
    const start = words[index + Tape.Offset];
    // The tag ends with the first '>' after its last value, or after its name.
    const last = after - Tape.Size;
    let end = start;
    if (last > index) end = words[last + Tape.Offset] + words[last + Tape.Extent] + 1;
    end = bytes.indexOf(0x3e, base + end) + 1 - base;
    const source = latin1Text(bytes, base + start, base + end);
    const isEmpty = (words[index] & (Flag.Empty << 8)) !== 0;

    // The stream's END comes with the end of the stream; here the header is closed in its place.
    const records = new Int32Array(after - index + Tape.Size);
    records.set(words.subarray(index, after));
    const endTag = after - index;
    records[Tape.Head] |= Flag.Empty << 8;
    records[Tape.Extent] = records.length << 2;
    const element = isEmpty ? source : `${source.substring(0, source.length - 1)}/>`;
    records[endTag + Tape.Head] = Kind.End;
    records[endTag + Tape.Detail] = start + element.length - 2;
    records[endTag + Tape.Extent] = start + element.length;
    const document = new Document(engine, noContext, element, records, 0, start);
    document.markSettled();

    // The header names its own declarations as its stanzas do: by their index.
    const declared = records[Tape.Detail] - Namespace.Header;
    if (declared >= 0 && records[Tape.Detail] < Namespace.Declared) {
      records[Tape.Detail] = Namespace.Declared + (declarationAt(records, declared) << 2);
    }
    this.#context = new HeaderContext(source, document);
    return Element.view(document);
  }
}

/** The index of the declaration with this number, from 0, among the records of a start tag. */
function declarationAt(records: Int32Array, number: number): number {
  let record: number = Tape.Size;
  for (let before = number; before > 0 || !isDeclaration(records[record]); record += Tape.Size) {
    if (isDeclaration(records[record])) before--;
  }
  return record;
}

/**
 * The offset after the last of the stanzas from the START at `index` on that share a string. One
 * decoding costs more than a short stanza's share of it.
 */
function groupAfter(words: Int32Array, index: number, stop: number): number {
  const limit = words[index + Tape.Offset] + groupSize;
  let next = index + (words[index + Tape.Extent] >>> 2);
  let end = words[next - 1];
  while (next < stop && (words[next] & 0xff) === Kind.Start) {
    next += words[next + Tape.Extent] >>> 2;
    if (words[next - 1] > limit) return end;
    end = words[next - 1];
  }
  return end;
}

function isAttribute(head: number): boolean {
  return (head & 0xff) === Kind.Attribute || isDeclaration(head);
}

function isDeclaration(head: number): boolean {
  return (head & 0xff) === Kind.Xmlns;
}
