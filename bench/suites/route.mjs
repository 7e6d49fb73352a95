/**
 * A client's stream in, bytes for other clients out: parse, look at `to`, find one of 100,000 sessions, set `from`, write.
 *
 * tercet keeps the rules of RFC 6120 and RFC 6121 on the way. libexpat takes the same bytes apart and does nothing
 * with them, so it is not asked what it delivered.
 */

import { corpusSuite } from './corpus-suite.mjs';

export const suite = corpusSuite({
  name: 'route',
  hasRuntimes: true,
  driver: 'route',
  subjects: ['tercet', 'xmpp-js', 'libexpat-ns'],
  unchecked: ['libexpat-ns'],
  metric: 'CPU time a stanza',
  unit: 'ns',
  cases: {
    'route-16k': { corpus: 'route', chunk: 16384 },
    'route-1400': { corpus: 'route', chunk: 1400 },
  },
});
