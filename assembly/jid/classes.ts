/*
 * Which code points a part may hold: the classes of PRECIS (RFC 8264, section 8) and IDNA2008 (RFC 5892),
 * with the rules for those that depend on their neighbours (RFC 5892, appendix A). The check comes after
 * mapping and normalisation, and each occurrence is looked at by itself (erratum 3312).
 *
 * Linear: what a rule asks of the whole string is found once, and a run of transparent characters is
 * walked over at most once from either side.
 */
import { ErrorCode } from '../errors';
import { Point, PointSize } from '../text/points';
import { JoiningType, PrecisClass, Property, ScriptClass } from '../text/unicode-data';
import { NotLdh } from './text';
import { blame } from './fault';

export const enum Repertoire {
  /** IdentifierClass. */
  Local = 0,
  /** FreeformClass. */
  Resource = 1,
  /** Letters of U-labels and LDH. */
  Domain = 2,
  /** The same with `_`. */
  DomainUnderscore = 3,
}

/** What rules ask of the whole string, found when the first of them asks. */
class Whole {
  static isKnown: bool = false;
  static hasJapanese: bool = false;
  static hasArabicDigit: bool = false;
  static hasExtendedDigit: bool = false;
}

/** Whether all of [start, end), a part or a label, is in the repertoire; blames the first that is not. */
export function checkClasses(start: usize, end: usize, repertoire: Repertoire): bool {
  Whole.isKnown = false;
  for (let p = start; p < end; p += PointSize) {
    const word = Point.word(p);
    if (repertoire >= Repertoire.Domain && word & (Property.IdnaDisallowed | NotLdh)) {
      if (Point.code(p) == 0x5f && repertoire == Repertoire.DomainUnderscore) continue;
      return blame(ErrorCode.JidDisallowed, p);
    }
    switch (word & Property.Class) {
      case PrecisClass.Pvalid: continue;
      case PrecisClass.Free:
        if (repertoire == Repertoire.Resource) continue;
        return blame(ErrorCode.JidDisallowed, p);
      case PrecisClass.ContextJ:
      case PrecisClass.ContextO:
        if (fits(p, start, end)) continue;
        return blame(ErrorCode.JidContext, p);
      case PrecisClass.Unassigned:
        return blame(ErrorCode.JidUnassigned, p);
      default:
        return blame(ErrorCode.JidDisallowed, p);
    } // prettier-ignore
  }
  return true;
}

/** Whether the code point at `p` may stand there. */
function fits(p: usize, start: usize, end: usize): bool {
  const before = p > start ? p - PointSize : 0;
  const after = p + PointSize < end ? p + PointSize : 0;
  const code = Point.code(p);
  switch (code) {
    case 0x200c: return isAfterVirama(before) || joins(p, start, end);
    case 0x200d: return isAfterVirama(before);
    case 0x00b7: return before != 0 && after != 0 && Point.code(before) == 0x6c && Point.code(after) == 0x6c;
    case 0x0375: return after != 0 && scriptOf(after) == ScriptClass.Greek;
    case 0x05f3:
    case 0x05f4: return before != 0 && scriptOf(before) == ScriptClass.Hebrew;
    default: break;
  } // prettier-ignore
  if (!Whole.isKnown) lookAtWhole(start, end);
  if (code == 0x30fb) return Whole.hasJapanese;
  // Digits of the two Arabic sets do not mix: 0660 to 0669 and 06F0 to 06F9.
  return !(Whole.hasArabicDigit && Whole.hasExtendedDigit);
}

function scriptOf(at: usize): u32 {
  return (Point.word(at) & Property.Script) >> Property.ScriptShift;
}

function isAfterVirama(before: usize): bool {
  return before != 0 && Point.ccc(before) >> Property.CccShift == 9;
}

function joiningOf(at: usize): u32 {
  return (Point.word(at) & Property.Joining) >> Property.JoiningShift;
}

/** U+200C between two letters that would join: A.1. */
function joins(p: usize, start: usize, end: usize): bool {
  let before = p;
  let left: u32 = JoiningType.Transparent;
  while (left == JoiningType.Transparent) {
    if (before == start) return false;
    before -= PointSize;
    left = joiningOf(before);
  }
  if (left != JoiningType.Left && left != JoiningType.Dual) return false;
  let after = p;
  let right: u32 = JoiningType.Transparent;
  while (right == JoiningType.Transparent) {
    after += PointSize;
    if (after >= end) return false;
    right = joiningOf(after);
  }
  return right == JoiningType.Right || right == JoiningType.Dual;
}

function lookAtWhole(start: usize, end: usize): void {
  Whole.isKnown = true;
  Whole.hasJapanese = false;
  Whole.hasArabicDigit = false;
  Whole.hasExtendedDigit = false;
  for (let p = start; p < end; p += PointSize) {
    const code = Point.code(p);
    if (scriptOf(p) == ScriptClass.Japanese) Whole.hasJapanese = true;
    if (code - 0x660 < 10) Whole.hasArabicDigit = true;
    if (code - 0x6f0 < 10) Whole.hasExtendedDigit = true;
  }
}
