/*
 * The rules over a whole string: the Bidi rule (RFC 5893, section 2) and the context rules (RFC 5892,
 * appendix A). The string is a label of a domain name, or a whole localpart or resourcepart, after all
 * mappings.
 */

import { bidiClass, combiningClass, joiningType, script } from './character-data.js';

/** Whether the Bidi rule applies at all: RFC 5893, section 1.4. */
export function hasRightToLeft(codePoints: readonly number[]): boolean {
  return codePoints.some((codePoint) => ['R', 'AL', 'AN'].includes(bidiClass.of(codePoint)));
}

/** The six conditions of RFC 5893, section 2, in their order. */
export function satisfiesBidiRule(codePoints: readonly number[]): boolean {
  const classes = codePoints.map((codePoint) => bidiClass.of(codePoint));
  const [first = ''] = classes;
  const last = classes.findLast((one) => one !== 'NSM') ?? '';
  const neutral = ['EN', 'ES', 'CS', 'ET', 'ON', 'BN', 'NSM'];
  // 1. The first character is L, R or AL.
  const isRightToLeft = first === 'R' || first === 'AL';
  if (!isRightToLeft && first !== 'L') return false;
  if (isRightToLeft) {
    return (
      // 2. Only these in a right-to-left label.
      classes.every((one) => ['R', 'AL', 'AN', ...neutral].includes(one)) &&
      // 3. It ends with one of these, marks aside.
      ['R', 'AL', 'EN', 'AN'].includes(last) &&
      // 4. Not both kinds of digits.
      !(classes.includes('EN') && classes.includes('AN'))
    );
  }
  return (
    // 5. Only these in a left-to-right label.
    classes.every((one) => ['L', ...neutral].includes(one)) &&
    // 6. It ends with one of these, marks aside.
    ['L', 'EN'].includes(last)
  );
}

const virama = 9;

/** Whether the code point at this place satisfies its rule. Asked of CONTEXTJ and CONTEXTO alone. */
export function satisfiesContextRule(codePoints: readonly number[], place: number): boolean {
  const codePoint = codePoints[place] ?? 0;
  const before = place === 0 ? undefined : codePoints[place - 1];
  const after = codePoints.at(place + 1);
  const isScript = (one: number | undefined, name: string): boolean =>
    one !== undefined && script.of(one) === name;
  const followsVirama = before !== undefined && combiningClass[before] === virama;

  // A.1 ZERO WIDTH NON-JOINER
  if (codePoint === 0x200c) return followsVirama || joins(codePoints, place);
  // A.2 ZERO WIDTH JOINER
  if (codePoint === 0x200d) return followsVirama;
  // A.3 MIDDLE DOT
  if (codePoint === 0xb7) return before === 0x6c && after === 0x6c;
  // A.4 GREEK LOWER NUMERAL SIGN
  if (codePoint === 0x375) return isScript(after, 'Greek');
  // A.5, A.6 HEBREW PUNCTUATION GERESH and GERSHAYIM
  if (codePoint === 0x5f3 || codePoint === 0x5f4) return isScript(before, 'Hebrew');
  // A.7 KATAKANA MIDDLE DOT
  if (codePoint === 0x30fb) {
    return codePoints.some((one) => ['Hiragana', 'Katakana', 'Han'].includes(script.of(one)));
  }
  const isArabicIndic = (one: number): boolean => one >= 0x660 && one <= 0x669;
  const isExtended = (one: number): boolean => one >= 0x6f0 && one <= 0x6f9;
  // A.8, A.9 ARABIC-INDIC DIGITS and EXTENDED ARABIC-INDIC DIGITS
  if (isArabicIndic(codePoint)) return !codePoints.some(isExtended);
  if (isExtended(codePoint)) return !codePoints.some(isArabicIndic);
  throw new Error(`no context rule for ${codePoint.toString(16)}`);
}

/** (Joining_Type:{L,D})(Joining_Type:T)* before, (Joining_Type:T)*(Joining_Type:{R,D}) after. */
function joins(codePoints: readonly number[], place: number): boolean {
  const types = codePoints.map((codePoint) => joiningType.of(codePoint));
  const left = types.slice(0, place).findLast((type) => type !== 'T') ?? '';
  const right = types.slice(place + 1).find((type) => type !== 'T') ?? '';
  return ['L', 'D'].includes(left) && ['R', 'D'].includes(right);
}
