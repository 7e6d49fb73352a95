/**
 * One subject of the streams suite: many open streams, one frame at a time.
 *
 * A frame is one stanza of `chat`. The phases feed the same frames:
 *
 *     one     all of them on one stream
 *     many    one on each of 100,000 streams, in random order
 *     split   20,000 of the streams, a frame in two pieces: first the front halves on all of them, then the rest, so
 *             that 20,000 unfinished stanzas are kept at once
 *     idle    not timed: memory of an open stream after its header
 */

import { readFileSync } from 'node:fs';
import { Random } from '../corpora/random.mjs';

export async function prepare({ subject, corpus, streamCount, splitCount }) {
  const { open, feed, tally, memory } = await import(`../subjects/streams/${subject}.mjs`);
  const bytes = readFileSync(corpus.path);
  const { offsets } = JSON.parse(readFileSync(corpus.indexPath, 'utf8'));
  const header = bytes.subarray(0, corpus.headerLength);

  const openStream = () => {
    const stream = open();
    feed(stream, header);
    return stream;
  };

  const frames = Array.from({ length: streamCount }, (_, index) => {
    const stanza = index % (offsets.length - 1);
    return bytes.subarray(offsets[stanza], offsets[stanza + 1]);
  });
  const halves = frames.slice(0, splitCount).map((frame) => {
    let middle = frame.length >> 1;
    // Not inside a character: a parser of strings would need a decoder for each stream.
    while ((frame[middle] & 0xc0) === 0x80) middle++;
    return [frame.subarray(0, middle), frame.subarray(middle)];
  });
  const random = new Random(100);
  const order = random.shuffled(frames.keys());
  const firstHalves = random.shuffled(halves.keys());
  const secondHalves = random.shuffled(halves.keys());
  let single;
  let streams;

  const phases = {
    one() {
      for (let index = 0; index < frames.length; index++) feed(single, frames[index]);
    },
    many() {
      for (let index = 0; index < order.length; index++) feed(streams[order[index]], frames[index]);
    },
    split() {
      for (const [half, order] of [firstHalves, secondHalves].entries()) {
        for (let index = 0; index < order.length; index++) {
          const stream = order[index];
          feed(streams[stream], halves[stream][half]);
        }
      }
    },
  };

  return {
    /** Bytes of memory for each open stream, over 10,000 of them. */
    check() {
      if (memory !== undefined) return { idle: memory(openStream, streamCount) };
      const kept = Array.from({ length: 1000 }, openStream);
      globalThis.gc();
      const before = process.memoryUsage().heapUsed;
      for (let index = 0; index < 10_000; index++) kept.push(openStream());
      globalThis.gc();
      const after = process.memoryUsage().heapUsed;
      return { idle: (after - before) / (kept.length - 1000) };
    },
    load(order) {
      if (order === 'one') single ??= openStream();
      else streams ??= Array.from({ length: streamCount }, openStream);
    },
    run(order) {
      const before = tally.stanzas;
      phases[order]();
      return { stanzas: tally.stanzas - before };
    },
  };
}
