/*
 * The page as static files in dist/page, which `tercet serve --demo` gives out. `tercet` is the checkout's own
 * build; a program elsewhere installs the package and needs no alias.
 */
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

const root = new URL('../../', import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const file = (path) => new URL(path, root).pathname;

export default defineConfig({
  root: import.meta.dirname,
  // Comments that only matter to the compiler are no business of a page.
  logLevel: 'warn',
  resolve: {
    alias: Object.entries(exports)
      .filter(([, target]) => target.default?.endsWith('.js'))
      .map(([name, target]) => ({
        find: new RegExp(`^tercet${name.slice(1)}$`),
        replacement: file(target.default),
      })),
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: file('dist/page'),
    emptyOutDir: true,
    target: 'es2022',
    // No inline scripts: the page runs under a policy that forbids them.
    modulePreload: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
});
