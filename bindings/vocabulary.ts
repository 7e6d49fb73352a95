/*
 * The static vocabulary as strings: the index is the number that the core uses, 0 means none. It is read
 * from the memory of the first engine, so that a bundle has it once and not twice.
 *
 * Invariant: the lists are full before anything can ask for an entry, for numbers come from engines.
 */

/** Names as they are written, such as `stream:features`. */
export const vocabularyNames: readonly string[] = [''];
/** The same without their prefixes. */
export const vocabularyLocalNames: readonly string[] = [''];
export const vocabularyNamespaces: readonly string[] = [''];

/** The part of a core that has the vocabulary. */
interface VocabularyCore {
  readonly memory: WebAssembly.Memory;
  vocabulary_ptr(list: number): number;
}

/** Reads the vocabulary of an open core, once. */
export function readVocabulary(core: VocabularyCore): void {
  if (vocabularyNames.length > 1) return;
  const names = listOf(core, 0);
  fill(vocabularyNames, names);
  fill(vocabularyLocalNames, names.map(withoutPrefix));
  fill(vocabularyNamespaces, listOf(core, 1));
}

/** The entries of a list, which stand one behind the other. */
function listOf(core: VocabularyCore, list: number): string[] {
  const { buffer } = core.memory;
  const start = core.vocabulary_ptr(list) >>> 2;
  const words = new Uint32Array(buffer);
  const [first, last] = [words[start + 1], words[start + words[start]]];
  const bytes = new Uint8Array(buffer, first, last - first + 256);
  const text = String.fromCharCode.apply(null, bytes as unknown as number[]);
  // Keys of an object are what V8 compares with the names in programs by identity.
  const entries: Record<string, number> = {};
  let place = 0;
  for (let count = words[start]; count > 0; count--) {
    const end = place + 1 + bytes[place];
    entries[text.slice(place + 1, end)] = count;
    place = end;
  }
  return Object.keys(entries);
}

function withoutPrefix(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

const fill = (list: readonly string[], entries: readonly string[]): void => {
  (list as string[]).push(...entries);
};
