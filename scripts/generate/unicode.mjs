/*
 * The tables of the JID normaliser, from the text files of one version of Unicode.
 *
 * scripts/data/unicode.json names the folder, the version, the hash of every file and how many code
 * points each PRECIS class has. A file with another hash, a total that is not the pinned one or an
 * IDNA2008 class that Idna2008.txt does not confirm stops the generator. Another version is another
 * folder and another unicode.json; nothing here knows a version.
 *
 * Writes assembly/text/unicode-data.ts.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blockComment } from './header.mjs';
import { checkIdna, classNames, deriveClasses, totalsOf } from './unicode/classes.mjs';
import { databaseOf, idnaOracle } from './unicode/database.mjs';
import { readSources, sourceNames } from './unicode/files.mjs';
import { sourceText } from './unicode/source.mjs';
import { wordsOf } from './unicode/words.mjs';

const input = 'scripts/data/unicode.json';

export default async function generate(root) {
  const pins = JSON.parse(await readFile(join(root, input), 'utf8'));
  const sources = await readSources(join(root, pins.folder), pins.sha256);
  const { database, classes } = derive(sources, pins);
  const { text, size } = sourceText(database, wordsOf(database, classes));
  const header = blockComment({
    what: `The tables of Unicode ${pins.version} for addresses; unicode-tables.ts reads them.`,
    script: 'scripts/generate/unicode.mjs',
    sources: sourceNames.map((name) => `${pins.folder}/${name}\n  sha256 ${sources[name].hash}`),
    size: `${size} bytes of data`,
  });
  return { 'assembly/text/unicode-data.ts': `${header}\n${text}` };
}

/** The database and the classes, once they are what `pins` and Idna2008.txt say. */
export function derive(sources, pins) {
  const database = databaseOf(sources);
  if (database.version !== pins.version) {
    throw new Error(`the files are of Unicode ${database.version}, not ${pins.version}`);
  }
  const classes = deriveClasses(database);
  const totals = totalsOf(classes.precis);
  for (const name of classNames) {
    if (totals[name] !== pins.precis[name]) {
      throw new Error(`${name}: ${totals[name]} code points, and ${pins.precis[name]} are pinned`);
    }
  }
  checkIdna(classes.idna, idnaOracle(sources['Idna2008.txt'].text));
  return { database, classes };
}
