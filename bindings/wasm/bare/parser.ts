/*
 * The parser alone, from embedded bytes without the vocabulary: for bundles, which hold it as strings already.
 */
import { compiler } from '../compile.js';
import { characters, offsets } from '../bytes/parser-bare.js';
import { writeVocabulary } from './write-vocabulary.js';

export const wasmModule = /* @__PURE__ */ compiler(characters, 0);

export const fill = (memory: WebAssembly.Memory): void => writeVocabulary(memory, offsets);
