/**
 * One subject of the jid suite: addresses as strings in, one after the other. A range is a number of passes over all of
 * them.
 *
 * A parse is what the library's own function does with a string, down to one field that every caller reads; nothing of the
 * result is kept. Whether it was taken is counted, too: a library may throw, or take what is none.
 */

import { readFileSync } from 'node:fs';

export async function prepare({ subject, corpus, refuses }) {
  const { parse, check } = await import(`../subjects/jid/${subject}.mjs`);
  const sources = JSON.parse(readFileSync(corpus.path, 'utf8'));
  let taken = 0;
  let read = 0;

  const attempt = (source) => {
    try {
      read += parse(source).length;
      taken++;
    } catch {
      // Refused.
    }
  };
  const passes = {
    parse() {
      for (let index = 0; index < sources.length; index++) read += parse(sources[index]).length;
      taken += sources.length;
    },
    check() {
      for (let index = 0; index < sources.length; index++) if (check(sources[index])) taken++;
    },
    attempt() {
      for (let index = 0; index < sources.length; index++) attempt(sources[index]);
    },
  };
  const pass = refuses ? (check === undefined ? passes.attempt : passes.check) : passes.parse;

  return {
    /** How many of the addresses it takes, and a message of the first that it does not. */
    check() {
      let reason = '';
      const results = sources.map((source) => {
        try {
          return parse(source);
        } catch (error) {
          reason ||= String(error.message ?? error).split('\n')[0];
          return undefined;
        }
      });
      return {
        count: sources.length,
        taken: results.filter((result) => result !== undefined).length,
        reason,
      };
    },
    run(ranges) {
      taken = 0;
      read = 0;
      let count = 0;
      for (const [start, end] of ranges) {
        for (let left = end - start; left > 0; left--) pass();
        count += (end - start) * sources.length;
      }
      return { stanzas: count, taken, read };
    },
  };
}
