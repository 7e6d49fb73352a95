/** tercet/compat/node-expat in the place of node-expat. */

import { entryUrl } from '../package.mjs';
import { expatSubject } from './sax-subjects.mjs';

const { Parser } = await import(entryUrl('./compat/node-expat'));

export const { open, attributes } = expatSubject(Parser);
