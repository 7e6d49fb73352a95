/*
 * The XML declaration (XML 1.0, section 2.8), once it is there as a whole: version, encoding, standalone, in
 * this order. In XMPP the version is 1.0; a document may say 1.x, which a 1.0 processor reads as 1.0.
 * The encoding must be UTF-8 (RFC 6120, section 11.6).
 */
import { Framing } from '../abi';
import { ErrorCode } from '../errors';
import { isSpace } from '../text/characters';
import { fail } from './fault';
import { Scan } from './scan';

/** The value that readValue found: its bytes, without quotes. */
class Value {
  static from: usize = 0;
  static end: usize = 0;
}

const VERSION: usize = memory.data<u8>([118, 101, 114, 115, 105, 111, 110]);
const ENCODING: usize = memory.data<u8>([101, 110, 99, 111, 100, 105, 110, 103]);
const STANDALONE: usize = memory.data<u8>([115, 116, 97, 110, 100, 97, 108, 111, 110, 101]);
const UTF8: usize = memory.data<u8>([117, 116, 102, 45, 56]);
const YES: usize = memory.data<u8>([121, 101, 115]);
const NO: usize = memory.data<u8>([110, 111]);

/** Checks the pseudo-attributes in [p, end), `p` at the white space after `<?xml`; `gt` is the last byte. */
export function checkDeclaration(p: usize, end: usize, gt: usize): bool {
  p = spaces(p, end);
  const version = readValue(p, end, VERSION, 7, gt);
  if (version == 0) return false;
  if (!checkVersion(gt)) return false;
  p = version;
  let q = spaces(p, end);
  if (q > p && q < end && load<u8>(q) == 0x65) {
    p = readValue(q, end, ENCODING, 8, gt);
    if (p == 0 || !checkEncoding(gt)) return false;
    q = spaces(p, end);
  }
  if (q > p && q < end && load<u8>(q) == 0x73) {
    p = readValue(q, end, STANDALONE, 10, gt);
    if (p == 0) return false;
    if (!valueIs(YES, 3) && !valueIs(NO, 2)) return invalid(Value.from, gt);
    q = spaces(p, end);
  }
  return q == end || invalid(q, gt);
}

function invalid(at: usize, gt: usize): bool {
  fail(ErrorCode.XmlDeclarationInvalid, at, gt);
  return false;
}

function spaces(p: usize, end: usize): usize {
  while (p < end && isSpace(load<u8>(p))) p++;
  return p;
}

/** Reads `name = 'value'` at `p`; returns the place after it, or 0 after a fault. */
function readValue(p: usize, end: usize, name: usize, length: usize, gt: usize): usize {
  for (let i: usize = 0; i < length; i++, p++) {
    if (p == end || load<u8>(p) != load<u8>(name + i)) return <usize>invalid(p, gt);
  }
  p = spaces(p, end);
  if (p == end || load<u8>(p) != 0x3d) return <usize>invalid(p, gt);
  p = spaces(p + 1, end);
  const quote = load<u8>(p);
  if (p == end || (quote != 0x22 && quote != 0x27)) return <usize>invalid(p, gt);
  Value.from = ++p;
  while (p < end && load<u8>(p) != quote) p++;
  if (p == end) return <usize>invalid(p, gt);
  Value.end = p;
  return p + 1;
}

/** Whether the value is `text`, letters in any case. */
function valueIs(text: usize, length: usize): bool {
  if (Value.end - Value.from != length) return false;
  return memory.compare(Value.from, text, length) == 0;
}

/** `1.` and digits; outside documents just `1.0`. */
function checkVersion(gt: usize): bool {
  const p = Value.from;
  const length = Value.end - p;
  if (length < 1 || load<u8>(p) != 0x31) return invalid(p, gt);
  if (length < 2 || load<u8>(p, 1) != 0x2e) return invalid(p + 1, gt);
  if (length < 3) return invalid(Value.end, gt);
  const exact = Scan.framing != Framing.Document;
  for (let i: usize = 2; i < length; i++) {
    const digit = <u32>load<u8>(p + i) - 0x30;
    if (digit > 9 || (exact && (i > 2 || digit != 0))) return invalid(p + i, gt);
  }
  return true;
}

/** A name of an encoding, and that of UTF-8. */
function checkEncoding(gt: usize): bool {
  const from = Value.from;
  const length = Value.end - from;
  let same = length == 5;
  for (let i: usize = 0; i < length; i++) {
    const c = <u32>load<u8>(from + i);
    const letter = (c | 0x20) - 0x61 < 26;
    const other = c - 0x30 < 10 || c == 0x2e || c == 0x5f || c == 0x2d;
    if (!letter && (i == 0 || !other)) return invalid(from + i, gt);
    if (same && (letter ? c | 0x20 : c) != <u32>load<u8>(UTF8 + i)) same = false;
  }
  if (length == 0) return invalid(from, gt);
  if (!same) {
    fail(ErrorCode.XmlEncodingUnsupported, from, gt);
    return false;
  }
  return true;
}
