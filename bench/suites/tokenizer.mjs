/** Bytes in, events out: how fast XML is taken apart, for several sizes of chunk and kinds of text. */

import { corpusSuite } from './corpus-suite.mjs';

const tokens = (corpus, chunk, extra) => ({ corpus, chunk, mode: 'tokens', ...extra });

export const suite = corpusSuite({
  name: 'tokenizer',
  driver: 'tokenizer',
  subjects: [
    'tercet',
    'tercet-sax',
    'tercet-saxes-ns',
    'tercet-node-expat',
    'libexpat-ns',
    'pugixml',
    'ltx',
    'saxes-ns',
    'sax',
    'easysax',
    'node-expat',
    'sax-wasm',
    'htmlparser2',
  ],
  metric: 'CPU throughput',
  unit: 'MB/s',
  cases: {
    'chat-16k': tokens('chat', 16384),
    'chat-1400': tokens('chat', 1400),
    'chat-300': tokens('chat', 300),
    'varied-16k': tokens('varied', 16384),
    'xeps-16k': tokens('xeps', 16384),
    'utf8-16k': tokens('utf8', 16384),
    'big-16k': tokens('big', 16384),
    // Only when it is named: `--cases hostile-16k`.
    'hostile-16k': tokens('hostile', 16384, {
      optional: true,
      without: { easysax: 'reads no names outside ASCII' },
    }),
  },
});
