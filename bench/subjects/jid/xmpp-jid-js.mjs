/** `@xmpp/jid` of xmpp.js: RFC 6122's splitting, lower case, and XEP-0106's escaping. */

import parseJid from '@xmpp/jid';

export const parse = (source) => parseJid(source)._domain;
