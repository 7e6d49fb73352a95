/*
 * node test/fuzz/keep.mjs build/findings/xml-1a2b3c4d.md "A sentence about the behaviour"
 *
 * Puts a finding into test/cases/found.md, one about addresses into test/cases/jid/found.md, named by its
 * hash and the sentence. Its log is the reference's: read it before you commit.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [source, sentence = 'found by the fuzzer'] = process.argv.slice(2);
const folder = basename(source).startsWith('jid-') ? '../cases/jid' : '../cases';
const path = join(import.meta.dirname, folder, 'found.md');
if (!existsSync(path)) {
  writeFileSync(
    path,
    '# Found by the fuzzer\n\nEach was a bug of the core once, and is named by its hash.\n',
  );
}
const hash = basename(source, '.md').replace(/^\w+-/u, '');
const text = readFileSync(source, 'utf8').replace(/^## .*$/mu, () => `## ${hash}: ${sentence}`);
appendFileSync(path, `\n${text}`);
