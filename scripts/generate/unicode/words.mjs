/*
 * One 32-bit word a code point: what the core asks about it at run time.
 *
 * Zero is the common case: PVALID, a starter, stable under NFC, without case or width, Bidi class L.
 * So one mask tells whether a code point needs work in a part. The enums written here are the ones
 * that the core imports; nothing else knows the places of the bits.
 */
import { codePointCount } from './files.mjs';
import { classNames } from './classes.mjs';

export const PrecisClass = {
  Pvalid: 0,
  Free: 1,
  ContextJ: 2,
  ContextO: 3,
  Unassigned: 4,
  Disallowed: 5,
};
export const BidiClass = { L: 0, En: 1, An: 2, R: 3, Neutral: 4, Nsm: 5, Rest: 6 };
export const JoiningType = { None: 0, Left: 1, Right: 2, Dual: 3, Transparent: 4 };
export const ScriptClass = { Other: 0, Greek: 1, Hebrew: 2, Japanese: 3 };

const Property = {
  Class: 0x7,
  IdnaDisallowed: 0x8,
  Lower: 0x10,
  Width: 0x20,
  Space: 0x40,
  NfcMaybe: 0x80,
  NfcNo: 0x100,
  Rtl: 0x200,
  Bidi: 0x1c00,
  BidiShift: 10,
  Mark: 0x2000,
  Joining: 0x1c000,
  JoiningShift: 14,
  Script: 0x60000,
  ScriptShift: 17,
  Decomposes: 0x80000,
  Ccc: 0xff00000,
  CccShift: 20,
};
const nfcWork = Property.NfcMaybe | Property.NfcNo | Property.Ccc;
const mapWork = Property.Lower | Property.Width | Property.Rtl;
Property.LocalWork = Property.Class | mapWork | nfcWork;
Property.ResourceWork = (Property.Class & ~PrecisClass.Free) | Property.Space | nfcWork;
Property.DomainWork = Property.LocalWork | Property.IdnaDisallowed;
export { Property };

const bidiClasses = {
  L: 'L',
  EN: 'En',
  AN: 'An',
  R: 'R',
  AL: 'R',
  NSM: 'Nsm',
  ES: 'Neutral',
  CS: 'Neutral',
  ET: 'Neutral',
  ON: 'Neutral',
  BN: 'Neutral',
};
const joiningTypes = { L: 'Left', R: 'Right', D: 'Dual', T: 'Transparent', U: 'None', C: 'None' };
const scripts = {
  Greek: 'Greek',
  Hebrew: 'Hebrew',
  Hiragana: 'Japanese',
  Katakana: 'Japanese',
  Han: 'Japanese',
};
const quickChecks = { Y: 0, M: Property.NfcMaybe, N: Property.NfcNo };

/** The word of every code point. */
export function wordsOf(database, { precis, idna }) {
  const words = new Uint32Array(codePointCount);
  for (let c = 0; c < codePointCount; c++) {
    const bidi = BidiClass[bidiClasses[database.bidi[c]] ?? 'Rest'];
    let word = precis[c] | (database.ccc[c] << Property.CccShift);
    if (classNames[idna[c]] === 'DISALLOWED') word |= Property.IdnaDisallowed;
    else if (idna[c] !== precis[c])
      throw new Error(`${c}: the IDNA2008 class is none of the word's`);
    if (database.lower.has(c)) word |= Property.Lower;
    if (database.wide.has(c)) word |= Property.Width;
    if (database.category[c] === 'Zs') word |= Property.Space;
    word |= quickChecks[database.nfcQuickCheck[c]];
    if (bidi === BidiClass.R || bidi === BidiClass.An) word |= Property.Rtl;
    word |= bidi << Property.BidiShift;
    if (database.category[c].startsWith('M')) word |= Property.Mark;
    word |= JoiningType[joiningTypes[database.joining[c]]] << Property.JoiningShift;
    word |= ScriptClass[scripts[database.script[c]] ?? 'Other'] << Property.ScriptShift;
    if (database.canonical.has(c)) word |= Property.Decomposes;
    words[c] = word;
  }
  return words;
}
