/*
 * The Bidi rule, RFC 5893, section 2, in one pass. Whether it applies is the caller's matter: to a
 * localpart that holds a right-to-left character, and to every label of a name in which one does.
 */
import { Point, PointSize } from '../text/points';
import { BidiClass, Property } from '../text/unicode-data';

/** What follows a left-to-right start, and a right-to-left one: sets of 1 << BidiClass. */
const AfterLeft: u32 =
  (1 << BidiClass.L) | (1 << BidiClass.En) | (1 << BidiClass.Neutral) | (1 << BidiClass.Nsm);
const AfterRight: u32 =
  (1 << BidiClass.R) |
  (1 << BidiClass.An) |
  (1 << BidiClass.En) |
  (1 << BidiClass.Neutral) |
  (1 << BidiClass.Nsm);
/** What may stand last, marks aside. */
const LastLeft: u32 = (1 << BidiClass.L) | (1 << BidiClass.En);
const LastRight: u32 = (1 << BidiClass.R) | (1 << BidiClass.En) | (1 << BidiClass.An);
const Numbers: u32 = (1 << BidiClass.En) | (1 << BidiClass.An);

/** The record of [start, end) that breaks the rule, or 0; the text is not empty. */
export function bidiFault(start: usize, end: usize): usize {
  const first = bidiOf(start);
  const isRight = first == BidiClass.R;
  if (!isRight && first != BidiClass.L) return start;
  const allowed = isRight ? AfterRight : AfterLeft;
  let seen: u32 = 0;
  let last = start;
  for (let p = start; p < end; p += PointSize) {
    const bidi = bidiOf(p);
    if (!((1 << bidi) & allowed)) return p;
    seen |= 1 << bidi;
    // European and Arabic numbers do not mix; the second kind to come is to blame.
    if (isRight && (seen & Numbers) == Numbers) return p;
    if (bidi != BidiClass.Nsm) last = p;
  }
  return (1 << bidiOf(last)) & (isRight ? LastRight : LastLeft) ? 0 : last;
}

function bidiOf(at: usize): u32 {
  return (Point.word(at) & Property.Bidi) >> Property.BidiShift;
}
