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
  if (!checkVersion(gt) || !isClosed(version, end, gt)) return false;
  p = version;
  let q = spaces(p, end);
  if (q > p && q < end && load<u8>(q) == 0x65) {
    p = readValue(q, end, ENCODING, 8, gt);
    if (p == 0 || !isClosed(p, end, gt) || !checkEncoding(gt)) return false;
    q = spaces(p, end);
  }
  if (q > p && q < end && load<u8>(q) == 0x73) {
    p = readValue(q, end, STANDALONE, 10, gt);
    if (p == 0) return false;
    const wanted = load<u8>(Value.from) == 0x6e ? difference(NO, 2) : difference(YES, 3);
    if (wanted) return invalid(wanted, gt);
    if (!isClosed(p, end, gt)) return false;
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

/**
 * Reads `name = 'value'` at `p`; returns the place after it, or 0 after a fault. A value without its
 * closing quote reaches up to `end`, and the place after it lies behind `end`.
 */
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
  Value.end = p;
  return p + 1;
}

/** Whether the value that ends before `p` was closed by its quote: `end` is where the declaration ends. */
function isClosed(p: usize, end: usize, gt: usize): bool {
  return p <= end || invalid(end, gt);
}

/** Where the value differs from `text`, 0 when it does not. */
function difference(text: usize, length: usize): usize {
  for (let i: usize = 0; i < length; i++) {
    const p = Value.from + i;
    if (p == Value.end || load<u8>(p) != load<u8>(text + i)) return p;
  }
  return Value.end - Value.from == length ? 0 : Value.from + length;
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

/** The name of UTF-8, letters in any case. */
function checkEncoding(gt: usize): bool {
  let same = Value.end - Value.from == 5;
  for (let i: usize = 0; same && i < 5; i++) {
    const c = <u32>load<u8>(Value.from + i);
    const letter = (c | 0x20) - 0x61 < 26;
    same = (letter ? c | 0x20 : c) == <u32>load<u8>(UTF8 + i);
  }
  if (!same) fail(ErrorCode.XmlEncodingUnsupported, Value.from, gt);
  return same;
}
