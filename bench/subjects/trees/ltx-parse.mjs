/** ltx's parse, which makes a Parser for each stanza. */

import { parse } from 'ltx';

export const open = (onStanza) => ({ write: (frame) => onStanza(parse(frame)) });

/** Each frame is a document of its own. */
export const headerless = true;

export { fields, walk } from './ltx-element.mjs';
