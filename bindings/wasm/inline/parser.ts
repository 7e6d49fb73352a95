/*
 * The parser alone, from embedded bytes.
 */
import { characters, mask } from '../bytes/parser.js';
import type { Fill } from '../builds.js';
import { compiler } from '../compile.js';

export const wasmModule = /* @__PURE__ */ compiler(characters, mask);

/** Nothing is missing. */
export const fill: Fill | undefined = undefined;
