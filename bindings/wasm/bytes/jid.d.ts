// jid.js is build output: scripts/build.mjs writes it into dist/ from the compiled core.

/** The wasm file, one character of U+0000 to U+00FF a byte, each combined with `mask` by exclusive or. */
export const characters: string;
export const mask: number;
