/*
 * One element from one piece of text.
 */
import { Abi, Feed, Framing, Kind, Tape } from '../assembly/abi.js';
import { Document, noContext } from './document.js';
import { Element } from './element.js';
import type { Engine } from './engine.js';
import { checkedBytes, checkedEngine, checkOptions, type Chunk } from './input.js';
import { defaultLimits, limitValues, type Limits, type LimitValues } from './limits.js';
import { latin1Text } from './text.js';
import { errorAt } from './xml-error.js';

export interface ParseOptions {
  /** The same as those of StreamParser, but maxStanzaBytes is 16777216 (16 MiB) by default. */
  readonly limits?: Limits;
  readonly engine?: Engine;
}

const noOptions: ParseOptions = {};

const [, ...others] = defaultLimits;
const parseLimits: LimitValues = [1 << 24, ...others];

/** Streams that parse with the default limits, one an engine, made on first use. */
const handles = /* @__PURE__ */ new WeakMap<Engine, number>();

/**
 * Parses one element; white space may stand around it, and an XML declaration before it.
 *
 *     parse("<message to='juliet@example.com'><body>Hi</body></message>").child('body')?.text
 *     // 'Hi'
 *     parse('<a></b>')
 *     // XmlError xml-end-tag-mismatch: offset 5, condition 'not-well-formed'
 *
 * Comments, processing instructions and DOCTYPE are refused (RFC 6120, section 11.1). Throws
 * XmlError for what is not XML, UsageError for a source that is neither text nor bytes and for options
 * that are not as described.
 */
export function parse(source: Chunk, options: ParseOptions = noOptions): Element {
  if (options !== noOptions) checkOptions(options, ['limits', 'engine']);
  const engine = checkedEngine(options.engine);
  if (options.limits !== undefined) {
    const limits = limitValues(options.limits, parseLimits);
    const handle = engine.open(Framing.Element, 0, limits);
    try {
      const element = parseOn(engine, handle, source);
      // The tape may lie in memory that goes with the stream.
      element.document?.settle();
      return element;
    } finally {
      engine.close(handle, limits);
    }
  }
  let handle = handles.get(engine);
  if (handle === undefined) {
    handle = engine.open(Framing.Element, 0, parseLimits);
    handles.set(engine, handle);
  } else {
    engine.reset(handle);
  }
  return parseOn(engine, handle, source);
}

function parseOn(engine: Engine, handle: number, source: Chunk): Element {
  let element: Element | undefined;
  let fedBytes = 0;
  if (typeof source === 'string') {
    let rest = source;
    do {
      const read = engine.write(rest);
      const isAscii = read === engine.written && rest === source && read === source.length;
      const count = engine.feed(handle, Feed.Open);
      fedBytes += engine.written;
      element = take(engine, count, isAscii ? source : '') ?? element;
      rest = rest.substring(read);
    } while (rest !== '');
  } else {
    const bytes = checkedBytes(source);
    do {
      const end = Math.min(fedBytes + Abi.InputSize, bytes.length);
      engine.writeBytes(bytes, fedBytes, end);
      element = take(engine, engine.feed(handle, Feed.Open), '') ?? element;
      fedBytes = end;
    } while (fedBytes < bytes.length);
  }
  // After the element there is white space, or half of something that only the end shows.
  if (element === undefined || !endsInTag(source)) take(engine, engine.end(handle), '');
  if (element === undefined) throw new Error('the core gave neither an element nor an error');
  return element;
}

/** Whether the last character that is not white space is a '>'. */
function endsInTag(source: Chunk): boolean {
  let index = source.length - 1;
  const codeAt = (at: number) =>
    typeof source === 'string' ? source.charCodeAt(at) : (source[at] as number | undefined);
  while (index > 0 && isSpace(codeAt(index))) index--;
  return codeAt(index) === 0x3e;
}

function isSpace(code: number | undefined): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}

/** The element on the tape, if it is complete; throws the error on it. */
function take(engine: Engine, count: number, text: string): Element | undefined {
  if (count === 0) return undefined;
  const { words, tape } = engine;
  const last = tape + count - Tape.Size;
  if ((words[last] & 0xff) === Kind.Error) throw errorAt(words, last);
  if ((words[tape] & 0xff) !== Kind.Start) return undefined;
  const start = words[tape + Tape.Offset];
  const length = words[last + Tape.Extent] - start;
  const source =
    length === text.length
      ? text
      : latin1Text(engine.bytes, engine.base + start, engine.base + start + length);
  return Element.view(new Document(engine, noContext, source, words, tape, start));
}
