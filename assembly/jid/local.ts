/*
 * Localparts: the profile UsernameCaseMapped (RFC 8265, section 3.3) and the characters that RFC 7622,
 * section 3.3.1 excludes. The order is width, case, normalisation, and only then the checks: eight
 * fullwidth forms map onto excluded characters, and 30 pairs of good code points compose to bad ones.
 */
import { JidOption } from '../abi';
import { ErrorCode } from '../errors';
import { Point, PointSize } from '../text/points';
import { Property } from '../text/unicode-data';
import { bidiFault } from './bidi';
import { Repertoire, checkClasses } from './classes';
import { blame } from './fault';
import { Excluded, Text, compose, lower, widen } from './text';

/** Without any of these a text is a localpart as it stands, but for its length. */
export const LocalWork: u32 = Property.LocalWork | Excluded;

/** Prepares the text; false when it is no localpart. Its length is not looked at. */
export function prepareLocal(options: u32): bool {
  if (Text.seen & Property.Width) widen();
  if (options & JidOption.Strict && !checkClasses(Text.start, Text.end, Repertoire.Local)) {
    return false;
  }
  if (Text.seen & Property.Lower) lower(false);
  compose();
  const seen = Text.seen;
  if (seen & Property.Rtl) {
    const fault = bidiFault(Text.start, Text.end);
    if (fault) return blame(ErrorCode.JidBidi, fault);
  }
  if (seen & Property.Class && !checkClasses(Text.start, Text.end, Repertoire.Local)) return false;
  if (!(seen & Excluded)) return true;
  for (let p = Text.start; p < Text.end; p += PointSize) {
    if (Point.word(p) & Excluded) return blame(ErrorCode.JidExcluded, p);
  }
  return true;
}
