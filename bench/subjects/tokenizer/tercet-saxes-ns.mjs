/** tercet/compat/saxes in the place of saxes; it takes bytes. */

import { entryUrl } from '../package.mjs';
import { saxesSubject } from './sax-subjects.mjs';

const { SaxesParser } = await import(entryUrl('./compat/saxes'));

export const { open, attributes } = saxesSubject(SaxesParser, false);
