/*
 * One instance of the core: its memory, cached views on it, and the few calls that go through it.
 *
 * Invariants: views are renewed after each call that may grow memory. Whatever a call leaves in
 * memory (control block, tape, window) is valid until the next call that takes a stream; `epoch`
 * counts these calls, so that a reader of the tape can see whether its tape still stands. A reader
 * that calls out to foreign code while it reads registers itself as `reader` and is told before
 * its tape is overwritten.
 *
 * Strings leave memory as one decoded string a stanza, one character a byte (latin1): tokens are cut
 * from it, and only those that the core flags are decoded as UTF-8. Where there is no Buffer, the
 * label "latin1" of TextDecoder means windows-1252, which is as good: it is one to one, and
 * `latin1Bytes` turns it back.
 */
import { instantiateSync } from '@assemblyscript/loader';
import { wasmModule } from '#wasm';
import { Abi, Control, Feed, Framing, Limit } from '../assembly/abi.js';
import { ErrorCode } from '../assembly/errors.js';
import { UsageError } from './errors.js';
import { defaultLimits, openLimits, type LimitValues } from './limits.js';

/** The raw exports of the core, in the order of assembly/index.ts. */
interface CoreExports {
  readonly memory: WebAssembly.Memory;
  core_open(seed: number): number;
  control_ptr(): number;
  input_ptr(): number;
  limits_set(
    profile: number,
    stanzaBytes: number,
    depth: number,
    attributes: number,
    children: number,
    nameBytes: number,
    namespaces: number,
  ): number;
  stream_open(framing: number, options: number, profile: number): number;
  stream_reset(handle: number): number;
  stream_close(handle: number): number;
  stream_feed(handle: number, length: number, feed: number): number;
  stream_end(handle: number): number;
}

/** The methods of Node's Buffer that strings are read with; they are on its prototype everywhere. */
interface TextBuffer extends Uint8Array {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number, length: number): number;
  utf8Write(text: string, offset: number, length: number): number;
}

interface BufferClass {
  from(source: ArrayBufferLike, offset?: number, length?: number): Uint8Array;
  readonly prototype: object;
}

/**
 * Somebody who reads the tape while foreign code runs.
 *
 * @internal
 */
export interface Reader {
  /** Called before the tape is overwritten: copy what is still to be read. */
  detach(): void;
}

const bufferClass = (globalThis as unknown as { Buffer?: BufferClass }).Buffer;
const hasTextBuffer =
  bufferClass !== undefined &&
  ['latin1Slice', 'utf8Slice', 'latin1Write', 'utf8Write'].every(
    (method) => typeof Reflect.get(bufferClass.prototype, method) === 'function',
  );

const encoder = /* @__PURE__ */ new TextEncoder();
const utf8Decoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });
const latin1Decoder = /* @__PURE__ */ new TextDecoder('latin1');

/** A view with the string methods of Buffer, where there is Buffer. */
function viewOf(buffer: ArrayBufferLike): Uint8Array {
  return hasTextBuffer ? bufferClass.from(buffer) : new Uint8Array(buffer);
}

/**
 * The string of `bytes[start..end]` with one character a byte; see latin1Bytes for the way back.
 * `bytes` are the engine's own or a copy by copyBytes.
 *
 * @internal
 */
export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  return hasTextBuffer
    ? (bytes as TextBuffer).latin1Slice(start, end)
    : latin1Decoder.decode(bytes.subarray(start, end));
}

/** @internal */
export function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  return hasTextBuffer
    ? (bytes as TextBuffer).utf8Slice(start, end)
    : utf8Decoder.decode(bytes.subarray(start, end));
}

/**
 * A copy that latin1Text and utf8Text can read. Not `slice`: that of Buffer is a view.
 *
 * @internal
 */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = viewOf(new ArrayBuffer(end - start));
  copy.set(bytes.subarray(start, end));
  return copy;
}

/** The characters of windows-1252 beyond U+00FF, by their bytes. */
let windowsBytes: Map<number, number> | undefined;

/** Writes a string of latin1Text at `offset`; returns its length. */
function writeLatin1(bytes: Uint8Array, text: string, offset: number): number {
  if (hasTextBuffer) return (bytes as TextBuffer).latin1Write(text, offset, text.length);
  for (let index = 0; index < text.length; index++) {
    let code = text.charCodeAt(index);
    if (code > 0xff) {
      if (windowsBytes === undefined) {
        windowsBytes = new Map();
        for (let byte = 0x80; byte < 0xa0; byte++) {
          windowsBytes.set(latin1Decoder.decode(Uint8Array.of(byte)).charCodeAt(0), byte);
        }
      }
      code = windowsBytes.get(code) ?? 0x3f;
    }
    bytes[offset + index] = code;
  }
  return text.length;
}

/**
 * The bytes behind a string of latin1Text, after those of `head` in UTF-8 where it is given.
 *
 * @internal
 */
export function latin1Bytes(text: string, head = ''): Uint8Array {
  if (head === '') {
    const bytes = viewOf(new ArrayBuffer(text.length));
    writeLatin1(bytes, text, 0);
    return bytes;
  }
  const headBytes = encoder.encode(head);
  const bytes = viewOf(new ArrayBuffer(headBytes.length + text.length));
  bytes.set(headBytes);
  writeLatin1(bytes, text, headBytes.length);
  return bytes;
}

/** Room for decoding short tokens; longer ones get their own. */
let scratch: Uint8Array | undefined;
const scratchSize = 4096;

/**
 * A string of latin1Text decoded as the UTF-8 that its bytes are.
 *
 * @internal
 */
export function utf8FromLatin1(text: string): string {
  scratch ??= viewOf(new ArrayBuffer(scratchSize));
  const bytes = text.length <= scratchSize ? scratch : viewOf(new ArrayBuffer(text.length));
  writeLatin1(bytes, text, 0);
  return utf8Text(bytes, 0, text.length);
}

/** @internal */
export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

function seed(): number {
  // Math.random and not WebCrypto: Node takes milliseconds to load the latter, and the seed has to be
  // unknown to a peer that never sees a number of ours, no more. workerd refuses randomness outside
  // of a request; there a guessable seed only means slower tables under attack, never wrong results.
  try {
    return (Math.random() * 2 ** 32) | 0;
  } catch {
    return Date.now() | 0;
  }
}

/** One set of limits in the core, shared by the parsers that use it. */
interface Profile {
  readonly id: number;
  count: number;
}

/**
 * A private instance of the core, with a memory of its own (some 3 MiB at first).
 *
 * Programs rarely need one: every class takes `{ engine }`, and without it all share a default
 * engine, which is made on first use. A second one keeps the memory that one tenant makes the
 * core take apart from that of others.
 *
 *     const engine = new Engine();
 *     const parser = new StreamParser({ engine });
 */
export class Engine {
  /** @internal */
  readonly core: CoreExports;
  /** All of memory, as bytes. @internal */
  bytes!: Uint8Array;
  // V8 copies into a plain array faster than into a Buffer.
  #plain!: Uint8Array;
  /** All of memory, as words. @internal */
  words!: Int32Array;
  /** Where input is written. @internal */
  input!: Uint8Array;
  /** @internal */
  readonly inputOffset: number;
  /** The control block, as an index into `words`. @internal */
  readonly control: number;
  /** Counts what overwrites the tape, from 1. @internal */
  epoch: number;
  /** After a feed: the first word of the tape, as an index into `words`. @internal */
  tape: number;
  /** After a feed: the address that offsets on the tape count from. @internal */
  base: number;
  /** After `write`: bytes that it wrote. @internal */
  written: number;
  /** @internal */
  reader: Reader | null;

  readonly #profiles = new Map<string, Profile>();
  readonly #freeProfiles: number[] = [];
  #profileCount = 1;
  #unitHandle = 0;
  #streamHandle = 0;
  #streamHeader = '';

  constructor() {
    const { instance } = instantiateSync(wasmModule());
    // The loader's own exports count arguments at each call; the raw ones cost a third.
    this.core = instance.exports as unknown as CoreExports;
    this.epoch = 1;
    this.tape = 0;
    this.base = 0;
    this.written = 0;
    this.reader = null;
    const version = this.core.core_open(seed());
    if (version !== Abi.Version) {
      throw new Error(`the core speaks version ${version} of the ABI, the bindings ${Abi.Version}`);
    }
    this.inputOffset = this.core.input_ptr() >>> 0;
    this.control = this.core.control_ptr() >>> 2;
    this.#renew();
  }

  #renew(): void {
    const { buffer } = this.core.memory;
    this.bytes = viewOf(buffer);
    this.#plain = new Uint8Array(buffer);
    this.words = new Int32Array(buffer);
    this.input = this.#plain.subarray(this.inputOffset, this.inputOffset + Abi.InputSize);
  }

  /** To be called before anything that overwrites the tape or the window that it points into. */
  #overwrite(): void {
    this.epoch++;
    if (this.reader !== null) {
      const { reader } = this;
      this.reader = null;
      reader.detach();
    }
  }

  /** To be called after each call of the core that may allocate. */
  #finish(result: number): number {
    if (this.words.length === 0) this.#renew();
    if (result < 0) throw refusal(-result);
    return result;
  }

  /** @internal */
  open(framing: Framing, options: number, limits: LimitValues): number {
    const profile = this.#takeProfile(limits);
    this.#overwrite();
    try {
      return this.#finish(this.core.stream_open(framing, options, profile));
    } catch (error) {
      this.#releaseProfile(limits);
      throw error;
    }
  }

  /** @internal */
  close(handle: number, limits: LimitValues): void {
    this.#overwrite();
    this.#finish(this.core.stream_close(handle));
    this.#releaseProfile(limits);
  }

  /** @internal */
  reset(handle: number): void {
    this.#overwrite();
    this.#finish(this.core.stream_reset(handle));
  }

  /**
   * Writes the next piece of `text` to the input: `written` bytes, of as many UTF-16 units as it
   * returns. A surrogate without its partner is written as three bytes that are not UTF-8, so that
   * the core reports it in its place. `text` may end in a high surrogate only if that is a fault.
   *
   * @internal
   */
  write(text: string): number {
    this.#overwrite();
    if (hasTextBuffer && text.length * 3 <= Abi.InputSize) {
      // All of it fits. Beyond ASCII this is three times as fast as encodeInto.
      const written = (this.bytes as TextBuffer).utf8Write(text, this.inputOffset, Abi.InputSize);
      if (written !== text.length && !isWellFormed(text, text.length)) {
        return this.#writeSurrogates(text);
      }
      this.written = written;
      return text.length;
    }
    const { read, written } = encoder.encodeInto(text, this.input);
    if (read !== written && !isWellFormed(text, read)) return this.#writeSurrogates(text);
    this.written = written;
    return read;
  }

  /** Writes `chunk[start..end]`, at most Abi.InputSize bytes. @internal */
  writeBytes(chunk: Uint8Array, start: number, end: number): void {
    this.#overwrite();
    this.#plain.set(
      start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end),
      this.inputOffset,
    );
    this.written = end - start;
  }

  #writeSurrogates(text: string): number {
    const { input } = this;
    let count = 0;
    let index = 0;
    while (index < text.length && count <= Abi.InputSize - 4) {
      const code = text.codePointAt(index) ?? 0;
      if (code < 0x80) {
        input[count++] = code;
      } else if (code < 0x800) {
        input[count++] = 0xc0 | (code >> 6);
        input[count++] = 0x80 | (code & 0x3f);
      } else if (code < 0x10000) {
        input[count++] = 0xe0 | (code >> 12);
        input[count++] = 0x80 | ((code >> 6) & 0x3f);
        input[count++] = 0x80 | (code & 0x3f);
      } else {
        input[count++] = 0xf0 | (code >> 18);
        input[count++] = 0x80 | ((code >> 12) & 0x3f);
        input[count++] = 0x80 | ((code >> 6) & 0x3f);
        input[count++] = 0x80 | (code & 0x3f);
        index++;
      }
      index++;
    }
    this.written = count;
    return index;
  }

  /**
   * Feeds what was written. Returns the words of tape, which start at `tape`.
   *
   * @internal
   */
  feed(handle: number, feed: Feed): number {
    return this.#read(this.core.stream_feed(handle, this.written, feed));
  }

  /** @internal */
  end(handle: number): number {
    this.#overwrite();
    return this.#read(this.core.stream_end(handle));
  }

  #read(length: number): number {
    // A detached view, after growth, has length 0.
    if (this.words.length === 0) this.#renew();
    if (length <= 0) {
      if (length < 0) throw refusal(-length);
      return 0;
    }
    this.tape = this.words[this.control + Control.TapePtr] >>> 2;
    this.base = this.words[this.control + Control.BasePtr] >>> 0;
    return length >>> 2;
  }

  /**
   * The tape of one unit that was parsed before, as words of its own. `header` is the source of its stream header, '' for a frame.
   *
   * @internal
   */
  replay(source: string, header: string): Int32Array {
    const limits = openLimits;
    if (header === '') {
      this.#unitHandle ||= this.open(Framing.WebSocket, 0, limits);
      return this.#replayOn(this.#unitHandle, source);
    }
    this.#streamHandle ||= this.open(Framing.Stream, 0, limits);
    if (this.#streamHeader !== header) {
      this.reset(this.#streamHandle);
      this.#streamHeader = header;
      this.#replayOn(this.#streamHandle, header);
    }
    return this.#replayOn(this.#streamHandle, source);
  }

  #replayOn(handle: number, source: string): Int32Array {
    let count = 0;
    for (let offset = 0; offset < source.length; offset += Abi.InputSize) {
      const end = Math.min(offset + Abi.InputSize, source.length);
      this.#overwrite();
      writeLatin1(this.bytes, source.substring(offset, end), this.inputOffset);
      this.written = end - offset;
      count = this.feed(handle, end === source.length ? Feed.Last : Feed.Open);
    }
    return this.words.slice(this.tape, this.tape + count);
  }

  #takeProfile(limits: LimitValues): number {
    if (limits === defaultLimits) return 0;
    const key = limits.join();
    const known = this.#profiles.get(key);
    if (known !== undefined) {
      known.count++;
      return known.id;
    }
    const id =
      this.#freeProfiles.pop() ??
      (this.#profileCount < Limit.Profiles ? this.#profileCount++ : undefined);
    if (id === undefined) {
      throw new UsageError(
        `an engine holds at most ${Limit.Profiles} different sets of limits at a time`,
      );
    }
    const result = this.core.limits_set(id, ...limits);
    if (result < 0) {
      this.#freeProfiles.push(id);
      throw refusal(-result);
    }
    this.#profiles.set(key, { id, count: 1 });
    return id;
  }

  #releaseProfile(limits: LimitValues): void {
    if (limits === defaultLimits) return;
    const key = limits.join();
    const profile = this.#profiles.get(key);
    if (profile === undefined || --profile.count > 0) return;
    this.#profiles.delete(key);
    this.#freeProfiles.push(profile.id);
  }
}

function refusal(code: number): Error {
  if (code === (ErrorCode.HandleStale as number)) {
    return new UsageError('the stream is closed or belongs to another engine', 'handle-stale');
  }
  if (code === (ErrorCode.LimitMemory as number)) {
    return new UsageError('the engine cannot get more memory', 'limit-memory');
  }
  return new UsageError(`the core refused an argument (${code})`);
}

/** Whether no surrogate stands alone in the first `length` units. */
function isWellFormed(text: string, length: number): boolean {
  const piece = length === text.length ? text : text.substring(0, length);
  const check = (piece as { isWellFormed?: () => boolean }).isWellFormed;
  return check === undefined ? !/\p{Surrogate}/u.test(piece) : check.call(piece);
}

let shared: Engine | undefined;

/** The engine of everything that names none. @internal */
export function defaultEngine(): Engine {
  return (shared ??= new Engine());
}
