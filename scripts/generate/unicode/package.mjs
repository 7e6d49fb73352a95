/*
 * A rehearsal's view of a version that exists as the npm package @unicode/unicode-X.Y.Z before its
 * text files are at hand: categories, Bidi classes, joining types, scripts, case and binary properties.
 *
 * The package has no combining classes, no decompositions and no IDNA2008 classes. Those of `base`,
 * an older version, stand in: what is assigned keeps them (Unicode's stability policy). A new code
 * point counts as one with a compatibility mapping where Changes_When_NFKC_Casefolded is not
 * explained by case or by Default_Ignorable. Good for classes, not for tables.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codePointCount } from './files.mjs';

const categories = {
  Uppercase_Letter: 'Lu',
  Lowercase_Letter: 'Ll',
  Titlecase_Letter: 'Lt',
  Modifier_Letter: 'Lm',
  Other_Letter: 'Lo',
  Nonspacing_Mark: 'Mn',
  Spacing_Mark: 'Mc',
  Enclosing_Mark: 'Me',
  Decimal_Number: 'Nd',
  Letter_Number: 'Nl',
  Other_Number: 'No',
  Connector_Punctuation: 'Pc',
  Dash_Punctuation: 'Pd',
  Open_Punctuation: 'Ps',
  Close_Punctuation: 'Pe',
  Initial_Punctuation: 'Pi',
  Final_Punctuation: 'Pf',
  Other_Punctuation: 'Po',
  Math_Symbol: 'Sm',
  Currency_Symbol: 'Sc',
  Modifier_Symbol: 'Sk',
  Other_Symbol: 'So',
  Space_Separator: 'Zs',
  Line_Separator: 'Zl',
  Paragraph_Separator: 'Zp',
  Control: 'Cc',
  Format: 'Cf',
  Surrogate: 'Cs',
  Private_Use: 'Co',
  Unassigned: 'Cn',
};
const bidiClasses = {
  Left_To_Right: 'L',
  Right_To_Left: 'R',
  Arabic_Letter: 'AL',
  European_Number: 'EN',
  European_Separator: 'ES',
  European_Terminator: 'ET',
  Arabic_Number: 'AN',
  Common_Separator: 'CS',
  Nonspacing_Mark: 'NSM',
  Boundary_Neutral: 'BN',
  Paragraph_Separator: 'B',
  Segment_Separator: 'S',
  White_Space: 'WS',
  Other_Neutral: 'ON',
  Left_To_Right_Embedding: 'LRE',
  Left_To_Right_Override: 'LRO',
  Right_To_Left_Embedding: 'RLE',
  Right_To_Left_Override: 'RLO',
  Pop_Directional_Format: 'PDF',
  Left_To_Right_Isolate: 'LRI',
  Right_To_Left_Isolate: 'RLI',
  First_Strong_Isolate: 'FSI',
  Pop_Directional_Isolate: 'PDI',
};
const joiningTypes = {
  Non_Joining: 'U',
  Join_Causing: 'C',
  Dual_Joining: 'D',
  Left_Joining: 'L',
  Right_Joining: 'R',
  Transparent: 'T',
};

/** The database of an unpacked package, with `base` for what it does not hold. */
export async function packageDatabase(folder, base) {
  const { name } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const category = await property(folder, 'General_Category', categories);
  const flags = (flag) => members(folder, `Binary_Property/${flag}`);
  const database = {
    ...base,
    version: name.replace('@unicode/unicode-', ''),
    category,
    bidi: await property(folder, 'Bidi_Class', bidiClasses, base.bidi),
    joining: await property(folder, 'Joining_Type', joiningTypes, joiningByCategory(category)),
    script: await property(folder, 'Script', undefined),
    lower: new Map([
      ...(await mapping(folder, 'Simple_Case_Mapping/Lowercase')),
      ...(await mapping(folder, 'Special_Casing/Lowercase')),
    ]),
    fold: new Map([
      ...(await mapping(folder, 'Case_Folding/C')),
      ...(await mapping(folder, 'Case_Folding/F')),
    ]),
    joinControl: await flags('Join_Control'),
    whiteSpace: await flags('White_Space'),
    noncharacter: await flags('Noncharacter_Code_Point'),
    defaultIgnorable: await flags('Default_Ignorable_Code_Point'),
    compatible: new Map(base.compatible),
  };
  for (const [c, targets] of database.lower) {
    if (targets.length === 1 && targets[0] === c) database.lower.delete(c);
  }
  const isChanged = await flags('Changes_When_NFKC_Casefolded');
  for (let c = 0; c < codePointCount; c++) {
    const isNew = base.category[c] === 'Cn' && category[c] !== 'Cn';
    const isExplained = database.fold.has(c) || database.defaultIgnorable[c] !== 0;
    if (isNew && isChanged[c] !== 0 && !isExplained) database.compatible.set(c, [0xfffd]);
  }
  return database;
}

/** One value a code point, from the folders of a property; one in no folder has that of `others`. */
async function property(folder, name, shortNames, others = new Array(codePointCount)) {
  const found = [...others];
  const entries = await readdir(join(folder, name), { withFileTypes: true });
  for (const entry of entries.filter((each) => each.isDirectory())) {
    const value = shortNames === undefined ? entry.name : shortNames[entry.name];
    // Groups of categories ('Letter') are folders as well.
    if (value === undefined) continue;
    const ranges = await load(folder, `${name}/${entry.name}/ranges.mjs`);
    for (const { begin, end } of ranges) found.fill(value, begin, end);
  }
  if (found.includes(undefined)) throw new Error(`${name} has no value for some code point`);
  return found;
}

/** The package lists what ArabicShaping.txt lists; what that leaves out follows from the category. */
function joiningByCategory(category) {
  return category.map((each) => (['Mn', 'Me', 'Cf'].includes(each) ? 'T' : 'U'));
}

async function members(folder, path) {
  const found = new Uint8Array(codePointCount);
  for (const { begin, end } of await load(folder, `${path}/ranges.mjs`)) found.fill(1, begin, end);
  return found;
}

/** A map from a code point to a list of them. */
async function mapping(folder, path) {
  const map = await load(folder, `${path}/code-points.mjs`);
  return [...map].map(([source, target]) => [source, [target].flat()]);
}

async function load(folder, path) {
  return (await import(pathToFileURL(join(folder, path)).href)).default;
}
