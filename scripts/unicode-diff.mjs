/*
 * What another version of Unicode changes for addresses: the rehearsal of a bump.
 *
 *     node scripts/unicode-diff.mjs scripts/data/unicode-17.0.0 <folder>
 *     node scripts/unicode-diff.mjs --pins <folder>      what scripts/data/unicode.json has to say
 *
 * A folder holds the text files of one version (also in extracted/, ucd/ or idna/), or is an unpacked
 * npm package @unicode/unicode-X.Y.Z, of which classes can be derived and tables cannot. Reads
 * without pins and writes nothing. Exit 1 when a class of an assigned code point would change.
 */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkIdna, classNames, deriveClasses, totalsOf } from './generate/unicode/classes.mjs';
import { databaseOf, idnaOracle } from './generate/unicode/database.mjs';
import { codePointCount, hex, readSource, sourceNames } from './generate/unicode/files.mjs';
import { normalizers } from './generate/unicode/normalization.mjs';
import { packageDatabase } from './generate/unicode/package.mjs';
import { packOf } from './generate/unicode/pack.mjs';
import { wordsOf } from './generate/unicode/words.mjs';

/** Files of a version that no table is made from. */
const testNames = ['IdnaTestV2.txt', 'LICENSE', 'NormalizationTest.txt'];

const usage = `node scripts/unicode-diff.mjs <old folder> <new folder>
node scripts/unicode-diff.mjs --pins <folder>`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pins: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help || positionals.length !== (values.pins ? 1 : 2)) {
  console.error(usage);
  process.exitCode = values.help ? 0 : 2;
} else if (values.pins) {
  const version = await readVersion(positionals[0]);
  console.log(JSON.stringify(await pinsOf(version, positionals[0]), null, 2));
} else {
  const older = await readVersion(positionals[0]);
  const newer = await readVersion(positionals[1], older);
  report(older);
  report(newer);
  const count = compare(older, newer);
  process.exitCode = count > 0 ? 1 : 0;
}

/** A version with its derived classes. `base` stands in for what a package does not hold. */
async function readVersion(folder, base) {
  if (existsSync(join(folder, 'General_Category'))) {
    if (base === undefined) throw new Error('a package can only be compared with text files');
    const database = await packageDatabase(folder, base.database);
    return { database, isPartial: true, ...deriveClasses(database) };
  }
  const sources = {};
  const absent = [];
  for (const name of sourceNames) {
    const place = ['', 'extracted', 'ucd', 'ucd/extracted', 'idna']
      .map((each) => join(folder, each, name))
      .find((path) => existsSync(path));
    if (place === undefined) absent.push(name);
    else sources[name] = await readSource(place);
  }
  if (absent.some((name) => name !== 'Idna2008.txt')) {
    throw new Error(`${folder} has no ${absent.join(', ')}`);
  }
  const database = databaseOf(sources);
  return { database, sources, isPartial: false, ...deriveClasses(database) };
}

function report({ database, sources, isPartial, precis, idna }) {
  const form = isPartial
    ? 'a package: combining classes and decompositions stand in'
    : 'text files';
  console.log(`Unicode ${database.version} (${form})`);
  console.log(`  PRECIS  ${countsLine(totalsOf(precis))}`);
  console.log(`  IDNA    ${countsLine(totalsOf(idna))}`);
  if (isPartial) return;
  if (sources['Idna2008.txt'] === undefined) {
    console.log('  Idna2008.txt is not there: the IDNA2008 classes are derived and not confirmed');
  } else {
    checkIdna(idna, idnaOracle(sources['Idna2008.txt'].text));
    console.log('  Idna2008.txt agrees with the derivation');
  }
  const { streams, counts } = packOf(database, wordsOf(database, { precis, idna }));
  const size = Object.values(streams).reduce((sum, bytes) => sum + bytes.length, 0);
  console.log(
    `  tables  ${size} bytes packed, ${counts.Words} of 256 words in ${counts.Runs} runs`,
  );
}

/** Prints what differs; returns how many assigned code points get another class. */
function compare(older, newer) {
  const isAssigned = (c) => older.database.category[c] !== 'Cn';
  const nfcOf = ({ database }) => {
    const { nfc } = normalizers(database);
    return (c) => (database.canonical.has(c) ? nfc([c]).map(hex).join(' ') : hex(c));
  };
  const column = (name) => (version) => (c) => version.database[name][c];
  const map = (name) => (version) => (c) => version.database[name].get(c)?.map(hex).join(' ') ?? '';
  const properties = {
    'PRECIS class':
      ({ precis }) =>
      (c) =>
        classNames[precis[c]],
    'IDNA2008 class':
      ({ idna }) =>
      (c) =>
        classNames[idna[c]],
    'lower case': map('lower'),
    'Bidi class': column('bidi'),
    'joining type': column('joining'),
    script: column('script'),
    category: column('category'),
  };
  if (!newer.isPartial) {
    Object.assign(properties, {
      width: map('wide'),
      NFC: nfcOf,
      'combining class': column('ccc'),
      NFC_QC: column('nfcQuickCheck'),
    });
  }
  console.log(`Assigned in ${older.database.version}, and other in ${newer.database.version}`);
  let classChanges = 0;
  for (const [name, property] of Object.entries(properties)) {
    const [from, to] = [property(older), property(newer)];
    const changes = [];
    for (let c = 0; c < codePointCount; c++) {
      if (isAssigned(c) && from(c) !== to(c)) changes.push(`${hex(c)} ${from(c)} -> ${to(c)}`);
    }
    if (/^(PRECIS|IDNA2008) class$/.test(name)) classChanges += changes.length;
    const shown = changes.slice(0, 16).join(', ');
    console.log(`  ${name.padEnd(16)}${changes.length}${shown && `: ${shown}`}`);
  }
  for (const name of ['precis', 'idna']) {
    const isNew = (_, c) => !isAssigned(c) && newer.database.category[c] !== 'Cn';
    console.log(`New, ${name}: ${countsLine(totalsOf(newer[name].filter(isNew))) || 'none'}`);
  }
  return classChanges;
}

/** What scripts/data/unicode.json says once the folder is the pinned one. */
async function pinsOf({ database, precis }, folder) {
  const sha256 = {};
  for (const name of [...sourceNames, ...testNames].sort()) {
    const path = join(folder, name);
    if (existsSync(path)) sha256[name] = (await readSource(path)).hash;
  }
  const place = `scripts/data/${basename(folder)}`;
  return { folder: place, version: database.version, precis: totalsOf(precis), sha256 };
}

function countsLine(totals) {
  const named = Object.entries(totals).filter(([, count]) => count > 0);
  return named.map(([name, count]) => `${name} ${count.toLocaleString('en')}`).join(', ');
}
