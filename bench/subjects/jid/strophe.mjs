/** strophe.js: cuts at the separators, and that is all. */

import { Strophe } from 'strophe.js';

export const parse = (source) => {
  const local = Strophe.getNodeFromJid(source) ?? '';
  const resource = Strophe.getResourceFromJid(source) ?? '';
  return local + Strophe.getDomainFromJid(source) + resource;
};
