/*
 * Punycode: RFC 3492, with the names of its sections 5 and 6. Numbers are doubles, which hold every sum
 * exactly; what goes beyond the code space is refused.
 */

const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;
const initialBias = 72;
const initialN = 0x80;
const digits = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Section 6.1. */
function adapt(delta: number, pointCount: number, isFirst: boolean): number {
  let left = Math.floor(delta / (isFirst ? damp : 2));
  left += Math.floor(left / pointCount);
  let k = 0;
  while (left > ((base - tMin) * tMax) / 2) {
    left = Math.floor(left / (base - tMin));
    k += base;
  }
  return k + Math.floor(((base - tMin + 1) * left) / (left + skew));
}

const threshold = (k: number, bias: number): number => Math.min(tMax, Math.max(tMin, k - bias));

/** Section 6.3: what stands after `xn--`. */
export function encodePunycode(codePoints: readonly number[]): string {
  const basic = codePoints.filter((codePoint) => codePoint < initialN);
  let output = String.fromCodePoint(...basic);
  if (basic.length > 0) output += '-';
  let handled = basic.length;
  let n = initialN;
  let delta = 0;
  let bias = initialBias;
  while (handled < codePoints.length) {
    const next = Math.min(...codePoints.filter((codePoint) => codePoint >= n));
    delta += (next - n) * (handled + 1);
    n = next;
    for (const codePoint of codePoints) {
      if (codePoint < n) delta += 1;
      if (codePoint !== n) continue;
      let q = delta;
      let k = base;
      for (; q >= threshold(k, bias); k += base) {
        const t = threshold(k, bias);
        output += digits[t + ((q - t) % (base - t))] ?? '';
        q = Math.floor((q - t) / (base - t));
      }
      output += digits[q] ?? '';
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled += 1;
    }
    delta += 1;
    n += 1;
  }
  return output;
}

/** Section 6.2, of lower-case ASCII; undefined for what is no Punycode. */
export function decodePunycode(source: string): number[] | undefined {
  const delimiter = source.lastIndexOf('-');
  const output = Array.from(source.slice(0, Math.max(0, delimiter)), (text) => text.charCodeAt(0));
  // Only a delimiter that something stands before is one.
  let place = delimiter > 0 ? delimiter + 1 : 0;
  let n = initialN;
  let i = 0;
  let bias = initialBias;
  while (place < source.length) {
    const previous = i;
    let weight = 1;
    for (let k = base; ; k += base) {
      const digit = digits.indexOf(source[place] ?? '?');
      if (digit < 0) return undefined;
      place += 1;
      i += digit * weight;
      // Beyond this no code point can come out, however many stand before it.
      if (i > 0x110000 * 0x10000) return undefined;
      const t = threshold(k, bias);
      if (digit < t) break;
      weight *= base - t;
    }
    const count = output.length + 1;
    bias = adapt(i - previous, count, previous === 0);
    n += Math.floor(i / count);
    i %= count;
    if (n > 0x10ffff || (n >= 0xd800 && n <= 0xdfff)) return undefined;
    output.splice(i, 0, n);
    i += 1;
  }
  return output;
}
