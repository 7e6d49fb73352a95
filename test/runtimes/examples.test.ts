/*
 * The examples of Bun and Deno, as they are shown.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './bundle.js';
import { runScript, runtimes } from './runtimes.js';

describe.each(['Bun', 'Deno'])('the example of %s', (name) => {
  const runtime = runtimes.find((each) => each.name === name);
  const command = runtime?.command;
  const skipped = command === undefined ? ` (skipped: ${runtime?.absence ?? ''})` : '';
  test.skipIf(command === undefined)(
    `logs in over STARTTLS and hears itself${skipped}`,
    async () => {
      const script = join(root, `examples/${name.toLowerCase()}/server.mjs`);
      const output = await runScript(command ?? [], script);
      expect(output).toBe(`juliet@localhost/balcony Hello from ${name}\n`);
    },
  );
});
