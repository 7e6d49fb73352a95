/*
 * One instance of the core: its memory, cached views on it, and the few calls that go through it.
 *
 * Invariants: views are renewed after each call that may grow memory. Whatever a call leaves in
 * memory (control block, tape, window) is valid until the next call that takes a stream; `epoch`
 * counts these calls, so that a reader of the tape can see whether its tape still stands. A reader
 * that calls out to foreign code while it reads registers itself as `reader` and is told before
 * its tape is overwritten.
 */
import { Abi, Control, Feed, Framing } from '../assembly/abi.js';
import { openCore, sharedCore, type CoreExports } from './core.js';
import { LimitProfiles, refusal } from './limit-profiles.js';
import { openLimits, type LimitValues } from './limits.js';
import {
  encoder,
  hasTextBuffer,
  isWellFormed,
  viewOf,
  writeLatin1,
  type TextBuffer,
} from './text.js';
import { Part } from './wasm/builds.js';

/**
 * Somebody who reads the tape while foreign code runs.
 *
 * @internal
 */
export interface Reader {
  /** Called before the tape is overwritten: copy what is still to be read. */
  detach(): void;
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

  readonly #profiles: LimitProfiles;
  #unitHandle = 0;
  #streamHandle = 0;
  #streamHeader = '';

  constructor();
  constructor(core = openCore(Part.Xml)) {
    this.core = core;
    this.#profiles = new LimitProfiles(core);
    this.epoch = 1;
    this.tape = 0;
    this.base = 0;
    this.written = 0;
    this.reader = null;
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

  /** To be called after calls of the core past this class that may allocate. @internal */
  renew(): void {
    if (this.words.length === 0) this.#renew();
  }

  /** To be called after each call of the core that may allocate. */
  #finish(result: number): number {
    if (this.words.length === 0) this.#renew();
    if (result < 0) throw refusal(-result);
    return result;
  }

  /** @internal */
  open(framing: Framing, options: number, limits: LimitValues): number {
    const profile = this.#profiles.take(limits);
    this.#overwrite();
    try {
      return this.#finish(this.core.stream_open(framing, options, profile));
    } catch (error) {
      this.#profiles.release(limits);
      throw error;
    }
  }

  /** @internal */
  close(handle: number, limits: LimitValues): void {
    this.#overwrite();
    this.#finish(this.core.stream_close(handle));
    this.#profiles.release(limits);
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
}

let shared: Engine | undefined;

/** The engine of everything that names none. @internal */
export function defaultEngine(): Engine {
  // Callers of the package pass nothing and get an instance of their own.
  const Shared = Engine as new (core: CoreExports) => Engine;
  return (shared ??= new Shared(sharedCore(Part.Xml)));
}
