/** tercet/compat/xmpp-xml in the place of @xmpp/xml: its Parser, as xmpp.js uses it over TCP. */

import { entryUrl } from '../package.mjs';
import { stanzasOf } from './ltx-element.mjs';

const { Parser } = await import(entryUrl('./compat/xmpp-xml'));

export function open(onStanza, { framed }) {
  const parser = stanzasOf(Parser, onStanza);
  // This parser delivers children of a root only, so that frames get one.
  if (framed) parser.write('<root>');
  return { write: (chunk) => parser.write(chunk) };
}

export { fields, walk } from './ltx-element.mjs';
