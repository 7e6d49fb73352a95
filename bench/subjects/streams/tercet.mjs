/** Many streams in one instance of the core: a handle each, one memory for all. */

import { countStanzas, feedStream, memorySize, openStream } from '../tercet-engine.mjs';

export const tally = { stanzas: 0 };

export const open = openStream;

export function feed(handle, chunk) {
  const length = feedStream(handle, chunk);
  if (length > 0) tally.stanzas += countStanzas(length);
}

/**
 * Linear memory for each stream; there is nothing in JavaScript but its handle, a number. Memory grows in steps, so the
 * streams are counted from one growth to a later one.
 */
export function memory(openAndFeed, count) {
  const untilGrowth = () => {
    const size = memorySize();
    for (let opened = 1; ; opened++) {
      openAndFeed();
      if (memorySize() > size) return opened;
    }
  };
  untilGrowth();
  const before = memorySize();
  let opened = 0;
  while (opened < count) opened += untilGrowth();
  return (memorySize() - before) / opened;
}
