/*
 * The command `tercet` on Bun and Deno, whose standard streams are not Node's.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './bundle.js';
import { runtimes } from './runtimes.js';

const main = join(root, 'dist/bindings/cli/main.js');

describe.each(['Bun', 'Deno'])('on %s', (name) => {
  const { absence, command } = runtimes.find((each) => each.name === name) ?? {};
  const inRuntime = test.skipIf(command === undefined);
  const skipped = command === undefined ? ` (skipped: ${absence ?? ''})` : '';
  const run = (parameters: readonly string[], input: string) => {
    const [program = '', ...flags] = command ?? [];
    const { stdout, status } = spawnSync(program, [...flags, main, ...parameters], {
      input,
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    return { stdout, status };
  };

  inRuntime(`what is piped in is read to its end${skipped}`, () => {
    const addresses = Array.from({ length: 20_000 }, (_, index) => `user${index}@example.com`);
    const { stdout, status } = run(['jid'], `${addresses.join('\n')}\n`);
    expect(stdout.split('\n').filter((line) => line.includes('@'))).toEqual(addresses);
    expect(status).toBe(0);
  });

  inRuntime(`a stream that goes wrong is told, and the exit says so${skipped}`, () => {
    const stream =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    const { stdout, status } = run(['inspect'], `${stream}<message/><a b=c`);
    expect(stdout).toContain('stanza  <message xmlns="jabber:client"/>');
    expect(stdout).toContain('error   xml-attribute-invalid not-well-formed');
    expect(status).toBe(1);
  });
});
