/** tercet/compat/ltx in the place of ltx: its parse, a stanza a call. */

import { entryUrl } from '../package.mjs';

const { parse } = await import(entryUrl('./compat/ltx'));

export const open = (onStanza) => ({ write: (frame) => onStanza(parse(frame)) });

/** Each frame is a document of its own. */
export const headerless = true;

export { fields, walk } from './ltx-element.mjs';
