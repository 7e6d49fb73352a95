/** The table of the README: the few comparisons that a newcomer asks for. */

import { number, times } from './numbers.mjs';

const lines = [
  [
    'XML to events, 16 KB chunks of chat',
    'tokenizer',
    'chat-16k',
    ['libexpat-ns', 'ltx', 'saxes-ns'],
  ],
  ['the same, 300-byte chunks', 'tokenizer', 'chat-300', ['libexpat-ns', 'ltx', 'saxes-ns']],
  ['the same, wide vocabulary', 'tokenizer', 'varied-16k', ['libexpat-ns', 'ltx', 'saxes-ns']],
  ['XML to stanza trees, 16 KB chunks', 'trees', 'eager-16k', ['ltx', 'saxes-ns', 'stanza']],
  ['the same, one stanza a string', 'frames', 'eager-string', ['ltx', 'stanza']],
  ['six fields of a stanza, 16 KB chunks', 'trees', 'lazy-16k', ['ltx', 'saxes-ns', 'stanza']],
  ['an idle stream', 'streams', 'idle-bytes', ['ltx', 'xmpp-xml']],
  ['an address, normal ASCII', 'jid', 'ascii-bare', ['xmpp-jid-js', 'go-precis']],
  ['the same, decomposed letters', 'jid', 'nfd', ['xmpp-jid-js', 'go-precis']],
  ['the same, A-labels', 'jid', 'idn-a', ['xmpp-jid-js', 'go-precis']],
  ['a stanza routed, 16 KB chunks', 'route', 'route-16k', ['xmpp-js', 'libexpat-ns']],
  ['the WebAssembly module, everything', 'startup', 'wasm-bytes', []],
  ['the parser alone', 'startup', 'wasm-tokenizer-bytes', []],
  ['fresh process to first stanza', 'startup', 'cold-start', []],
];

export function summary(results) {
  const rows = [];
  let source;
  for (const [what, suite, key, peers] of lines) {
    const found = results.get(suite)?.rows.filter((row) => row.case === key) ?? [];
    const own = found.find((row) => row.subject === 'tercet');
    if (own === undefined) continue;
    source ??= results.get(suite);
    const against = peers
      .map((peer) => found.find((row) => row.subject === peer))
      .filter((row) => row !== undefined && row.ratio !== null)
      .map(({ subject, ratio }) => `${times(ratio)} ${subject}`);
    rows.push(`| ${what} | ${number(own.value)} ${own.unit} | ${against.join(', ')} |`);
  }
  if (rows.length === 0) return 'No results yet: `npm run bench -- tokenizer --save`.';
  const { commit, environment } = source;
  return [
    '| what | tercet | times better than |',
    '|---|--:|---|',
    ...rows,
    '',
    `CPU time on ${environment.processor}, Node ${environment.node}, ${environment.date}, commit ${commit}.`,
    'All of it, with charts and what limits each comparison: [docs/benchmarks.md](docs/benchmarks.md).',
  ].join('\n');
}
