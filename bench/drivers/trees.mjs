/**
 * One subject of the suites `trees` and `frames`: bytes or strings in, stanzas out.
 *
 * `eager`: the whole tree of a stanza exists when it is delivered; then it is dropped. A subject whose elements appear on
 * demand is made to build all of them. `lazy`: six fields are read (name, type, to, from, id, text of the body) and the
 * last 1,000 stanzas are kept, so that they outlive the chunk they came in. A subject without lazy elements builds its
 * tree here too: it is its only way.
 */

import { readFileSync } from 'node:fs';
import { Census } from './census.mjs';
import { Chunks } from './chunks.mjs';

const kept = 1000;
const openFrame = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' version='1.0'/>`;

export async function prepare({ subject, corpus, chunk, reading, input }) {
  const { open, fields, walk, materialise, headerless, opensFrames } = await import(
    `../subjects/trees/${subject}.mjs`
  );
  const source = input === 'chunks' ? new Chunks(corpus, chunk) : new Frames(corpus, input);
  const options = {
    framed: input === 'strings',
    split: input === 'chunks',
    strings: input === 'strings',
  };

  const ring = new Array(kept).fill(undefined);
  let position = 0;
  let stanzas = 0;
  let read = 0;
  let last;
  const onStanza =
    reading === 'lazy'
      ? (stanza) => {
          stanzas++;
          read += fields(stanza);
          ring[position] = stanza;
          position = position + 1 === kept ? 0 : position + 1;
        }
      : materialise === undefined
        ? (stanza) => {
            stanzas++;
            last = stanza;
          }
        : (stanza) => {
            stanzas++;
            read += materialise(stanza);
            last = stanza;
          };

  const feed = (receiver, pieces) => {
    const parser = open(receiver, options);
    if (input === 'strings') {
      if (opensFrames) parser.write(openFrame);
    } else if (!headerless) parser.write(source.header);
    for (let index = 0; index < pieces.length; index++) parser.write(pieces[index]);
    parser.close?.();
  };

  return {
    check(ranges) {
      const census = new Census((found) => found);
      for (const range of ranges)
        feed((stanza) => {
          census.reset(1);
          walk(stanza, census);
        }, source.of(range));
      return census.counts;
    },
    load(ranges) {
      for (const range of ranges) source.of(range);
    },
    run(ranges) {
      stanzas = 0;
      for (const range of ranges) feed(onStanza, source.of(range));
      return { bytes: source.bytes(ranges), stanzas, read, last: last === undefined ? 0 : 1 };
    },
  };
}

/** Segments of a corpus as one Buffer or one string a stanza. */
class Frames {
  #bytes;
  #offsets;
  #strings;
  #cut = new Map();

  constructor(corpus, input) {
    this.#bytes = readFileSync(corpus.path);
    this.#offsets = JSON.parse(readFileSync(corpus.indexPath, 'utf8')).offsets;
    this.#strings = input === 'strings';
    this.header = this.#bytes.subarray(0, corpus.headerLength);
  }

  of([start, end]) {
    let frames = this.#cut.get(start);
    if (frames === undefined) {
      frames = [];
      for (let index = this.#offsets.indexOf(start); this.#offsets[index] < end; index++) {
        const bytes = this.#bytes.subarray(this.#offsets[index], this.#offsets[index + 1]);
        frames.push(this.#strings ? asFrame(bytes) : bytes);
      }
      this.#cut.set(start, frames);
    }
    return frames;
  }

  bytes(ranges) {
    return ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  }
}

/** RFC 7395, section 3.3.3: a stanza in a frame declares its own namespace. */
function asFrame(bytes) {
  return bytes
    .toString('utf8')
    .trim()
    .replace(/^<[a-z]+/, "$& xmlns='jabber:client'");
}
