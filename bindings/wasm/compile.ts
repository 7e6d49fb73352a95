/*
 * A module of the core from bytes that the build embeds: for every runtime that compiles bytes.
 *
 * The bytes travel as a string of Latin-1 characters, one a byte: base64 would be a third longer
 * after compression too. A mask may make most of them ASCII (scripts/build.mjs). A module is compiled on
 * first use and shared by all engines. Where it cannot be compiled, the error says what is missing.
 */

interface BufferClass {
  from(text: string, encoding: 'latin1'): Uint8Array<ArrayBuffer>;
}

/** A function that yields the module of these characters, compiled once. */
export function compiler(characters: string, mask: number): () => WebAssembly.Module {
  let compiled: WebAssembly.Module | undefined;
  return () => (compiled ??= compile(characters, mask));
}

function compile(characters: string, mask: number): WebAssembly.Module {
  const bytes = bytesOf(characters, mask);
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw new Error(`tercet cannot run here: ${reasonOf(bytes, characters)}`, { cause });
  }
}

/** What stands in the way of a module that is as it was built. */
function reasonOf(bytes: Uint8Array<ArrayBuffer>, characters: string): string {
  // Callers may run where no types say what there is.
  const { WebAssembly: wasm } = globalThis as { WebAssembly?: typeof WebAssembly };
  if (wasm === undefined) return 'the runtime has no WebAssembly';
  // A classic script of a page without a charset is read in the encoding of the page.
  if (/[^\0-\xff]/.test(characters)) return 'its script was not read as UTF-8';
  // Validation obeys no policy. What it refuses of this module is what runtimes before 2021 lack.
  if (!wasm.validate(bytes)) return 'the runtime has no WebAssembly with SIMD';
  return (
    'the runtime refuses to compile WebAssembly; a page needs ' +
    "'wasm-unsafe-eval' among the sources of script-src in its Content-Security-Policy, " +
    'a Cloudflare Worker a bundle with the condition "workerd"'
  );
}

function bytesOf(text: string, mask: number): Uint8Array<ArrayBuffer> {
  // A millisecond of the first stanza's time goes into a loop, next to nothing into Buffer.
  const buffer = (globalThis as unknown as { Buffer?: BufferClass }).Buffer;
  if (buffer !== undefined && mask === 0) return buffer.from(text, 'latin1');
  const bytes = new Uint8Array((text.length + 3) & ~3);
  if (buffer !== undefined) bytes.set(buffer.from(text, 'latin1'));
  else for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  const words = new Int32Array(bytes.buffer);
  for (let index = 0; index < words.length; index++) words[index] ^= mask * 0x01010101;
  return bytes.subarray(0, text.length);
}
