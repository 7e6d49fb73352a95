/*
 * The properties of code points that RFC 7622 and what it refers to ask for, straight from the files:
 * general category, combining class, decompositions and lower case of UnicodeData.txt, and one file each
 * for the others. Nothing here is the host's.
 */

import {
  codePointCount,
  codePointSet,
  NamedProperty,
  parseCodePoints,
  readEntries,
  readMissing,
  readProperty,
  readUnicodeFile,
} from './unicode-files.js';

/** A mapping of UnicodeData's field 5. */
export interface Decomposition {
  /** '' for canonical, else `wide`, `compat`, ... */
  readonly type: string;
  readonly codePoints: readonly number[];
}

/** General category: `Lu`, `Mn`, ..., and `Cn` for what UnicodeData.txt does not name. */
export const generalCategory = new NamedProperty();
export const combiningClass = new Uint8Array(codePointCount);
export const decompositions = new Map<number, Decomposition>();
const lowerCase = new Map<number, readonly number[]>();

readUnicodeData();
readSpecialCasing();

export const bidiClass = readProperty('DerivedBidiClass.txt', {
  Left_To_Right: 'L',
  Right_To_Left: 'R',
  Arabic_Letter: 'AL',
  European_Terminator: 'ET',
  Boundary_Neutral: 'BN',
});
export const joiningType = readProperty('DerivedJoiningType.txt', { Non_Joining: 'U' });
export const script = readProperty('Scripts.txt');
export const hangulSyllableType = readProperty('HangulSyllableType.txt', { Not_Applicable: 'NA' });

const propertyOf =
  (name: string) =>
  ([value]: readonly string[]): boolean =>
    value === name;
export const joinControl = codePointSet('PropList.txt', propertyOf('Join_Control'));
export const noncharacter = codePointSet('PropList.txt', propertyOf('Noncharacter_Code_Point'));
export const whiteSpace = codePointSet('PropList.txt', propertyOf('White_Space'));
export const defaultIgnorable = codePointSet(
  'DerivedCoreProperties.txt',
  propertyOf('Default_Ignorable_Code_Point'),
);
export const compositionExclusion = codePointSet(
  'DerivedNormalizationProps.txt',
  propertyOf('Full_Composition_Exclusion'),
);

/** Full case folding: the lines C and F of CaseFolding.txt. */
export const caseFolding = new Map<number, readonly number[]>();
for (const { first, fields } of readEntries('CaseFolding.txt')) {
  const [status = '', mapping = ''] = fields;
  if (status === 'C' || status === 'F') caseFolding.set(first, parseCodePoints(mapping));
}

/** Full lower case without context and language, undefined where a code point has none. */
export function lowerCaseOf(codePoint: number): readonly number[] | undefined {
  return lowerCase.get(codePoint);
}

/** What a fullwidth or halfwidth form stands for: its decomposition, if it is of that type. */
export function widthMappingOf(codePoint: number): readonly number[] | undefined {
  const { type, codePoints } = decompositions.get(codePoint) ?? { type: '' };
  return type === 'wide' || type === 'narrow' ? codePoints : undefined;
}

/** IDNA2008's class as the file Idna2008.txt lists it: the oracle of what classes.ts derives. */
export function readIdna2008(): NamedProperty {
  const property = new NamedProperty();
  for (const { first, last, fields } of [
    ...readMissing('Idna2008.txt'),
    ...readEntries('Idna2008.txt'),
  ]) {
    property.set(first, last, fields[0] ?? '');
  }
  return property;
}

function readUnicodeData(): void {
  generalCategory.set(0, codePointCount - 1, 'Cn');
  let rangeStart = -1;
  for (const line of readUnicodeFile('UnicodeData.txt').split('\n')) {
    if (line === '') continue;
    const fields = line.split(';');
    const [code = '', name = '', category = '', combining = '', , mapping = ''] = fields;
    const codePoint = parseInt(code, 16);
    if (name.endsWith(', First>')) {
      rangeStart = codePoint;
      continue;
    }
    generalCategory.set(name.endsWith(', Last>') ? rangeStart : codePoint, codePoint, category);
    combiningClass[codePoint] = Number(combining);
    if (mapping !== '') {
      const [, type = '', codePoints = ''] = /^(?:<(\w+)> )?(.*)$/u.exec(mapping) ?? [];
      decompositions.set(codePoint, { type, codePoints: parseCodePoints(codePoints) });
    }
    const lower = fields[13] ?? '';
    if (lower !== '') lowerCase.set(codePoint, parseCodePoints(lower));
  }
}

/** A line with a condition has one more field; those without one override the simple mapping. */
function readSpecialCasing(): void {
  for (const { first, fields } of readEntries('SpecialCasing.txt')) {
    const [lower = '', , , condition = ''] = fields;
    if (condition === '') lowerCase.set(first, parseCodePoints(lower));
  }
}
