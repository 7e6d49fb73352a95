/** sax in strict mode, without namespaces and positions. */

import sax from 'sax';
import { saxSubject } from './sax-subjects.mjs';

export const { open, attributes } = saxSubject(sax, true);
