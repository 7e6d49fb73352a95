/** tercet/compat/ltx in the place of ltx: its Parser, used as in ltx-parser.mjs. */

import { entryUrl } from '../package.mjs';
import { treeOf } from './ltx-element.mjs';

const { Parser } = await import(entryUrl('./compat/ltx'));

export function open(onStanza) {
  const parser = treeOf(Parser, onStanza);
  return {
    write: (chunk) => parser.write(chunk),
    close: () => parser.end('</stream:stream>'),
  };
}

export { fields, walk } from './ltx-element.mjs';
