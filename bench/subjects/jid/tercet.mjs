/** tercet: `Jid.parse` and its canonical string; what is refused by `Jid.check`, whose error is made when it is read. */

import { entryUrl } from '../package.mjs';

const { Jid } = await import(entryUrl('./jid').href);

export const parse = (source) => Jid.parse(source).toString();

export const check = (source) => Jid.check(source).ok;
