/*
 * The parser alone, from embedded bytes.
 */
import { characters } from '../bytes/parser.js';
import { compiler } from '../compile.js';

export const wasmModule = /* @__PURE__ */ compiler(characters);
