/*
 * Writes the logs of the Markdown cases from the reference tokenizer:
 *
 *     node test/cases/rewrite.mjs            only logs that say `?`
 *     node test/cases/rewrite.mjs --all      every log
 *
 * A person reads the diff: the reference can be wrong too.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importCompiled } from '../fuzz/compile.mjs';

const all = process.argv.includes('--all');
const [{ parseCases }, { runReference }] = await importCompiled(
  'test/cases/case-file',
  'test/reference/run',
);

for (const name of readdirSync(import.meta.dirname).filter((file) => file.endsWith('.md'))) {
  const path = join(import.meta.dirname, name);
  const source = readFileSync(path, 'utf8');
  const logs = parseCases(name, source).map((one) =>
    one.log === '?' || all ? runReference(one) : one.log,
  );
  const rewritten = source.replaceAll(/^```log\n.*?^```$/gmsu, () => {
    const log = logs.shift();
    return log === '' ? '```log\n```' : `\`\`\`log\n${log}\n\`\`\``;
  });
  if (rewritten !== source) writeFileSync(path, rewritten);
}
