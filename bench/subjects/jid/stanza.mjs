/** stanza: stringprep in JavaScript. */

import jid from 'stanza/JID.js';

export const parse = (source) => jid.parse(source).full;
