/**
 * `xmpp-jid` of npm with the lower-casing that it gives to browsers. Its native stringprep does not compile for a Node of
 * today, and what is left of that module without the native part throws and catches in every call.
 */

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('xmpp-jid/lib/stringprep-browser.js');
require.cache[require.resolve('xmpp-jid/lib/stringprep.js')] =
  require.cache[require.resolve('xmpp-jid/lib/stringprep-browser.js')];
const { JID } = require('xmpp-jid');

export const parse = (source) => new JID(source).full;
