/*
 * Strings in and out of memory, the fastest way that the runtime has.
 *
 * Strings leave memory as one decoded string a stanza, one character a byte (latin1): tokens are cut
 * from it, and only those that the core flags are decoded as UTF-8. Where there is no Buffer, the
 * label "latin1" of TextDecoder means windows-1252, which is as good: it is one to one, and
 * `latin1Bytes` turns it back.
 */

/** The methods of Node's Buffer that strings are read with; they are on its prototype everywhere. */
export interface TextBuffer extends Uint8Array {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
  ucs2Slice(start: number, end: number): string;
  latin1Write(text: string, offset: number, length: number): number;
  utf8Write(text: string, offset: number, length: number): number;
  ucs2Write(text: string, offset: number, length: number): number;
}

interface BufferClass {
  from(source: ArrayBufferLike, offset?: number, length?: number): Uint8Array;
  readonly prototype: object;
}

const bufferClass = (globalThis as unknown as { Buffer?: BufferClass }).Buffer;
export const hasTextBuffer =
  bufferClass !== undefined &&
  ['latin1Slice', 'utf8Slice', 'ucs2Slice', 'latin1Write', 'utf8Write'].every(
    (method) => typeof Reflect.get(bufferClass.prototype, method) === 'function',
  );

/** Whether `ucs2Write` copies, as in Node and Bun. In Deno it makes bytes one by one in JavaScript. */
export const hasUnitCopy =
  hasTextBuffer &&
  typeof Reflect.get(bufferClass?.prototype ?? {}, 'ucs2Write') === 'function' &&
  !('Deno' in globalThis);

export const encoder = /* @__PURE__ */ new TextEncoder();
const utf8Decoder = /* @__PURE__ */ new TextDecoder('utf-8', { ignoreBOM: true });
const utf16Decoder = /* @__PURE__ */ new TextDecoder('utf-16le', { ignoreBOM: true });
const latin1Decoder = /* @__PURE__ */ new TextDecoder('latin1');

/** A view with the string methods of Buffer, where there is Buffer. */
export function viewOf(buffer: ArrayBufferLike): Uint8Array {
  return hasTextBuffer && bufferClass ? bufferClass.from(buffer) : new Uint8Array(buffer);
}

/**
 * The string of `bytes[start..end]` with one character a byte; see latin1Bytes for the way back.
 * `bytes` are the engine's own or a copy by copyBytes.
 */
export function latin1Text(bytes: Uint8Array, start: number, end: number): string {
  return hasTextBuffer
    ? (bytes as TextBuffer).latin1Slice(start, end)
    : latin1Decoder.decode(bytes.subarray(start, end));
}

export function utf8Text(bytes: Uint8Array, start: number, end: number): string {
  return hasTextBuffer
    ? (bytes as TextBuffer).utf8Slice(start, end)
    : utf8Decoder.decode(bytes.subarray(start, end));
}

/** The string of the UTF-16 code units in `bytes[start..end]`, little-endian, no half of a pair alone. */
export function utf16Text(bytes: Uint8Array, start: number, end: number): string {
  return hasTextBuffer
    ? (bytes as TextBuffer).ucs2Slice(start, end)
    : utf16Decoder.decode(bytes.subarray(start, end));
}

/**
 * A copy that latin1Text and utf8Text can read. Not `slice`: that of Buffer is a view.
 */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = viewOf(new ArrayBuffer(end - start));
  copy.set(bytes.subarray(start, end));
  return copy;
}

/** The characters of windows-1252 beyond U+00FF, by their bytes. */
let windowsBytes: Map<number, number> | undefined;

/** Writes a string of latin1Text at `offset`; returns its length. */
export function writeLatin1(bytes: Uint8Array, text: string, offset: number): number {
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
 */
export function utf8FromLatin1(text: string): string {
  scratch ??= viewOf(new ArrayBuffer(scratchSize));
  const bytes = text.length <= scratchSize ? scratch : viewOf(new ArrayBuffer(text.length));
  writeLatin1(bytes, text, 0);
  return utf8Text(bytes, 0, text.length);
}

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Whether no surrogate stands alone in the first `length` units. */
export function isWellFormed(text: string, length: number): boolean {
  const piece = length === text.length ? text : text.substring(0, length);
  const check = (piece as { isWellFormed?: () => boolean }).isWellFormed;
  return check === undefined ? !/\p{Surrogate}/u.test(piece) : check.call(piece);
}
