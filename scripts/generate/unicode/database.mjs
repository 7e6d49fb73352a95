/*
 * The properties of every code point that the tables and the derivations need, from the text files.
 *
 * Arrays hold one entry a code point; the lists of names give the entries a meaning. The engine that
 * runs this is never asked about Unicode: no \p{...}, no normalize(), no toLowerCase().
 */
import { codePointCount, codePoints, dataRows, hex, missingRows, rows } from './files.mjs';

/** Builds the database from `{ name: { text } }`. */
export function databaseOf(sources) {
  const text = (name) => sources[name].text;
  const data = dataRows(text('UnicodeData.txt'));
  const core = text('DerivedCoreProperties.txt');
  const properties = text('PropList.txt');
  const normalization = text('DerivedNormalizationProps.txt');
  const compositionExclusion = flags(normalization, 'Full_Composition_Exclusion');
  checkExclusions(text('CompositionExclusions.txt'), compositionExclusion);
  return {
    version: versionOf(text('DerivedCoreProperties.txt')),
    ...columns(data),
    lower: lowerOf(data, text('SpecialCasing.txt')),
    fold: foldOf(text('CaseFolding.txt')),
    bidi: values(text('DerivedBidiClass.txt'), longBidiNames),
    joining: values(text('DerivedJoiningType.txt'), { Non_Joining: 'U' }),
    script: values(text('Scripts.txt'), { Unknown: 'Unknown' }),
    hangul: values(text('HangulSyllableType.txt'), { Not_Applicable: 'NA' }),
    nfcQuickCheck: values(normalization, { Yes: 'Y' }, 'NFC_QC'),
    compositionExclusion,
    joinControl: flags(properties, 'Join_Control'),
    whiteSpace: flags(properties, 'White_Space'),
    noncharacter: flags(properties, 'Noncharacter_Code_Point'),
    defaultIgnorable: flags(core, 'Default_Ignorable_Code_Point'),
  };
}

/** The IDNA2008 classes as Idna2008.txt lists them: an oracle, not an input of the tables. */
export function idnaOracle(text) {
  return values(text, { UNASSIGNED: 'UNASSIGNED' });
}

// The @missing lines of the Bidi classes use long names.
const longBidiNames = {
  Left_To_Right: 'L',
  Right_To_Left: 'R',
  Arabic_Letter: 'AL',
  European_Terminator: 'ET',
  Boundary_Neutral: 'BN',
};

/** '# DerivedCoreProperties-17.0.0.txt' is the first line. */
function versionOf(text) {
  const found = /^# \w+-(\d+\.\d+\.\d+)\.txt$/m.exec(text);
  if (found === null) throw new Error('the first line names no version');
  return found[1];
}

/** General category, combining class, decompositions. */
function columns(data) {
  const category = new Array(codePointCount).fill('Cn');
  const ccc = new Uint8Array(codePointCount);
  const canonical = new Map();
  const compatible = new Map();
  const wide = new Map();
  for (const { start, end, fields } of data) {
    category.fill(fields[2], start, end);
    ccc.fill(Number(fields[3]), start, end);
    const tagged = /^(?:<(\w+)> )?(.*)$/.exec(fields[5]);
    const mapping = codePoints(tagged[2]);
    if (mapping.length === 0) continue;
    const tag = tagged[1];
    (tag === undefined ? canonical : compatible).set(start, mapping);
    if (tag === 'wide' || tag === 'narrow') wide.set(start, mapping);
  }
  return { category, ccc, canonical, compatible, wide };
}

/** Full, unconditional lower case: field 13, above it the lines of SpecialCasing without a condition. */
function lowerOf(data, special) {
  const lower = new Map();
  for (const { start, fields } of data) {
    if (fields[13] !== '') lower.set(start, codePoints(fields[13]));
  }
  for (const { start, fields } of rows(special)) {
    if (fields.length > 4) continue;
    const mapping = codePoints(fields[0]);
    if (mapping.length === 1 && mapping[0] === start) lower.delete(start);
    else lower.set(start, mapping);
  }
  return lower;
}

/** Full case folding: the lines with status C and F. */
function foldOf(text) {
  const fold = new Map();
  for (const { start, fields } of rows(text)) {
    if (fields[0] === 'C' || fields[0] === 'F') fold.set(start, codePoints(fields[1]));
  }
  return fold;
}

/** A property with one value a code point: `property` names it in files that hold several. */
function values(text, longNames, property) {
  const column = property === undefined ? 0 : 1;
  const found = new Array(codePointCount).fill(undefined);
  const mine = ({ fields }) => property === undefined || fields[0] === property;
  for (const { start, end, fields } of missingRows(text).filter(mine)) {
    const value = longNames[fields[column]];
    if (value === undefined) throw new Error(`@missing: unknown value ${fields[column]}`);
    found.fill(value, start, end);
  }
  for (const { start, end, fields } of rows(text).filter(mine)) {
    found.fill(fields[column], start, end);
  }
  if (found.includes(undefined)) throw new Error('a property has no value for some code point');
  return found;
}

function flags(text, property) {
  const found = new Uint8Array(codePointCount);
  let count = 0;
  for (const { start, end, fields } of rows(text)) {
    if (fields[0] !== property || fields.length > 1) continue;
    found.fill(1, start, end);
    count++;
  }
  if (count === 0) throw new Error(`no line has the property ${property}`);
  return found;
}

/** CompositionExclusions.txt lists what cannot be derived; all of it must be in the derived property. */
function checkExclusions(text, derived) {
  for (const { start, end } of rows(text)) {
    for (let c = start; c < end; c++) {
      if (derived[c] === 0)
        throw new Error(`${hex(c)} is excluded and not in the derived property`);
    }
  }
}
