/*
 * The wasm module from bytes that the build embeds: for every runtime that compiles bytes.
 *
 * The bytes travel as a string of Latin-1 characters, one a byte: base64 would be a third longer
 * after compression too. The module is compiled on first use and shared by all engines.
 */
import { characters } from './bytes.js';

let compiled: WebAssembly.Module | undefined;

/** The compiled core. */
export function wasmModule(): WebAssembly.Module {
  return (compiled ??= new WebAssembly.Module(bytesOf(characters)));
}

interface BufferClass {
  from(text: string, encoding: 'latin1'): Uint8Array<ArrayBuffer>;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  // A millisecond of the first stanza's time goes into the loop, next to nothing into Buffer.
  const buffer = (globalThis as unknown as { Buffer?: BufferClass }).Buffer;
  if (buffer !== undefined) return buffer.from(text, 'latin1');
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}
