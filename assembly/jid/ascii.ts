/*
 * The ASCII form of a canonical domainpart, for DNS, TLS and HTTP: A-labels for U-labels, and the lengths
 * that RFC 7622 does not ask for, 63 octets a label and 253 a name (RFC 1035, section 2.3.4).
 */
import { ErrorCode } from '../errors';
import { Point, PointSize } from '../text/points';
import { labelEnd } from './domain';
import { blamePart, blamePlace } from './fault';
import { isBracketed } from './ip-literal';
import { encode } from './punycode';
import { Text } from './text';

const LabelOctetsMax: usize = 63;
const NameOctetsMax: usize = 253;
/** A label of more code points has more than 63 octets, whatever they are: each takes one at least. */
const EncodedMax: usize = 59;

/** Writes the ASCII form of the text as UTF-16 units to `target`. Returns its end, 0 when it is too long. */
export function writeAscii(target: usize): usize {
  const end = Text.end;
  let out = target;
  if (isBracketed(Text.start, end)) {
    for (let p = Text.start; p < end; p += PointSize, out += 2) store<u16>(out, <u16>Point.code(p));
    return out;
  }
  let p = Text.start;
  while (true) {
    const stop = labelEnd(p, end);
    const label = out;
    let all: u32 = 0;
    for (let q = p; q < stop; q += PointSize) all |= Point.code(q);
    const count = (stop - p) / PointSize;
    if (all < 0x80) {
      if (count > LabelOctetsMax) return refuse(ErrorCode.JidLabelTooLong, p);
      for (let q = p; q < stop; q += PointSize, out += 2) store<u16>(out, <u16>Point.code(q));
    } else {
      if (count > EncodedMax) return refuse(ErrorCode.JidLabelTooLong, p);
      store<u64>(out, 0x002d_002d_006e_0078);
      out = encode(p, stop, out + 8);
      if (out - label > LabelOctetsMax << 1) return refuse(ErrorCode.JidLabelTooLong, p);
    }
    if (out - target > NameOctetsMax << 1) {
      blamePart(ErrorCode.JidDomainTooLong);
      return 0;
    }
    if (stop == end) return out;
    store<u16>(out, 0x2e);
    out += 2;
    p = stop + PointSize;
  }
}

function refuse(code: ErrorCode, at: usize): usize {
  blamePlace(code, at);
  return 0;
}
