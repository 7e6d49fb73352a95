/** Chunks of a stream in, stanzas out: whole trees, and six fields of stanzas that are kept. */

import { corpusSuite } from './corpus-suite.mjs';

export const suite = corpusSuite({
  name: 'trees',
  hasRuntimes: true,
  driver: 'trees',
  subjects: [
    'tercet',
    'tercet-ltx',
    'tercet-ltx-parser',
    'tercet-xmpp-xml',
    'ltx',
    'ltx-parser',
    'xmpp-xml',
    'saxes-ns',
    'pugixml',
    'stanza',
  ],
  metric: 'CPU time a stanza',
  unit: 'ns',
  cases: {
    'eager-16k': { corpus: 'chat', chunk: 16384, reading: 'eager', input: 'chunks', mode: 'eager' },
    'lazy-16k': { corpus: 'chat', chunk: 16384, reading: 'lazy', input: 'chunks', mode: 'lazy' },
  },
});
