/*
 * The public Jid of the built package as a subject of the cases.
 */

import { Jid, JidError } from 'tercet/jid';
import { failureLine, partsLine, quote, type Subject } from './log.js';

const attempt = (work: () => string): string => {
  try {
    return work();
  } catch (error) {
    if (error instanceof JidError) return failureLine(error);
    throw error;
  }
};

/** The public Jid. */
export const face: Subject = {
  jid(text, { allowUnderscore = false, strict = false }) {
    const options = { allowUnderscore, ...(strict && { strict: 'rfc8265' as const }) };
    const result = Jid.check(text, options);
    return result.ok ? partsLine(result.jid) : failureLine(result.error);
  },
  ascii: (text) => attempt(() => quote(Jid.parse(text).toAscii())),
  escape: (text) => attempt(() => quote(Jid.escapeLocal(text))),
  unescape: (text) => quote(Jid.unescapeLocal(text)),
  canonical(text) {
    const result = Jid.check(text);
    return result.ok ? result.jid.toString() : undefined;
  },
};
