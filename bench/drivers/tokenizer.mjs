/**
 * One subject of the tokenizer suite: chunks of bytes in, events out.
 *
 * Each segment is a stream of its own: a new parser, the stream header, then the segment in chunks. The chunks are cut
 * before the clock starts, as a socket would have delivered them. Decoding to strings, where a subject needs it, is
 * inside the timing, since all input arrives as bytes.
 */

import { Chunks } from './chunks.mjs';
import { Census } from './census.mjs';

export async function prepare({ subject, corpus, chunk }) {
  const { open, attributes, finish } = await import(`../subjects/tokenizer/${subject}.mjs`);
  const chunks = new Chunks(corpus, chunk);
  const tally = { elements: 0, ends: 0, textLength: 0, attributes: undefined };
  const counting = {
    start(name, found) {
      tally.elements++;
      tally.attributes = found;
    },
    end() {
      tally.ends++;
    },
    text(value) {
      tally.textLength += value.length;
    },
  };

  const feed = (sink, pieces) => {
    const parser = open(sink);
    parser.write(chunks.header);
    for (let index = 0; index < pieces.length; index++) parser.write(pieces[index]);
    parser.close?.();
  };

  return {
    /** Everything a parser can be compared by; slow, and in a process that is never timed. */
    check(ranges) {
      const census = new Census(attributes);
      for (const range of ranges) {
        census.reset();
        feed(census, chunks.of(range));
      }
      return census.counts;
    },
    load(ranges) {
      for (const range of ranges) chunks.of(range);
    },
    run(ranges) {
      tally.elements = 0;
      for (const range of ranges) feed(counting, chunks.of(range));
      finish?.(tally);
      return { bytes: chunks.bytes(ranges), elements: tally.elements };
    },
  };
}
