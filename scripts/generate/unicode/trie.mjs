/*
 * A trie of three stages over the whole code space: equal blocks are stored once.
 */

const leafSize = 16;
const midSize = 32;

/** `{ top, mid, leaf, dictionary }`: the word of c is dictionary[leaf[mid[top[c >> 9]..]..]]. */
export function trieOf(words) {
  const places = new Map();
  const dictionary = [];
  const indices = new Uint16Array(words.length);
  for (let c = 0; c < words.length; c++) {
    let place = places.get(words[c]);
    if (place === undefined) {
      place = dictionary.length;
      places.set(words[c], place);
      dictionary.push(words[c]);
    }
    indices[c] = place;
  }
  if (dictionary.length > 256) {
    throw new Error(`${dictionary.length} distinct words; one byte holds 256`);
  }
  const leaf = blocksOf(indices, leafSize);
  const mid = blocksOf(leaf.places, midSize);
  if (mid.count > 256) throw new Error(`${mid.count} blocks in the middle; one byte holds 256`);
  return { top: mid.places, mid: mid.values, leaf: leaf.values, dictionary };
}

/** Cuts a list into blocks; equal blocks get one place. */
function blocksOf(list, size) {
  const known = new Map();
  const places = [];
  const values = [];
  for (let start = 0; start < list.length; start += size) {
    const block = [...list.slice(start, start + size)];
    const key = block.join();
    let place = known.get(key);
    if (place === undefined) {
      place = known.size;
      known.set(key, place);
      values.push(...block);
    }
    places.push(place);
  }
  return { places, values, count: known.size };
}
