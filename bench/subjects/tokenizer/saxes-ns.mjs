/** saxes with namespaces, without positions: the most correct streaming parser in JavaScript. */

import { SaxesParser } from 'saxes';
import { saxesSubject } from './sax-subjects.mjs';

export const { open, attributes } = saxesSubject(SaxesParser, true);
