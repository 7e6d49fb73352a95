/*
 * How the tests run. They import the built package by its own name, so `npm test` builds first;
 * modules of dist/ are loaded by Node itself, as a user's program would, not through the transformer.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    // Changes that a watch run cannot see in the graph of imports.
    forceRerunTriggers: ['**/package.json', '**/vitest.config.ts', 'dist/**', 'test/**/*.md'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    server: { deps: { external: [/\/dist\/bindings\//] } },
  },
});
