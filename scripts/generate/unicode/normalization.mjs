/*
 * Normalization forms of short sequences for the derivations, by UAX #15 and the database alone.
 * Offline and simple; the core has its own, and shares nothing with this but the data.
 */

const hangul = { S: 0xac00, L: 0x1100, V: 0x1161, T: 0x11a7, lCount: 19, vCount: 21, tCount: 28 };
const { lCount, vCount, tCount } = hangul;

/** `{ nfc, nfkc }`, each from an array of code points to another. */
export function normalizers(database) {
  const compositions = compositionsOf(database);
  const form = (mappings) => (sequence) => {
    const decomposed = [];
    for (const c of sequence) decompose(c, mappings, decomposed);
    reorder(decomposed, database.ccc);
    return compose(decomposed, compositions, database.ccc);
  };
  return {
    nfc: form([database.canonical]),
    nfkc: form([database.canonical, database.compatible]),
  };
}

/** Primary composites: `first * 2^21 + second` to the composite. */
export function compositionsOf({ canonical, compositionExclusion }) {
  const compositions = new Map();
  for (const [c, [first, second]] of canonical) {
    if (second !== undefined && compositionExclusion[c] === 0) {
      compositions.set(pairKey(first, second), c);
    }
  }
  return compositions;
}

function pairKey(first, second) {
  return first * 0x200000 + second;
}

function decompose(c, mappings, target) {
  const index = c - hangul.S;
  if (index >= 0 && index < lCount * vCount * tCount) {
    target.push(hangul.L + Math.floor(index / (vCount * tCount)));
    target.push(hangul.V + (Math.floor(index / tCount) % vCount));
    if (index % tCount !== 0) target.push(hangul.T + (index % tCount));
    return;
  }
  const mapping = mappings.map((each) => each.get(c)).find((each) => each !== undefined);
  if (mapping === undefined) target.push(c);
  else for (const each of mapping) decompose(each, mappings, target);
}

/** Canonical ordering: a stable sort of each run of non-starters. */
function reorder(sequence, ccc) {
  for (let i = 1; i < sequence.length; i++) {
    const c = sequence[i];
    if (ccc[c] === 0) continue;
    let j = i;
    for (; j > 0 && ccc[sequence[j - 1]] > ccc[c]; j--) sequence[j] = sequence[j - 1];
    sequence[j] = c;
  }
}

function compose(sequence, compositions, ccc) {
  const target = [];
  let starter = -1;
  let lastClass = 0;
  for (const c of sequence) {
    const isAdjacent = starter === target.length - 1;
    const isBlocked = !isAdjacent && lastClass >= ccc[c];
    const composite =
      starter < 0 || isBlocked ? undefined : composePair(target[starter], c, compositions);
    if (composite !== undefined) {
      target[starter] = composite;
      continue;
    }
    if (ccc[c] === 0) starter = target.length;
    lastClass = ccc[c];
    target.push(c);
  }
  return target;
}

function composePair(first, second, compositions) {
  const l = first - hangul.L;
  const v = second - hangul.V;
  if (l >= 0 && l < lCount && v >= 0 && v < vCount) return hangul.S + (l * vCount + v) * tCount;
  const lv = first - hangul.S;
  const t = second - hangul.T;
  if (lv >= 0 && lv < lCount * vCount * tCount && lv % tCount === 0 && t > 0 && t < tCount) {
    return first + t;
  }
  return compositions.get(pairKey(first, second));
}
