/*
 * Localpart (RFC 7622, section 3.3: UsernameCaseMapped of RFC 8265, section 3.3, and eight characters
 * less) and resourcepart (section 3.4: OpaqueString of RFC 8265, section 4.2), with the order of RFC
 * 8264, section 7: the classes are asked last, of the result.
 */

import { generalCategory, lowerCaseOf, widthMappingOf } from './character-data.js';
import { type IdnaClass, precisClass, type PrecisClass } from './classes.js';
import { type Fault, type Part, type PartResult, resultOf, type Rule } from './faults.js';
import { type Character, charactersOf, normalizeC, textOf } from './normalization.js';
import { hasRightToLeft, satisfiesBidiRule, satisfiesContextRule } from './string-rules.js';

const octetsMax = 1023;
// In UTF-16 units: what no mapping makes short enough. The best cases are three units for two octets
// (u U+0308 U+0304 is U+01D6), and `xn--zca.` for the three octets of `ß.`.
const longest: Readonly<Record<Part, number>> = { local: 1534, domain: 4096, resource: 1534 };
const excluded = new Set(Array.from('"&\'/:<>@', (text) => text.charCodeAt(0)));

export interface StrictOption {
  /** RFC 8265 read to the letter: the classes are also asked before case and normalization. */
  readonly strict?: boolean;
}

/** `start` is where the part begins in the caller's string. */
export function prepareLocal(source: string, start = 0, { strict }: StrictOption = {}): PartResult {
  const early = checkSource(source, start, 'local');
  if (early !== undefined) return early;
  const wide = mapCharacters(charactersOf(source, start), widthMappingOf);
  const faults = strict === true ? classFaults(wide, precisClass, ['PVALID']) : [];
  const result = normalizeC(mapCharacters(wide, lowerCaseOf));
  const codePoints = codePointsOf(result);
  if (hasRightToLeft(codePoints) && !satisfiesBidiRule(codePoints)) faults.push({ rule: 'bidi' });
  faults.push(...classFaults(result, precisClass, ['PVALID']));
  for (const { codePoint, written, index } of result) {
    if (excluded.has(codePoint)) faults.push({ rule: 'excluded', codePoint: written, index });
  }
  faults.push(...lengthFaults(textOf(result), start));
  return resultOf(textOf(result), faults);
}

export function prepareResource(
  source: string,
  start = 0,
  { strict }: StrictOption = {},
): PartResult {
  const early = checkSource(source, start, 'resource');
  if (early !== undefined) return early;
  const characters = charactersOf(source, start);
  const allowed: PrecisClass[] = ['PVALID', 'FREE'];
  const spaced = mapCharacters(characters, (codePoint) =>
    generalCategory.of(codePoint) === 'Zs' ? [0x20] : undefined,
  );
  const result = normalizeC(spaced);
  return resultOf(textOf(result), [
    ...(strict === true ? classFaults(characters, precisClass, allowed) : []),
    ...classFaults(result, precisClass, allowed),
    ...lengthFaults(textOf(result), start),
  ]);
}

/** What is wrong before any mapping: nothing there, too long however it may shrink, no Unicode. */
export function checkSource(source: string, start: number, part: Part): PartResult | undefined {
  if (source === '') return { ok: false, faults: [{ rule: `empty-${part}`, index: start }] };
  // Refused before anything in it is looked at.
  if (source.length > longest[part]) {
    return { ok: false, faults: [{ rule: 'too-long', index: start }] };
  }
  const lone = charactersOf(source, start).filter(
    ({ codePoint }) => codePoint >= 0xd800 && codePoint <= 0xdfff,
  );
  const faults = lone.map(({ codePoint, index }): Fault => ({ rule: 'utf', codePoint, index }));
  return faults.length === 0 ? undefined : resultOf('', faults);
}

/** A code point without a mapping stays as it is. */
export function mapCharacters(
  characters: readonly Character[],
  mapping: (codePoint: number) => readonly number[] | undefined,
): Character[] {
  const result: Character[] = [];
  for (const character of characters) {
    const mapped = mapping(character.codePoint);
    if (mapped === undefined) result.push(character);
    else for (const codePoint of mapped) result.push({ ...character, codePoint });
  }
  return result;
}

export const codePointsOf = (characters: readonly Character[]): number[] =>
  characters.map(({ codePoint }) => codePoint);

/** A fault for each code point whose class is none of the allowed and whose context is not right. */
export function classFaults(
  characters: readonly Character[],
  classOf: (codePoint: number) => PrecisClass | IdnaClass,
  allowed: readonly PrecisClass[],
): Fault[] {
  const codePoints = codePointsOf(characters);
  return characters.flatMap(({ codePoint, written, index }, place) => {
    const rule = classRule(classOf(codePoint), codePoints, place, allowed);
    return rule === undefined ? [] : [{ rule, codePoint: written, index }];
  });
}

function classRule(
  name: PrecisClass,
  codePoints: readonly number[],
  place: number,
  allowed: readonly PrecisClass[],
): Rule | undefined {
  if (allowed.includes(name)) return undefined;
  if (name === 'UNASSIGNED') return 'unassigned';
  if (name !== 'CONTEXTJ' && name !== 'CONTEXTO') return 'disallowed';
  return satisfiesContextRule(codePoints, place) ? undefined : 'context';
}

export function lengthFaults(text: string, start: number): Fault[] {
  return octetLength(text) > octetsMax ? [{ rule: 'too-long', index: start }] : [];
}

/** Of its UTF-8: RFC 3629, section 3. */
function octetLength(text: string): number {
  let length = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    length += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
  return length;
}
