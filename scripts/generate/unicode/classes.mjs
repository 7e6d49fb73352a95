/*
 * Derives the PRECIS class of every code point (RFC 8264, section 8) and its IDNA2008 class
 * (RFC 5892, section 3) from the database. In both the first rule that matches decides.
 *
 * BackwardCompatible is empty in every version so far, and is left out.
 */
import { codePointCount, hex } from './files.mjs';
import { normalizers } from './normalization.mjs';

export const classNames = ['PVALID', 'FREE', 'CONTEXTJ', 'CONTEXTO', 'UNASSIGNED', 'DISALLOWED'];
export const [Pvalid, Free, ContextJ, ContextO, Unassigned, Disallowed] = classNames.keys();

/** RFC 5892, section 2.6, and RFC 8264, section 9.6: the same list. */
const exceptions = new Map([
  ...[0xdf, 0x3c2, 0x6fd, 0x6fe, 0xf0b, 0x3007].map((c) => [c, Pvalid]),
  ...[0xb7, 0x375, 0x5f3, 0x5f4, 0x30fb].map((c) => [c, ContextO]),
  ...span(0x660, 0x66a).map((c) => [c, ContextO]),
  ...span(0x6f0, 0x6fa).map((c) => [c, ContextO]),
  ...[0x640, 0x7fa, 0x302e, 0x302f, 0x303b].map((c) => [c, Disallowed]),
  ...span(0x3031, 0x3036).map((c) => [c, Disallowed]),
]);

const letterDigits = new Set(['Ll', 'Lu', 'Lo', 'Nd', 'Lm', 'Mn', 'Mc']);
const otherSymbols = new Set(['Lt', 'Nl', 'No', 'Me', 'Zs']);
const oldHangul = new Set(['L', 'V', 'T']);

/** Blocks that RFC 5892, section 2.4, shuts out: combining marks for symbols, two of musical symbols. */
const ignorableBlocks = [
  [0x20d0, 0x2100],
  [0x1d100, 0x1d200],
  [0x1d200, 0x1d250],
];

/** `{ precis, idna }`: a Uint8Array each, indices into `classNames`. */
export function deriveClasses(database) {
  const { nfkc } = normalizers(database);
  const precis = new Uint8Array(codePointCount).fill(Unassigned);
  const idna = new Uint8Array(codePointCount).fill(Unassigned);
  for (let c = 0; c < codePointCount; c++) {
    const category = database.category[c];
    // The exceptions stand above this rule, and are assigned in every version.
    if (category === 'Cn' && database.noncharacter[c] === 0) continue;
    const exception = exceptions.get(c);
    if (exception !== undefined) {
      precis[c] = idna[c] = exception;
      continue;
    }
    // What has neither a mapping nor a case folding is stable; a syllable of Hangul comes apart and
    // together again.
    const hasMapping = database.canonical.has(c) || database.compatible.has(c);
    const normal = hasMapping ? nfkc([c]) : [c];
    const isStable = !hasMapping && !database.fold.has(c);
    const folded = () => normal.flatMap((each) => database.fold.get(each) ?? [each]);
    precis[c] = precisClass(c, category, database, !isSame(normal, c));
    idna[c] = idnaClass(c, category, database, !isStable && !isSame(nfkc(folded()), c));
  }
  return { precis, idna };
}

/** The code points of each class, by name. */
export function totalsOf(classes) {
  const counts = new Uint32Array(classNames.length);
  for (let index = 0; index < classes.length; index++) counts[classes[index]]++;
  return Object.fromEntries(classNames.map((name, index) => [name, counts[index]]));
}

/** The derived IDNA2008 classes must be those of Idna2008.txt, over the whole code space. */
export function checkIdna(idna, oracle) {
  for (let c = 0; c < codePointCount; c++) {
    const derived = classNames[idna[c]];
    if (derived !== oracle[c]) {
      throw new Error(`${hex(c)}: ${derived} by RFC 5892, ${oracle[c]} in Idna2008.txt`);
    }
  }
}

function precisClass(c, category, database, hasCompat) {
  if (c >= 0x21 && c <= 0x7e) return Pvalid;
  if (database.joinControl[c] !== 0) return ContextJ;
  if (oldHangul.has(database.hangul[c])) return Disallowed;
  if (database.defaultIgnorable[c] !== 0 || database.noncharacter[c] !== 0) return Disallowed;
  if (category === 'Cc') return Disallowed;
  if (hasCompat) return Free;
  if (letterDigits.has(category)) return Pvalid;
  return otherSymbols.has(category) || /^[SP]/.test(category) ? Free : Disallowed;
}

function idnaClass(c, category, database, isUnstable) {
  if (c === 0x2d || (c >= 0x30 && c <= 0x39) || (c >= 0x61 && c <= 0x7a)) return Pvalid;
  if (database.joinControl[c] !== 0) return ContextJ;
  if (isUnstable) return Disallowed;
  if (database.defaultIgnorable[c] !== 0 || database.noncharacter[c] !== 0) return Disallowed;
  if (database.whiteSpace[c] !== 0) return Disallowed;
  if (ignorableBlocks.some(([start, end]) => c >= start && c < end)) return Disallowed;
  if (oldHangul.has(database.hangul[c])) return Disallowed;
  return letterDigits.has(category) ? Pvalid : Disallowed;
}

function isSame(sequence, c) {
  return sequence.length === 1 && sequence[0] === c;
}

function span(start, end) {
  return Array.from({ length: end - start }, (_, index) => start + index);
}
