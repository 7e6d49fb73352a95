/*
 * The reference's classes against those of two Python libraries, where Debian's python3-precis-i18n and
 * python3-idna are installed. They know an older Unicode: what they call unassigned is not compared.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { idnaClass, precisClass } from '../reference/jid/classes.js';

const script = fileURLToPath(new URL('python-classes.py', import.meta.url));

function runPython(): string | undefined {
  for (const program of ['python3', '/usr/bin/python3']) {
    const { status, stdout } = spawnSync(program, [script], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (status === 0) return stdout;
  }
  return undefined;
}

const output = runPython();

test.skipIf(output === undefined)(
  `python3-precis-i18n and python3-idna agree${output === undefined ? ' (skipped: not installed)' : ''}`,
  () => {
    const differing: string[] = [];
    let count = 0;
    for (const line of (output ?? '').trim().split('\n')) {
      const [property, first, last, name] = line.split(' ');
      if (name === 'UNASSIGNED' || name === 'NONE') continue;
      const expected = name === 'FREE_PVAL' ? 'FREE' : name;
      const classOf = property === 'idna' ? idnaClass : precisClass;
      for (let codePoint = Number(first); codePoint <= Number(last); codePoint++) {
        count += 1;
        const found = classOf(codePoint);
        if (found !== expected) {
          differing.push(`${property} ${codePoint.toString(16)}: ${found}, not ${expected}`);
        }
      }
    }
    expect(differing).toEqual([]);
    expect(count).toBeGreaterThan(300_000);
  },
);
