/*
 * Writes the logs of the Markdown cases of addresses from the reference:
 *
 *     node test/jid/rewrite.mjs            only logs that say `?`
 *     node test/jid/rewrite.mjs --all      every log
 *
 * A person reads the diff: the reference can be wrong too.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importCompiled } from '../fuzz/compile.mjs';

const all = process.argv.includes('--all');
const folder = join(import.meta.dirname, '../cases/jid');
const [{ parseJidCases }, { reference, runCase }] = await importCompiled(
  'test/jid/case-file',
  'test/jid/log',
);

for (const name of readdirSync(folder).filter((file) => file.endsWith('.md'))) {
  const path = join(folder, name);
  const source = readFileSync(path, 'utf8');
  const logs = parseJidCases(name, source).map((one) =>
    all || one.log[0] === '?' ? runCase(reference, one) : one.log,
  );
  const rewritten = source.replaceAll(/^```log\n.*?^```$/gmsu, () => {
    const log = logs.shift();
    return `\`\`\`log\n${log.join('\n')}\n\`\`\``;
  });
  if (rewritten !== source) writeFileSync(path, rewritten);
}
