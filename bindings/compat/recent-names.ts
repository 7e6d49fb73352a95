/*
 * Names that the vocabulary does not have, as they were met lately, looked up by their bytes.
 *
 * A name that is cut anew each time has to be found among all names of the program when it becomes a
 * key of an object. Here it is one string, which V8 knows by its address. The places are of a fixed
 * number, so that a peer's names exhaust nothing.
 */
import { decoded } from '../document.js';
import { latin1Text } from '../text.js';

const count = 512;
const mask = count - 1;
const lengthMax = 64;
const sources: string[] = /* @__PURE__ */ new Array<string>(count).fill('');
const names: string[] = /* @__PURE__ */ sources.slice();

/** Where a name of these first three bytes was met last. */
const hints = /* @__PURE__ */ new Uint16Array(count);

/** The name that starts at `start` of bytes that latin1Text can read. */
export function nameAt(bytes: Uint8Array, start: number): string {
  const second = bytes[start + 1];
  const third = isDelimiter(second) ? 0 : bytes[start + 2];
  const hint = (Math.imul(bytes[start], 31) ^ Math.imul(second, 5) ^ Math.imul(third, 131)) & mask;
  const known = hints[hint];
  // Mostly right, and compared in one go.
  if (sources[known] !== '' && isAt(bytes, start, sources[known])) return names[known];
  let hash = 0;
  let end = start;
  // Bounded by the tag: a name ends with white space, '/', '=' or '>'.
  for (let byte = bytes[end]; !isDelimiter(byte); byte = bytes[++end]) {
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (end - start > lengthMax) return decoded(latin1Text(bytes, start, end));
  const slot = (hash ^ (hash >>> 9)) & mask;
  if (!isAt(bytes, start, sources[slot])) {
    // A key of an object is the one string that all equal keys are.
    const [source] = Object.keys({ [latin1Text(bytes, start, end)]: 0 });
    sources[slot] = source;
    [names[slot]] = Object.keys({ [decoded(source)]: 0 });
  }
  hints[hint] = slot;
  return names[slot];
}

function isAt(bytes: Uint8Array, start: number, source: string): boolean {
  const { length } = source;
  // A delimiter is no part of a name: what is longer or shorter differs before the end or at it.
  for (let index = 0; index < length; index++) {
    if (source.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return isDelimiter(bytes[start + length]);
}

/** White space, '/', '=' or '>': what ends a name in a tag. */
function isDelimiter(byte: number): boolean {
  // The end of the bytes, undefined, is one too.
  return !(byte > 0x20) || byte === 0x2f || byte === 0x3d || byte === 0x3e;
}
