/*
 * References (XML 1.0, section 4.1) that the automaton has accepted, and values as XML delivers
 * them: the five predefined entities, characters by number, line ends (section 2.11) and the white
 * space of attribute values (section 3.3.3).
 */

/** The five entities; RFC 6120, section 11.1 allows no other. Byte length, then the name. */
const ENTITIES: usize = memory.data<u8>([
  3, 97, 109, 112, 0, 2, 108, 116, 0, 0, 2, 103, 116, 0, 0, 4, 113, 117, 111, 116, 4, 97, 112, 111,
  115,
]);
const EntitySize: usize = 5;
const EntityCount: usize = 5;

/**
 * Compares the `length` bytes at `p` with the five names: 2 when they are one, 1 when they may
 * become one, else 0.
 */
export function entityMatch(p: usize, length: u32): u32 {
  let best: u32 = 0;
  for (let i: usize = 0; i < EntityCount; i++) {
    const entity = ENTITIES + i * EntitySize;
    const full = <u32>load<u8>(entity);
    if (length > full) continue;
    let same: u32 = 0;
    while (same < length && load<u8>(p + same) == load<u8>(entity + 1 + same)) same++;
    if (same == length) best = max(best, length == full ? 2 : 1);
  }
  return best;
}

/**
 * Whether the `&` at `p` begins a reference to one of the five entities that is there as a whole; a
 * character reference is none, nor one that the end of the window cuts.
 */
export function isEntity(p: usize): bool {
  const name = load<u32>(p, 1);
  const short = name & 0xffffff;
  // All three at once: which one it is, is as good as random to a processor.
  const common = i32(name == 0x3b706d61) | i32(short == 0x3b746c) | i32(short == 0x3b7467); // amp; lt; gt;
  if (common) return true;
  return (name == 0x746f7571 || name == 0x736f7061) && load<u8>(p, 5) == 0x3b; // quot; apos;
}

/** Value of a digit in the base of 10 or 16, or 16 when it is none. */
export function digitValue(c: u32, base: u32): u32 {
  const decimal = c - 0x30;
  if (decimal < 10) return decimal;
  const letter = (c | 0x20) - 0x61;
  return base == 16 && letter < 6 ? letter + 10 : 16;
}

/** Writes `c` as UTF-8 at `to` and returns the place after it. */
function putCodePoint(to: usize, c: u32): usize {
  if (c < 0x80) {
    store<u8>(to, <u8>c);
    return to + 1;
  }
  if (c < 0x800) {
    store<u8>(to, <u8>(0xc0 | (c >> 6)));
    store<u8>(to, <u8>(0x80 | (c & 0x3f)), 1);
    return to + 2;
  }
  if (c < 0x10000) {
    store<u8>(to, <u8>(0xe0 | (c >> 12)));
    store<u8>(to, <u8>(0x80 | ((c >> 6) & 0x3f)), 1);
    store<u8>(to, <u8>(0x80 | (c & 0x3f)), 2);
    return to + 3;
  }
  store<u8>(to, <u8>(0xf0 | (c >> 18)));
  store<u8>(to, <u8>(0x80 | ((c >> 12) & 0x3f)), 1);
  store<u8>(to, <u8>(0x80 | ((c >> 6) & 0x3f)), 2);
  store<u8>(to, <u8>(0x80 | (c & 0x3f)), 3);
  return to + 4;
}

/**
 * Writes the value of the attribute whose source is [p, end) at `to`, which may be as long as the source, and
 * returns its end. The source is what the automaton accepted.
 */
export function unescapeValue(p: usize, end: usize, to: usize): usize {
  while (p < end) {
    const c = <u32>load<u8>(p++);
    if (c == 0x26) {
      let number: u32 = 0;
      if (load<u8>(p) == 0x23) {
        const base: u32 = load<u8>(p, 1) == 0x78 ? 16 : 10;
        p += base == 16 ? 2 : 1;
        for (; load<u8>(p) != 0x3b; p++)
          number = number * base + digitValue(<u32>load<u8>(p), base);
      } else {
        const first = <u32>load<u8>(p);
        const second = <u32>load<u8>(p, 1);
        if (first == 0x6c) number = 0x3c;
        else if (first == 0x67) number = 0x3e;
        else if (first == 0x71) number = 0x22;
        else number = second == 0x6d ? 0x26 : 0x27;
        while (load<u8>(p) != 0x3b) p++;
      }
      p++;
      to = putCodePoint(to, number);
    } else if (c < 0x20) {
      if (c == 0x0d && p < end && load<u8>(p) == 0x0a) p++;
      store<u8>(to++, 0x20);
    } else store<u8>(to++, <u8>c);
  }
  return to;
}
