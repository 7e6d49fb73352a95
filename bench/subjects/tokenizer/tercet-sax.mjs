/** tercet/compat/sax in the place of sax; it takes bytes. */

import { entryUrl } from '../package.mjs';
import { saxSubject } from './sax-subjects.mjs';

const { default: sax } = await import(entryUrl('./compat/sax'));

export const { open, attributes } = saxSubject(sax, false);
