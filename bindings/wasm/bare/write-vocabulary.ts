/*
 * The vocabulary in the form in which the core's data has it (assembly/xml/vocabulary.ts), from the strings of the
 * bindings: so a bundle holds it once, and they stay literals, which engines compare by pointer. To be written before
 * the core is opened, which makes its tables from it.
 *
 *     name        length  bytes
 *     namespace   number of its stem  length of the rest  bytes of the rest
 */
import { encoder } from '../../text.js';
import { vocabularyNames, vocabularyNamespaces, vocabularyStems } from '../../vocabulary.js';

export function writeVocabulary(
  { buffer }: WebAssembly.Memory,
  [names, namespaces]: readonly [number, number],
): void {
  const write = (offset: number, entries: readonly string[], form: (entry: string) => string) =>
    // Number 0 means none and is not there.
    encoder.encodeInto(entries.slice(1).map(form).join(''), new Uint8Array(buffer, offset));
  write(names, vocabularyNames, counted);
  write(namespaces, vocabularyNamespaces, stemmed);
}

const counted = (entry: string): string => String.fromCharCode(entry.length) + entry;

function stemmed(entry: string): string {
  // The last stem is '', which every entry begins with and whose number is 0. A callback here would be twice the time.
  let index = 0;
  while (!entry.startsWith(vocabularyStems[index])) index++;
  const rest = entry.slice(vocabularyStems[index].length);
  return String.fromCharCode((index + 1) % vocabularyStems.length, rest.length) + rest;
}
