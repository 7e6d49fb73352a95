// parser-bare.js is build output: scripts/build.mjs writes it into dist/ from the compiled core.

/** The wasm file, one character of U+0000 to U+00FF a byte, with zeros in place of the vocabulary. */
export const characters: string;
/** Where names and namespaces of the vocabulary belong in memory. */
export const offsets: readonly [names: number, namespaces: number];
