/*
 * The tables in the form that the core carries: streams of small numbers, which the core expands when
 * it first meets a character outside ASCII (assembly/text/unicode-tables.ts reads them in this order).
 *
 * What follows from something else is not stored. A mapping says of its source that it maps, and of
 * the second half of a pair that it may compose: those bits of a word are *flips*, and the runs hold
 * the words without them. Of two pairs that differ in case only the upper one is stored.
 */
import { codePointCount } from './files.mjs';
import { Property } from './words.mjs';

/** How many code points have one leaf of the expanded words, as a power of two. */
export const leafShift = 6;

/** The core packs a mapping into one u64: two targets of 18 bits. */
const targetEnd = 1 << 18;

/** `{ streams: { name: bytes }, counts: { name: number } }`. */
export function packOf(database, words) {
  const mappings = mappingsOf(database);
  const pairs = pairsOf(database);
  const stored = storedPairs(pairs, database);
  const seconds = [...new Set(pairs.map(({ second }) => second))].sort((a, b) => a - b);
  const bare = Uint32Array.from(words);
  for (const { source, flip } of [...mappings, ...pairs]) bare[source] ^= flip;
  for (const second of seconds) bare[second] ^= Property.NfcMaybe;

  const dictionary = [...new Set(bare)].sort((a, b) => a - b);
  if (dictionary.length > 256) {
    throw new Error(`${dictionary.length} distinct words; one byte holds 256`);
  }
  const runs = runsOf(bare);
  const kinds = ['lower', 'wide', 'canonical'].map((kind) =>
    rangesOf(mappings.filter((mapping) => mapping.kind === kind)),
  );
  const ranges = kinds.flat();
  return {
    streams: {
      words: varints(steps(dictionary)),
      runValues: runs.map(({ word }) => dictionary.indexOf(word)),
      runLengths: varints(runs.map(({ length }) => length - 1)),
      rangeGaps: varints(kinds.flatMap(gapsOf)),
      rangeCounts: varints(ranges.map(({ count, step }) => (count - 1) * 2 + step - 1)),
      rangeDeltas: varints(kinds.flatMap(deltasOf)),
      seconds: varints(steps(seconds)),
      pairGaps: varints(steps(stored.map(({ source }) => source)).map((step) => step - 1)),
      pairFirsts: varints(signedSteps(stored.map(({ first }) => first))),
      pairSeconds: stored.map(({ second }) => seconds.indexOf(second)),
    },
    counts: {
      Words: dictionary.length,
      Runs: runs.length,
      WideStart: kinds[0].length,
      CanonicalStart: kinds[0].length + kinds[1].length,
      Ranges: ranges.length,
      Seconds: seconds.length,
      Pairs: stored.length,
      Leaves: leafCountOf(bare, words),
      MappingBits: hashBits(mappings.length + pairs.length),
      CompositionBits: hashBits(pairs.filter(({ isPrimary }) => isPrimary).length),
    },
  };
}

/** Mappings to one code point, with the bits of the word that go with each. */
function mappingsOf(database) {
  const single = (map, kind, flip) =>
    [...map]
      .filter(([, targets]) => kind !== 'canonical' || targets.length === 1)
      .sort(([a], [b]) => a - b)
      .map(([source, [target]]) => ({ kind, source, target: checked(target), flip }));
  return [
    // What has a lower case is as a rule no character of a domain name.
    ...single(database.lower, 'lower', Property.Lower ^ Property.IdnaDisallowed),
    ...single(database.wide, 'wide', Property.Width),
    ...single(database.canonical, 'canonical', Property.Decomposes ^ Property.NfcNo),
  ];
}

function pairsOf(database) {
  return [...database.canonical]
    .filter(([, targets]) => targets.length === 2)
    .sort(([a], [b]) => a - b)
    .map(([source, [first, second]]) => ({
      source,
      first: checked(first),
      second: checked(second),
      isPrimary: database.compositionExclusion[source] === 0,
      flip: Property.Decomposes,
    }));
}

function checked(target) {
  if (target >= targetEnd) throw new Error(`a mapping to ${target} does not fit into 18 bits`);
  return target;
}

/**
 * The pairs without those that the core makes itself: where the source has a lower case and that of
 * its first half is another, the lower source has the lower first half and the same second.
 */
function storedPairs(pairs, database) {
  const lowerOf = (c) => database.lower.get(c)?.[0] ?? c;
  const bySource = new Map(pairs.map((pair) => [pair.source, pair]));
  const made = new Set();
  for (const { source, first, second } of pairs) {
    const lower = lowerOf(source);
    if (lower === source || lower === lowerOf(first)) continue;
    const pair = bySource.get(lower);
    if (pair?.first !== lowerOf(first) || pair.second !== second) {
      throw new Error(`the decomposition of ${lower} does not follow from that of ${source}`);
    }
    made.add(lower);
  }
  return pairs.filter(({ source }) => !made.has(source));
}

function runsOf(words) {
  const runs = [];
  for (let start = 0; start < codePointCount;) {
    let end = start + 1;
    while (end < codePointCount && words[end] === words[start]) end++;
    runs.push({ word: words[start], length: end - start });
    start = end;
  }
  return runs;
}

/** Leaves of the expanded words: one a word for blocks that are one word in the runs and stay so, else one a block. */
function leafCountOf(bare, words) {
  const size = 1 << leafShift;
  const shared = new Set();
  let own = 0;
  for (let start = 0; start < codePointCount; start += size) {
    const isUniform = bare.subarray(start, start + size).every((word) => word === bare[start]);
    const isFlipped = bare
      .subarray(start, start + size)
      .some((_, i) => bare[start + i] !== words[start + i]);
    if (isUniform) shared.add(bare[start]);
    if (!isUniform || isFlipped) own++;
  }
  return own + shared.size;
}

/** The size of a hash table as a power of two: at most a quarter of it is used, so that a search ends soon. */
function hashBits(count) {
  return 32 - Math.clz32(count * 4 - 1);
}

/** Joins mappings with the same distance, next to each other or every other code point. */
function rangesOf(mappings) {
  const ranges = [];
  for (let index = 0; index < mappings.length;) {
    const { source, target, kind } = mappings[index];
    const lengthOf = (step) => {
      let count = 1;
      for (; index + count < mappings.length; count++) {
        const next = mappings[index + count];
        if (next.source !== source + count * step || next.target !== target + count * step) break;
      }
      return count;
    };
    const [single, double] = [lengthOf(1), lengthOf(2)];
    const step = double > single ? 2 : 1;
    const count = Math.max(single, double);
    ranges.push({ source, target, count, step, kind });
    index += count;
  }
  return ranges;
}

/** From the code point behind a range to the next one. */
function gapsOf(ranges) {
  let end = 0;
  return ranges.map(({ source, count, step }) => {
    const gap = source - end;
    end = source + (count - 1) * step + 1;
    return gap;
  });
}

/** Cases lie at few distances from their source; canonical targets are near to each other. */
function deltasOf(ranges) {
  let previous = 0;
  return ranges.map(({ source, target, count, step, kind }) => {
    const delta = target - (kind === 'canonical' ? previous : source);
    previous = target + (count - 1) * step;
    return zigzag(delta);
  });
}

function steps(list) {
  return list.map((value, index) => value - (list[index - 1] ?? 0));
}

function signedSteps(list) {
  return steps(list).map(zigzag);
}

function zigzag(value) {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

/** Seven bits a byte, the lowest first; the top bit says that more follow. */
function varints(list) {
  const bytes = [];
  for (let value of list) {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) + 0x80);
    bytes.push(value);
  }
  return bytes;
}
