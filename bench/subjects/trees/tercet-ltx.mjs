/** tercet/compat/ltx in the place of ltx: its SAX class and its elements, put together as in ltx.mjs. */

import { entryUrl } from '../package.mjs';

const { Element, SaxLtx } = await import(entryUrl('./compat/ltx'));

export function open(onStanza, { framed }) {
  const parser = new SaxLtx();
  let root = null;
  let cursor = null;
  parser.on('startElement', (name, attributes) => {
    const element = new Element(name, attributes);
    if (cursor === null) {
      if (!framed) root = element;
    } else if (cursor !== root) cursor.append(element);
    cursor = element;
  });
  parser.on('endElement', () => {
    if (cursor.parent !== null) {
      cursor = cursor.parent;
      return;
    }
    cursor.parent = root;
    onStanza(cursor);
    cursor = root;
  });
  parser.on('text', (value) => {
    if (cursor !== root) cursor.t(value);
  });
  return {
    write(chunk) {
      parser.write(chunk);
    },
    close() {
      parser.end();
    },
  };
}

export { fields, walk } from './ltx-element.mjs';
