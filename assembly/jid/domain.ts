/*
 * Domainparts: RFC 7622, section 3.2 with RFC 5895 for the mapping and strict IDNA2008 (RFC 5891, 5892,
 * 5893) for the labels. The canonical form has U-labels, no final dot and no capitals. An IPv4 address needs
 * no care: it is a name of digits, and stays what it is.
 *
 * Lengths of labels and names are no matter here but of the ASCII form (ascii.ts).
 */
import { JidOption } from '../abi';
import { ErrorCode } from '../errors';
import { Normal, SORTED, SourceMax, TargetMax, isNormal, normalize } from '../text/normalization';
import { Point, PointShift, PointSize } from '../text/points';
import { Property } from '../text/unicode-data';
import { bidiFault } from './bidi';
import { Repertoire, checkClasses } from './classes';
import { Fault, blame, blamePart, blamePlace } from './fault';
import { isBracketed, isIpLiteral } from './ip-literal';
import { Label, decode } from './punycode';
import { NotLdh, Text, compose, lower, replace, widen } from './text';

const Dot: u32 = 0x2e;
const Hyphen: u32 = 0x2d;

/** Without any of these all of a label is in the repertoire of domainparts. */
const LabelWork: u32 = Property.Class | Property.IdnaDisallowed | NotLdh;

/** The normal form of a decoded label, of at most 1,023 code points. */
const COMPOSED: usize = memory.data(32768, 16);
/** The text with U-labels in the place of A-labels. */
const DECODED: usize = memory.data(TargetMax << 3, 16);
/** An A-label of records in bytes. */
const ENCODED: usize = memory.data(SourceMax, 16);

/** Prepares the text; false when it is no domainpart. Its length is not looked at. */
export function prepareDomain(options: u32): bool {
  if (isBracketed(Text.start, Text.end)) {
    if (!isIpLiteral(Text.start, Text.end)) return blamePart(ErrorCode.JidIpLiteral);
    if (Text.seen & Property.Lower) lower(true);
    return true;
  }
  mapDomain();
  // One final dot, in whatever spelling, is no part of the name.
  if (Point.code(Text.end - PointSize) == Dot) {
    Text.end -= PointSize;
    Text.isMapped = true;
    if (Text.end == Text.start) return blamePart(ErrorCode.JidEmptyDomain);
  }
  const hasRtl = Text.seen & Property.Rtl;
  return prepareLabels(options) && (!(hasRtl | (Label.seen & Property.Rtl)) || checkBidi());
}

/** RFC 5895, section 2. */
function mapDomain(): void {
  if (Text.seen & Property.Lower) lower(true);
  if (Text.seen & Property.Width) widen();
  if (Text.seen & Property.IdnaDisallowed) {
    for (let p = Text.start; p < Text.end; p += PointSize) {
      if (!(Point.word(p) & Property.IdnaDisallowed)) continue;
      const code = Point.code(p);
      // The ideographic full stop; Cherokee, whose capitals are the letters of IDNA2008.
      if (code == 0x3002) replace(p, Dot);
      else if (code - 0xab70 < 80) replace(p, code - 0xab70 + 0x13a0);
      else if (code - 0x13f8 < 6) replace(p, code - 8);
    }
  }
  compose();
}

/** The end of the label that starts at `p`. */
export function labelEnd(p: usize, end: usize): usize {
  while (p < end && Point.code(p) != Dot) p += PointSize;
  return p;
}

/** Whether the label has the prefix of A-labels. */
export function isPrefixed(start: usize, end: usize): bool {
  return (
    end - start >= 4 * PointSize &&
    Point.code(start) == 0x78 &&
    Point.code(start + PointSize) == 0x6e &&
    hasHyphen34(start, end)
  );
}

function hasHyphen34(start: usize, end: usize): bool {
  return (
    end - start >= 4 * PointSize &&
    Point.code(start + 2 * PointSize) == Hyphen &&
    Point.code(start + 3 * PointSize) == Hyphen
  );
}

/**
 * Checks each label, and puts U-labels in the place of A-labels. The text itself stays as it is, since the place of a fault
 * is searched in it.
 */
function prepareLabels(options: u32): bool {
  const repertoire: Repertoire =
    options & JidOption.AllowUnderscore ? Repertoire.DomainUnderscore : Repertoire.Domain;
  let seenDecoded: u32 = 0;
  const start = Text.start;
  let out = start;
  let p = start;
  while (true) {
    let all: u32 = 0;
    let seen: u32 = 0;
    let end = p;
    let hyphen = p;
    for (; end < Text.end; end += PointSize) {
      const code = Point.code(end);
      if (code == Dot) break;
      hyphen = select<usize>(end, hyphen, code == Hyphen);
      all |= code;
      seen |= Point.word(end);
    }
    if (p == end) return blamePlace(ErrorCode.JidEmptyLabel, p);
    let from = p;
    let to = end;
    if (all >= 0x80) {
      if (!checkLabel(p, end, seen, repertoire)) return false;
    } else {
      if (seen & LabelWork && !checkClasses(p, end, repertoire)) return false;
      if (isPrefixed(p, end)) {
        if (!decodeLabel(p, hyphen, end, repertoire)) return false;
        if (out == p) {
          memory.copy(DECODED, start, p - start);
          out = DECODED + (p - start);
        }
        from = Label.start;
        to = Label.end;
        seenDecoded |= Label.seen;
      } else if (!checkHyphens(p, end)) return false;
    }
    if (from == out) out = to;
    else for (; from < to; from += PointSize, out += PointSize) Point.copy(out, from);
    if (end == Text.end) break;
    Point.copy(out, end);
    out += PointSize;
    p = end + PointSize;
  }
  Text.labelsStart = start;
  Text.labelsEnd = Text.end;
  if (out != Text.end) Text.start = DECODED;
  Text.end = out;
  Label.seen = seenDecoded;
  return true;
}

/** RFC 5891, section 4.2.3.1. */
function checkHyphens(start: usize, end: usize): bool {
  if (Point.code(start) == Hyphen) return blame(ErrorCode.JidHyphen, start);
  if (Point.code(end - PointSize) == Hyphen) return blame(ErrorCode.JidHyphen, end - PointSize);
  if (hasHyphen34(start, end)) return blame(ErrorCode.JidHyphen34, start + 2 * PointSize);
  return true;
}

/** What a U-label has to be, normalisation and direction aside: RFC 5891, section 4.2.3. */
function checkLabel(start: usize, end: usize, seen: u32, repertoire: Repertoire): bool {
  if (!checkHyphens(start, end)) return false;
  if (Point.word(start) & Property.Mark) return blame(ErrorCode.JidLeadingMark, start);
  return !(seen & LabelWork) || checkClasses(start, end, repertoire);
}

/** Leaves the U-label of an A-label, whose last hyphen is known, in Label. */
function decodeLabel(start: usize, hyphen: usize, end: usize, repertoire: Repertoire): bool {
  Text.isMapped = true;
  const code = start + 4 * PointSize;
  let units = ENCODED;
  for (let p = code; p < end; p += PointSize, units++) store<u8>(units, <u8>Point.code(p));
  const mark: usize = hyphen < code ? 0 : ENCODED + ((hyphen - code) >> PointShift);
  if (!decode(ENCODED, mark, units)) {
    return blamePlace(Label.isTooLong ? ErrorCode.JidTooLong : ErrorCode.JidPunycode, start);
  }
  if (!isNormalLabel()) return blamePlace(ErrorCode.JidNfc, start);
  if (checkDecoded(repertoire)) return true;
  // What the decoded label breaks is to be found at the label's start.
  Fault.record = <u32>((start - Text.start) >> PointShift);
  Fault.isDecoded = true;
  return false;
}

/** What Label has to be, normalisation and direction aside. */
export function checkDecoded(repertoire: Repertoire): bool {
  return checkLabel(Label.start, Label.end, Label.seen, repertoire);
}

export function isNormalLabel(): bool {
  if (isNormal(Label.start, Label.end, Label.seen)) return true;
  // Nobody asks where its records came from.
  normalize(Label.start, Label.end, COMPOSED, SORTED);
  const end = Normal.end;
  if (end - COMPOSED != Label.end - Label.start) return false;
  for (let p = Label.start, q = COMPOSED; q < end; p += PointSize, q += PointSize) {
    if (Point.code(p) != Point.code(q)) return false;
  }
  return true;
}

/** In a name with a right-to-left character every label obeys the Bidi rule: RFC 5893, section 1.4. */
function checkBidi(): bool {
  let label: u32 = 0;
  for (let p = Text.start; p < Text.end; label++) {
    const end = labelEnd(p, Text.end);
    const fault = bidiFault(p, end);
    if (fault) {
      blame(ErrorCode.JidBidi, fault);
      // Labels before it may have been A-labels, so it is counted from its label.
      Fault.record = <u32>((fault - p) >> PointShift);
      Fault.label = label;
      return false;
    }
    p = end + PointSize;
  }
  return true;
}

/** Goes back to the text before A-labels were decoded: the record there that Fault means. */
export function placeOfFault(): u32 {
  Text.start = Text.labelsStart;
  Text.end = Text.labelsEnd;
  let p = Text.start;
  for (let label: u32 = 0; label < Fault.label; label++) {
    p = labelEnd(p, Text.end) + PointSize;
  }
  const first = <u32>((p - Text.start) >> PointShift);
  Fault.isDecoded = isPrefixed(p, labelEnd(p, Text.end));
  return Fault.isDecoded ? first : first + Fault.record;
}
