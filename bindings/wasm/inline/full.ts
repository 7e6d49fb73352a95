/*
 * Everything, from embedded bytes.
 */
import { characters } from '../bytes/full.js';
import { compiler } from '../compile.js';

export const wasmModule = /* @__PURE__ */ compiler(characters);
