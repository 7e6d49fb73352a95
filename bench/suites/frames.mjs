/** One stanza a Buffer, as a quiet TCP connection delivers it, or one a string, as a WebSocket does. */

import { corpusSuite } from './corpus-suite.mjs';

export const suite = corpusSuite({
  name: 'frames',
  hasRuntimes: true,
  driver: 'trees',
  subjects: [
    'tercet',
    'tercet-ltx',
    'tercet-ltx-parse',
    'tercet-xmpp-xml',
    'tercet-framed',
    'ltx',
    'ltx-parse',
    'xmpp-xml',
    'xmpp-framed',
    'stanza',
  ],
  metric: 'CPU time a stanza',
  unit: 'ns',
  cases: {
    'eager-buffer': { corpus: 'chat', reading: 'eager', input: 'buffers' },
    'eager-string': { corpus: 'chat', reading: 'eager', input: 'strings' },
    'lazy-buffer': { corpus: 'chat', reading: 'lazy', input: 'buffers' },
    'lazy-string': { corpus: 'chat', reading: 'lazy', input: 'strings' },
  },
});
