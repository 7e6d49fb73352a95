/*
 * For runtimes that have modules of CommonJS: `require` gives the same classes as `import`.
 */
import { createRequire } from 'node:module';
import type { Jid } from 'tercet';
import { expectSame, type Check } from '../check.js';

export const requires: readonly Check[] = [
  {
    name: 'require()',
    run() {
      const required = createRequire(import.meta.url)('tercet') as { Jid: typeof Jid };
      expectSame(required.Jid.parse('A@b').toString(), 'a@b', 'an address');
      return 'a@b';
    },
  },
];
