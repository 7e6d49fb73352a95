/** node-expat: libexpat 2.2.1 behind a native binding, no namespaces. It takes Buffers. */

import expat from 'node-expat';
import { expatSubject } from './sax-subjects.mjs';

export const { open, attributes } = expatSubject(expat.Parser);
