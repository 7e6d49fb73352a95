/**
 * The corpora of the benchmarks: streams of stanzas, generated from a seed and kept in bench/.cache.
 *
 * A corpus is one file: a stream header, then stanzas, never a closing tag. Beside it lie the byte offsets of the
 * stanzas and of segments of about 500 KB that begin and end between stanzas; the runner hands out whole segments.
 * The name of a file contains a hash of the generator's sources, so that a changed generator makes a new file.
 *
 * `xeps` is not generated: it repeats the example stanzas of the XMPP extensions, where ../shared/data/xeps.xml exists.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { chatter, longBodies } from './corpora/chat.mjs';
import { hostile } from './corpora/hostile.mjs';
import { Random } from './corpora/random.mjs';
import { routed } from './corpora/route.mjs';
import { varied } from './corpora/varied.mjs';

export const seed = 6120;
const segmentSize = 500_000;
const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='c4b1a2f09d' from='example.com' to='ana@example.com' version='1.0' xml:lang='en'>`;

const generated = {
  chat: { size: 20_000_000, stanzas: (random) => chatter(random, 'chat') },
  utf8: { size: 20_000_000, stanzas: (random) => chatter(random, 'utf8') },
  big: { size: 20_000_000, stanzas: (random) => longBodies(random) },
  varied: { size: 20_000_000, stanzas: (random) => varied(random) },
  route: { size: 20_000_000, stanzas: (random) => routed(random) },
  hostile: { size: 8_000_000, stanzas: (random) => hostile(random) },
};

const xepsPath = new URL('../../shared/data/xeps.xml', import.meta.url);
const cache = new URL('.cache/corpora/', import.meta.url);

export const corpusNames = [...Object.keys(generated), 'xeps'];

/**
 * The file of a corpus, written if it is not there.
 *
 *     prepareCorpus('chat')   // { name, path, indexPath, headerLength, stanzaCount, size, segments }
 *     prepareCorpus('xeps')   // undefined where the examples are absent
 */
export function prepareCorpus(name) {
  if (name === 'xeps' && !existsSync(xepsPath)) return undefined;
  const base = `${name}-${fingerprint(name)}`;
  const file = new URL(`${base}.xml`, cache);
  const index = new URL(`${base}.json`, cache);
  if (!existsSync(file) || !existsSync(index)) {
    mkdirSync(cache, { recursive: true });
    const corpus = name === 'xeps' ? repeated() : generate(generated[name]);
    writeFileSync(file, corpus.bytes);
    writeFileSync(
      index,
      JSON.stringify({ headerLength: corpus.headerLength, offsets: corpus.offsets }),
    );
  }
  const { headerLength, offsets } = JSON.parse(readFileSync(index, 'utf8'));
  return {
    name,
    path: file.pathname,
    indexPath: index.pathname,
    headerLength,
    stanzaCount: offsets.length - 1,
    size: offsets[offsets.length - 1],
    segments: segmentsOf(offsets),
  };
}

function fingerprint(name) {
  const hash = createHash('sha256').update(String(seed));
  if (name === 'xeps')
    hash.update(readFileSync(xepsPath)).update(readFileSync(new URL(import.meta.url)));
  else {
    const folder = new URL('corpora/', import.meta.url);
    for (const file of readdirSync(folder).sort()) hash.update(readFileSync(new URL(file, folder)));
    hash.update(readFileSync(new URL(import.meta.url)));
  }
  return hash.digest('hex').slice(0, 12);
}

function generate({ size, stanzas }) {
  const bytes = Buffer.allocUnsafe(size + 200_000);
  let length = bytes.write(header);
  const headerLength = length;
  const offsets = [length];
  for (const stanza of stanzas(new Random(seed))) {
    length += bytes.utf8Write(stanza, length);
    offsets.push(length);
    if (length >= size) break;
  }
  return { bytes: bytes.subarray(0, length), headerLength, offsets };
}

/** The example stanzas as often as 20 MB hold them. */
function repeated() {
  const source = readFileSync(xepsPath);
  const bounds = topLevelBounds(source);
  const first = bounds[0];
  const stanzas = source.subarray(first, bounds[bounds.length - 1]);
  const times = Math.ceil(20_000_000 / stanzas.length);
  const head = Buffer.from(`${header}\n`);
  const offsets = [head.length];
  for (let round = 0; round < times; round++) {
    for (const bound of bounds.slice(1))
      offsets.push(head.length + round * stanzas.length + bound - first);
  }
  return {
    bytes: Buffer.concat([head, ...Array.from({ length: times }, () => stanzas)]),
    headerLength: head.length,
    offsets,
  };
}

/**
 * Where the children of the root begin, and where the last one ends; white space between two belongs to the first.
 * Enough XML for a file that is known to be well-formed and free of comments: tags, quotes, CDATA.
 */
function topLevelBounds(bytes) {
  const source = bytes.toString('latin1');
  const bounds = [];
  let depth = 0;
  let position = source.indexOf('<stream:stream');
  while (position >= 0) {
    if (source.startsWith('<![CDATA[', position)) {
      position = source.indexOf('<', source.indexOf(']]>', position));
      continue;
    }
    if (source[position + 1] === '/') {
      depth--;
      if (depth === 0) {
        bounds.push(position);
        break;
      }
    } else {
      if (depth === 1) bounds.push(position);
      let end = position + 1;
      for (let quote = ''; quote !== '' || source[end] !== '>'; end++) {
        if (quote !== '') {
          if (source[end] === quote) quote = '';
        } else if (source[end] === '"' || source[end] === "'") quote = source[end];
      }
      if (source[end - 1] !== '/') depth++;
      position = end;
    }
    position = source.indexOf('<', position + 1);
  }
  return bounds;
}

/** Pieces of about 500 KB, cut between stanzas: `{ start, end, stanzaCount }`, bytes from the start of the file. */
function segmentsOf(offsets) {
  const segments = [];
  let first = 0;
  for (let index = 1; index < offsets.length; index++) {
    const length = offsets[index] - offsets[first];
    if (length < segmentSize && index < offsets.length - 1) continue;
    // A short rest would make one round cheaper than the others: it joins the piece before it.
    if (length < segmentSize / 2 && segments.length > 0) first = segments.pop().first;
    segments.push({
      first,
      start: offsets[first],
      end: offsets[index],
      stanzaCount: index - first,
    });
    first = index;
  }
  return segments.map(({ start, end, stanzaCount }) => ({ start, end, stanzaCount }));
}
