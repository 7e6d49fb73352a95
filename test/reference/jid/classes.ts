/*
 * The classes of code points: PRECIS (RFC 8264, sections 8 and 9) and IDNA2008 (RFC 5892, sections 2 and
 * 3), derived for one code point at a time, in the order of the two texts.
 */

import {
  caseFolding,
  defaultIgnorable,
  generalCategory,
  hangulSyllableType,
  joinControl,
  noncharacter,
  whiteSpace,
} from './character-data.js';
import { normalizeKC } from './normalization.js';
import { codePointCount } from './unicode-files.js';

/** FREE is ID_DIS or FREE_PVAL: refused in the IdentifierClass, allowed in the FreeformClass. */
export type PrecisClass = 'PVALID' | 'FREE' | 'CONTEXTJ' | 'CONTEXTO' | 'DISALLOWED' | 'UNASSIGNED';
export type IdnaClass = Exclude<PrecisClass, 'FREE'>;

const oneOf = (...list: (number | readonly [first: number, last: number])[]): Set<number> => {
  const set = new Set<number>();
  for (const one of list) {
    const [first, last] = typeof one === 'number' ? [one, one] : one;
    for (let codePoint = first; codePoint <= last; codePoint++) set.add(codePoint);
  }
  return set;
};

// RFC 8264, section 9.6, which refers to RFC 5892, section 2.6.
const exceptionsValid = oneOf(0xdf, 0x3c2, 0x6fd, 0x6fe, 0xf0b, 0x3007);
const exceptionsContext = oneOf(0xb7, 0x375, 0x5f3, 0x5f4, 0x30fb, [0x660, 0x669], [0x6f0, 0x6f9]);
const exceptionsDisallowed = oneOf(0x640, 0x7fa, 0x302e, 0x302f, [0x3031, 0x3035], 0x303b);

const letterDigits = ['Ll', 'Lu', 'Lo', 'Nd', 'Lm', 'Mn', 'Mc'];
const otherLetterDigits = ['Lt', 'Nl', 'No', 'Me'];
const symbols = ['Sm', 'Sc', 'Sk', 'So'];
const punctuation = ['Pc', 'Pd', 'Ps', 'Pe', 'Pi', 'Pf', 'Po'];

const isIn = (list: readonly string[], codePoint: number): boolean =>
  list.includes(generalCategory.of(codePoint));
const holds = (set: Uint8Array, codePoint: number): boolean => set[codePoint] === 1;

function exception(codePoint: number): 'PVALID' | 'CONTEXTO' | 'DISALLOWED' | undefined {
  if (exceptionsValid.has(codePoint)) return 'PVALID';
  if (exceptionsContext.has(codePoint)) return 'CONTEXTO';
  return exceptionsDisallowed.has(codePoint) ? 'DISALLOWED' : undefined;
}

const isUnassigned = (codePoint: number): boolean =>
  generalCategory.of(codePoint) === 'Cn' && !holds(noncharacter, codePoint);

const isOldHangulJamo = (codePoint: number): boolean =>
  ['L', 'V', 'T'].includes(hangulSyllableType.of(codePoint));

function compatibilityForm(codePoints: readonly number[]): number[] {
  return normalizeKC(
    codePoints.map((codePoint) => ({ codePoint, written: codePoint, index: 0 })),
  ).map((character) => character.codePoint);
}

const isJust = (codePoints: readonly number[], codePoint: number): boolean =>
  codePoints.length === 1 && codePoints[0] === codePoint;

/** RFC 8264, section 8. */
export function derivePrecisClass(codePoint: number): PrecisClass {
  const exceptional = exception(codePoint);
  if (exceptional !== undefined) return exceptional;
  if (isUnassigned(codePoint)) return 'UNASSIGNED';
  if (codePoint >= 0x21 && codePoint <= 0x7e) return 'PVALID';
  if (holds(joinControl, codePoint)) return 'CONTEXTJ';
  if (isOldHangulJamo(codePoint)) return 'DISALLOWED';
  if (holds(defaultIgnorable, codePoint) || holds(noncharacter, codePoint)) return 'DISALLOWED';
  if (isIn(['Cc'], codePoint)) return 'DISALLOWED';
  if (!isJust(compatibilityForm([codePoint]), codePoint)) return 'FREE';
  if (isIn(letterDigits, codePoint)) return 'PVALID';
  if (isIn(otherLetterDigits, codePoint)) return 'FREE';
  if (isIn(['Zs'], codePoint)) return 'FREE';
  if (isIn(symbols, codePoint)) return 'FREE';
  if (isIn(punctuation, codePoint)) return 'FREE';
  return 'DISALLOWED';
}

/** RFC 5892, section 3. */
export function deriveIdnaClass(codePoint: number): IdnaClass {
  const exceptional = exception(codePoint);
  if (exceptional !== undefined) return exceptional;
  if (isUnassigned(codePoint)) return 'UNASSIGNED';
  if (/^[-0-9a-z]$/u.test(String.fromCodePoint(codePoint))) return 'PVALID';
  if (holds(joinControl, codePoint)) return 'CONTEXTJ';
  if (!isStable(codePoint)) return 'DISALLOWED';
  if (
    holds(defaultIgnorable, codePoint) ||
    holds(whiteSpace, codePoint) ||
    holds(noncharacter, codePoint)
  ) {
    return 'DISALLOWED';
  }
  if (isInIgnorableBlock(codePoint)) return 'DISALLOWED';
  if (isOldHangulJamo(codePoint)) return 'DISALLOWED';
  return isIn(letterDigits, codePoint) ? 'PVALID' : 'DISALLOWED';
}

/** RFC 5892, section 2.2: folding and normalizing leave it as it is. */
function isStable(codePoint: number): boolean {
  const folded = compatibilityForm([codePoint]).flatMap((one) => caseFolding.get(one) ?? [one]);
  return isJust(compatibilityForm(folded), codePoint);
}

/** RFC 5892, section 2.4: combining marks for symbols, musical symbols, ancient Greek musical notation. */
function isInIgnorableBlock(codePoint: number): boolean {
  return (
    (codePoint >= 0x20d0 && codePoint <= 0x20ff) ||
    (codePoint >= 0x1d100 && codePoint <= 0x1d1ff) ||
    (codePoint >= 0x1d200 && codePoint <= 0x1d24f)
  );
}

const classNames: readonly PrecisClass[] = [
  'PVALID',
  'FREE',
  'CONTEXTJ',
  'CONTEXTO',
  'DISALLOWED',
  'UNASSIGNED',
];

/** Derives each class once: 0 in the table means not yet. */
function remembering(
  derive: (codePoint: number) => PrecisClass,
): (codePoint: number) => PrecisClass {
  const known = new Uint8Array(codePointCount);
  return (codePoint) => {
    let index = known[codePoint] ?? 0;
    if (index === 0) {
      index = classNames.indexOf(derive(codePoint)) + 1;
      known[codePoint] = index;
    }
    return classNames[index - 1] ?? 'UNASSIGNED';
  };
}

export const precisClass = remembering(derivePrecisClass);
export const idnaClass = remembering(deriveIdnaClass);
