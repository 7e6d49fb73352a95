/*
 * IP literals of domainparts: `[` IPv6address `]` of RFC 3986, section 3.2.2. No zone identifiers, no
 * future versions. The spelling is kept but for the case of its letters.
 */
import { Point, PointSize } from '../text/points';

const Dot: u32 = 0x2e;
const Colon: u32 = 0x3a;

/** Whether the text begins or ends as only an IP literal may. */
export function isBracketed(start: usize, end: usize): bool {
  return Point.code(start) == 0x5b || Point.code(end - PointSize) == 0x5d;
}

/** Whether [start, end) is an IPv6 address in brackets. */
export function isIpLiteral(start: usize, end: usize): bool {
  if (end - start < 4 * PointSize) return false;
  if (Point.code(start) != 0x5b || Point.code(end - PointSize) != 0x5d) return false;
  return isIpv6(start + PointSize, end - PointSize);
}

function isIpv6(start: usize, end: usize): bool {
  // Groups of 16 bits so far, and whether `::` stands among them.
  let groups: u32 = 0;
  let isShort = false;
  let p = start;
  if (Point.code(p) == Colon) {
    if (p + 2 * PointSize > end || Point.code(p + PointSize) != Colon) return false;
    isShort = true;
    p += 2 * PointSize;
  }
  while (p < end) {
    const group = p;
    while (p < end && isHex(Point.code(p))) p += PointSize;
    if (p < end && Point.code(p) == Dot) {
      // The last 32 bits may be an IPv4 address.
      if (!isIpv4(group, end)) return false;
      groups += 2;
      p = end;
      break;
    }
    if (p == group || p - group > 4 * PointSize) return false;
    groups++;
    if (p == end) break;
    if (Point.code(p) != Colon) return false;
    p += PointSize;
    // A single colon is followed by a group.
    if (p == end) return false;
    if (Point.code(p) == Colon) {
      if (isShort) return false;
      isShort = true;
      p += PointSize;
    }
  }
  return isShort ? groups <= 7 : groups == 8;
}

/** Four numbers up to 255 without leading zeros. */
function isIpv4(start: usize, end: usize): bool {
  let p = start;
  for (let i = 0; i < 4; i++) {
    if (i > 0) {
      if (p == end || Point.code(p) != Dot) return false;
      p += PointSize;
    }
    const first = p;
    let value: u32 = 0;
    while (p < end && Point.code(p) - 0x30 < 10 && p - first < 3 * PointSize) {
      value = value * 10 + (Point.code(p) - 0x30);
      p += PointSize;
    }
    if (p == first || value > 255) return false;
    if (Point.code(first) == 0x30 && p - first > PointSize) return false;
  }
  return p == end;
}

function isHex(c: u32): bool {
  return c - 0x30 < 10 || (c | 0x20) - 0x61 < 6;
}
