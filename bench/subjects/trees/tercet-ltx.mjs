/** tercet/compat/ltx in the place of ltx: its SAX class and its elements, put together as in ltx.mjs. */

import { entryUrl } from '../package.mjs';
import { buildTrees } from './ltx-builder.mjs';

const { Element, SaxLtx } = await import(entryUrl('./compat/ltx'));

export function open(onStanza, { framed }) {
  const parser = new SaxLtx();
  buildTrees(parser, Element, onStanza, { framed });
  return {
    write: (chunk) => parser.write(chunk),
    close: () => parser.end(),
  };
}

export { fields, walk } from './ltx-element.mjs';
