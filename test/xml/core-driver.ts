/*
 * Drives the core through its raw ABI (assembly/abi.ts) and reads tapes back into events.
 *
 * It is for tests, so it trusts nothing: each record is checked against the source and its neighbours
 * (skip links, child counts, flags, vocabulary ids), and a tape that contradicts itself throws. The
 * bytes come from the core's memory alone; only lengths of names are looked up in them, as the ABI says.
 */

import { readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import {
  Abi,
  Control,
  Feed,
  Flag,
  Framing,
  Kind,
  Limit,
  Namespace,
  Option,
  Tape,
} from '../../assembly/abi.js';
import { errorTable } from '../../bindings/error-table.js';
import { vocabularyNames, vocabularyNamespaces } from '../../bindings/vocabulary.js';
import { type Event, formatLog } from '../reference/events.js';
import { type Cut, type Script, whole } from '../reference/run.js';
import { defaultLimits, type Limits, type Settings } from '../reference/settings.js';

export interface CoreExports {
  memory: WebAssembly.Memory;
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

/** A tape that contradicts the ABI, the source or itself. */
export class TapeError extends Error {}

function ensure(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TapeError(message);
}

const framings = {
  stream: Framing.Stream,
  websocket: Framing.WebSocket,
  element: Framing.Element,
  document: Framing.Document,
} as const;

const encoder = new TextEncoder();
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One instance of the core, with its profiles of limits. */
export class Core {
  readonly exports: CoreExports;
  readonly #profiles = new Map<string, number>();
  #bytes = new Uint8Array();
  #words = new Uint32Array();

  /** A module is instantiated and opened with `seed`; the exports of an instance are taken as they are. */
  constructor(source: WebAssembly.Module | CoreExports, seed = 1) {
    if (!(source instanceof WebAssembly.Module)) {
      this.exports = source;
      return;
    }
    const { instance } = instantiateSync(source, {});
    this.exports = instance.exports as unknown as CoreExports;
    const version = this.exports.core_open(seed);
    if (version !== (Abi.Version as number)) throw new Error(`the core's ABI is ${version}`);
  }

  static load(path: string | URL): Core {
    return new Core(new WebAssembly.Module(readFileSync(path)));
  }

  get bytes(): Uint8Array {
    this.#renew();
    return this.#bytes;
  }

  get words(): Uint32Array {
    this.#renew();
    return this.#words;
  }

  get memorySize(): number {
    return this.exports.memory.buffer.byteLength;
  }

  open(settings: Settings): CoreStream {
    return new CoreStream(this, settings);
  }

  profileOf(limits: Limits): number {
    const key = JSON.stringify(limits);
    const known = this.#profiles.get(key);
    if (known !== undefined) return known;
    if (key === JSON.stringify(defaultLimits)) return 0;
    // Profiles in use must not change; a test that needs more than the core holds takes a new one.
    const profile = this.#profiles.size + 1;
    if (profile >= (Limit.Profiles as number)) throw new Error('all profiles are in use');
    const result = this.exports.limits_set(
      profile,
      limits.stanzaBytes,
      limits.depth,
      limits.attributes,
      limits.children,
      limits.nameBytes,
      limits.namespaces,
    );
    if (result < 0) throw new Error(`limits_set: ${result}`);
    this.#profiles.set(key, profile);
    return profile;
  }

  #renew(): void {
    const { buffer } = this.exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
  }
}

interface OpenElement {
  readonly name: string;
  readonly declarations: number;
  /** Tape position just after the matching END, as the START says; 0 when it says nothing. */
  readonly after: number;
  children: number;
}

interface Declaration {
  readonly prefix: string;
  readonly uri: string;
}

/** One stream of a core; collects the events of all its calls. */
export class CoreStream {
  readonly log: Event[] = [];
  /** An error was the last record; nothing may follow it before a reset. */
  failed = false;
  readonly #core: Core;
  readonly #settings: Settings;
  readonly #handle: number;
  #open: OpenElement[] = [];
  #header: Declaration[] = [];
  #scopes: Declaration[] = [];
  #keepalives = 0;

  constructor(core: Core, settings: Settings) {
    this.#core = core;
    this.#settings = settings;
    const options =
      (settings.skipMisc ? Option.SkipMisc : 0) + (settings.lenientBom ? Option.LenientBom : 0);
    const profile = core.profileOf(settings.limits);
    this.#handle = core.exports.stream_open(framings[settings.framing], options, profile);
    if (this.#handle < 0) throw new Error(`stream_open: ${this.#handle}`);
  }

  get handle(): number {
    return this.#handle;
  }

  /** White-space bytes between stanzas so far. */
  get keepalives(): number {
    return this.#keepalives;
  }

  feed(bytes: Uint8Array, last = false): void {
    for (let from = 0; from === 0 || from < bytes.length; from += Abi.InputSize) {
      const piece = bytes.subarray(from, from + Abi.InputSize);
      this.#core.bytes.set(piece, this.#core.exports.input_ptr());
      const isLast =
        last && this.#settings.framing === 'websocket' && from + piece.length === bytes.length;
      const feed = isLast ? Feed.Last : Feed.Open;
      this.#read(this.#core.exports.stream_feed(this.#handle, piece.length, feed));
    }
  }

  /** The same without reading the tape: for measuring time, not events. Returns the bytes of tape. */
  feedOnly(bytes: Uint8Array): number {
    this.#core.bytes.set(bytes, this.#core.exports.input_ptr());
    return this.#core.exports.stream_feed(this.#handle, bytes.length, Feed.Open);
  }

  end(): void {
    this.#read(this.#core.exports.stream_end(this.#handle));
  }

  /** A new stream header is expected; offsets count from 0 again. */
  reset(): void {
    const result = this.#core.exports.stream_reset(this.#handle);
    if (result < 0) throw new Error(`stream_reset: ${result}`);
    this.#open = [];
    this.#header = [];
    this.#scopes = [];
    this.failed = false;
  }

  close(): void {
    const result = this.#core.exports.stream_close(this.#handle);
    if (result < 0) throw new Error(`stream_close: ${result}`);
  }

  #read(result: number): void {
    if (result < 0) throw new Error(`the call failed: ${errorTable[-result]?.code ?? result}`);
    const { words } = this.#core;
    const control = this.#core.exports.control_ptr() >>> 2;
    const word = (index: number): number => words[control + index] ?? 0;
    ensure(word(Control.TapeLength) === result, 'the length of the tape is not the result');
    ensure(result % 16 === 0, 'the tape ends inside a record');
    this.#keepalives += word(Control.KeepaliveBytes);
    const offset = word(Control.BaseHigh) * 2 ** 32 + word(Control.BaseLow);
    new TapeReader(this, word(Control.TapePtr), result, word(Control.BasePtr), offset).read();
  }

  // What TapeReader needs to know, and does, about the stream.

  get core(): Core {
    return this.#core;
  }

  get settings(): Settings {
    return this.#settings;
  }

  get openElements(): OpenElement[] {
    return this.#open;
  }

  get header(): Declaration[] {
    return this.#header;
  }

  get scopes(): Declaration[] {
    return this.#scopes;
  }
}

class TapeReader {
  readonly #stream: CoreStream;
  readonly #tape: number;
  readonly #length: number;
  readonly #base: number;
  readonly #baseOffset: number;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;
  /** Position of the unit's first START, which `Namespace.Declared` counts from. */
  #unit = 0;

  constructor(stream: CoreStream, tape: number, length: number, base: number, baseOffset: number) {
    this.#stream = stream;
    this.#tape = tape;
    this.#length = length;
    this.#base = base;
    this.#baseOffset = baseOffset;
    this.#words = stream.core.words;
    this.#bytes = stream.core.bytes;
  }

  read(): void {
    let position = 0;
    while (position < this.#length) position = this.#readRecord(position);
    ensure(position === this.#length, 'the last record reaches beyond the tape');
  }

  /** Reads the record at a tape position, of a START also its attributes; returns the next position. */
  #readRecord(position: number): number {
    const { log, openElements } = this.#stream;
    ensure(!this.#stream.failed, 'a record follows an error');
    const detail = this.#word(position, Tape.Detail);
    const offset = this.#word(position, Tape.Offset);
    const extent = this.#word(position, Tape.Extent);
    const flags = this.#flags(position);
    const kind = this.#kind(position);
    switch (kind) {
      case Kind.Start:
        return this.#readStart(position);
      case Kind.Text: {
        const cdata = (flags & Flag.Cdata) !== 0;
        ensure(extent > 0, 'a text is empty');
        ensure(openElements.length > 0, 'a text stands outside the root');
        this.#countChild();
        const value = this.#text(offset, extent, flags, cdata);
        const at = this.#baseOffset + offset;
        log.push({ kind: cdata ? 'cdata' : 'text', at, to: at + extent, value });
        return position + 16;
      }
      case Kind.End: {
        const element = openElements.pop();
        ensure(element !== undefined, 'an END without a START');
        ensure(offset === element.children, `END counts ${offset} children of ${element.children}`);
        ensure(
          element.after === 0 || element.after === position + 16,
          'a skip link does not lead to the END',
        );
        this.#stream.scopes.length -= element.declarations;
        const at = this.#baseOffset + detail;
        log.push({ kind: 'end', at, to: this.#baseOffset + extent, name: element.name });
        return position + 16;
      }
      case Kind.Close: {
        const element = openElements.pop();
        ensure(element !== undefined && openElements.length === 0, 'a CLOSE inside a stanza');
        this.#stream.scopes.length -= element.declarations;
        log.push({ kind: 'close', at: this.#baseOffset + offset });
        return position + 16;
      }
      case Kind.Error: {
        const error = errorTable[detail];
        ensure(error !== undefined, `no such error: ${detail}`);
        const at = extent * 2 ** 32 + offset;
        this.#stream.failed = true;
        log.push({ kind: 'error', at, code: error.code, condition: error.condition });
        return position + 16;
      }
      case Kind.Attribute:
      case Kind.Xmlns:
        throw new TapeError('an attribute without a START');
      default:
        throw new TapeError(`no such kind: ${kind}`);
    }
  }

  #readStart(position: number): number {
    const { log, openElements, settings, scopes } = this.#stream;
    const { framing } = settings;
    const less = this.#word(position, Tape.Offset);
    const flags = this.#flags(position);
    const name = this.#name(less + 1);
    this.#checkName(position, name);

    const isHeader = framing === 'stream' && openElements.length === 0;
    const startsUnit =
      framing === 'document' || isHeader || openElements.length === (framing === 'stream' ? 1 : 0);
    if (startsUnit) this.#unit = position;
    if (!isHeader) this.#countChild();

    const start = log.length;
    const open = scopes.length;
    let next = position + 16;
    while (next < this.#length) {
      const kind = this.#kind(next);
      if (kind !== Kind.Attribute && kind !== Kind.Xmlns) break;
      const at = this.#word(next, Tape.Detail);
      const attribute = this.#attributeName(next, at);
      this.#checkName(next, attribute);
      const offset = this.#word(next, Tape.Offset);
      const length = this.#word(next, Tape.Extent);
      const value = this.#value(offset, length, this.#flags(next));
      const isXmlns = attribute === 'xmlns' || attribute.startsWith('xmlns:');
      ensure(isXmlns === (kind === Kind.Xmlns), `the kind of ${attribute} is wrong`);
      log.push({
        kind: isXmlns ? 'xmlns' : 'attribute',
        at: this.#baseOffset + at,
        name: attribute,
        value,
      });
      if (isXmlns) scopes.push({ prefix: attribute.slice('xmlns:'.length), uri: value });
      next += 16;
    }
    if (isHeader) this.#stream.header.push(...scopes);
    const namespace = this.#namespace(this.#word(position, Tape.Detail), name);
    log.splice(start, 0, { kind: 'start', at: this.#baseOffset + less, name, namespace });

    const extent = this.#word(position, Tape.Extent);
    ensure(
      (extent === 0) === (isHeader || framing === 'document'),
      'a START has no skip link, or one too many',
    );
    ensure(
      ((flags & Flag.Empty) !== 0) ===
        (next < this.#length &&
          (this.#kind(next) === Kind.End || this.#kind(next) === Kind.Close) &&
          this.#bytes[this.#base + this.#endOffset(next)] === 0x2f),
      'the flag Empty is wrong',
    );
    const after = extent === 0 ? 0 : position + extent;
    openElements.push({ name, declarations: scopes.length - open, after, children: 0 });
    return next;
  }

  #endOffset(position: number): number {
    const word = this.#kind(position) === Kind.End ? Tape.Detail : Tape.Offset;
    return this.#word(position, word);
  }

  #countChild(): void {
    const parent = this.#stream.openElements.at(-1);
    if (parent !== undefined) parent.children += 1;
  }

  #namespace(reference: number, name: string): string {
    const { header, scopes, settings } = this.#stream;
    const prefix = name.includes(':') ? name.slice(0, name.indexOf(':')) : '';
    const inScope =
      prefix === 'xml'
        ? 'http://www.w3.org/XML/1998/namespace'
        : (scopes.findLast((declaration) => declaration.prefix === prefix)?.uri ?? '');
    const namespace = ((): string | undefined => {
      if (reference >= Namespace.Declared) {
        // In a document the declaring tape may be gone: only the scopes that the tapes gave are left.
        if (settings.framing === 'document') return inScope;
        const position = this.#unit + reference - Namespace.Declared;
        ensure(position % 16 === 0 && position < this.#length, 'a declaration beyond the tape');
        ensure(this.#kind(position) === Kind.Xmlns, 'a declaration that is no XMLNS record');
        const offset = this.#word(position, Tape.Offset);
        return this.#value(offset, this.#word(position, Tape.Extent), this.#flags(position));
      }
      if (reference >= Namespace.Header) return header[reference - Namespace.Header]?.uri;
      return reference === 0 ? '' : vocabularyNamespaces[reference];
    })();
    ensure(namespace !== undefined, `no such namespace: ${reference}`);
    ensure(namespace === inScope, `${name} is in ${namespace}, its declaration says ${inScope}`);
    return namespace;
  }

  /** A name in the source: up to the first character that ends one. */
  #name(offset: number): string {
    const from = this.#base + offset;
    let to = from;
    while (!isNameEnd(this.#bytes[to] ?? 0)) to += 1;
    return utf8.decode(this.#bytes.subarray(from, to));
  }

  #attributeName(position: number, at: number): string {
    const name = this.#name(at);
    if ((this.#flags(position) & Flag.Spaced) === 0) {
      const length = this.#word(position, Tape.Offset) - at - '="'.length;
      ensure(encoder.encode(name).length === length, `${name} stands apart from its value`);
    }
    return name;
  }

  #checkName(position: number, name: string): void {
    const id = this.#word(position, Tape.Head) >>> 16;
    ensure(id === 0 || vocabularyNames[id] === name, `${name} has the id ${id}`);
    if (this.#kind(position) === Kind.Xmlns) return;
    const prefixed = (this.#flags(position) & Flag.Prefixed) !== 0;
    ensure(prefixed === name.includes(':'), `the flag Prefixed of ${name} is wrong`);
  }

  #text(offset: number, length: number, flags: number, cdata: boolean): string {
    const source = this.#source(offset, length, flags);
    const escaped = source.replaceAll(/\r\n?/gu, '\n');
    return this.#checkEscaped(source, cdata ? escaped : unescape(escaped), flags);
  }

  #value(offset: number, length: number, flags: number): string {
    const source = this.#source(offset, length, flags);
    const normalised = source.replaceAll(/\r\n|[\r\n\t]/gu, ' ');
    return this.#checkEscaped(source, unescape(normalised), flags);
  }

  #source(offset: number, length: number, flags: number): string {
    const bytes = this.#bytes.subarray(this.#base + offset, this.#base + offset + length);
    const high = bytes.some((byte) => byte >= 0x80);
    ensure(high === ((flags & Flag.High) !== 0), 'the flag High is wrong');
    return utf8.decode(bytes);
  }

  #checkEscaped(source: string, value: string, flags: number): string {
    ensure((source !== value) === ((flags & Flag.Escaped) !== 0), 'the flag Escaped is wrong');
    return value;
  }

  #word(position: number, index: number): number {
    return this.#words[((this.#tape + position) >>> 2) + index] ?? 0;
  }

  #kind(position: number): number {
    return this.#word(position, Tape.Head) & 0xff;
  }

  #flags(position: number): number {
    return (this.#word(position, Tape.Head) >>> 8) & 0xff;
  }
}

const isNameEnd = (byte: number): boolean =>
  byte === 0x20 ||
  byte === 0x09 ||
  byte === 0x0a ||
  byte === 0x0d ||
  byte === 0x3d || // =
  byte === 0x2f || // /
  byte === 0x3e; // >

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescape = (source: string): string =>
  source.replaceAll(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));/gu, (_, hex, decimal, name) => {
    if (typeof hex === 'string') return String.fromCodePoint(parseInt(hex, 16));
    if (typeof decimal === 'string') return String.fromCodePoint(parseInt(decimal, 10));
    return entities[String(name)] ?? '';
  });

/** Runs a case on the core: whole, or cut into pieces by a function. */
export function runCore(core: Core, { settings, inputs, end }: Script, cut: Cut = whole): string {
  const stream = core.open(settings);
  inputs.forEach(({ bytes, finished }, index) => {
    if (index > 0 && settings.framing !== 'websocket') stream.reset();
    const pieces = cut(bytes);
    pieces.forEach((piece, at) => stream.feed(piece, finished && at === pieces.length - 1));
  });
  if (end) stream.end();
  stream.close();
  return formatLog(stream.log);
}
