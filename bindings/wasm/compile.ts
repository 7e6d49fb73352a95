/*
 * A module of the core from bytes that the build embeds: for every runtime that compiles bytes.
 *
 * The bytes travel as a string of Latin-1 characters, one a byte: base64 would be a third longer
 * after compression too. A module is compiled on first use and shared by all engines.
 */

interface BufferClass {
  from(text: string, encoding: 'latin1'): Uint8Array<ArrayBuffer>;
}

/** A function that yields the module of these characters, compiled once. */
export function compiler(characters: string): () => WebAssembly.Module {
  let compiled: WebAssembly.Module | undefined;
  return () => (compiled ??= new WebAssembly.Module(bytesOf(characters)));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  // A millisecond of the first stanza's time goes into the loop, next to nothing into Buffer.
  const buffer = (globalThis as unknown as { Buffer?: BufferClass }).Buffer;
  if (buffer !== undefined) return buffer.from(text, 'latin1');
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}
