/** tercet/compat/xmpp-jid in the place of @xmpp/jid: RFC 7622, and its face of mutable parts. */

import { entryUrl } from '../package.mjs';

const { default: parseJid } = await import(entryUrl('./compat/xmpp-jid'));

export const parse = (source) => parseJid(source).domain;
