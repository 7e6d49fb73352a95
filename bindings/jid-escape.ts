/*
 * XEP-0106 (JID escaping): what a localpart cannot hold, written as a backslash and two hexadecimal
 * digits. For display and gateways; parsing an address never escapes nor unescapes.
 */
import { ErrorCode } from '../assembly/errors.js';
import { UsageError } from './errors.js';
import { JidError } from './jid-error.js';

// A backslash is escaped only where it begins one of the ten sequences: section 4.2 of the XEP.
const toEscape = /[ "&'/:<>@]|\\(?=20|22|26|27|2f|3a|3c|3e|40|5c)/g;
const escaped = /\\(20|22|26|27|2f|3a|3c|3e|40|5c)/g;

/** See Jid.escapeLocal. */
export function escapeLocal(text: string): string {
  if (typeof text !== 'string') throw new UsageError('a text to escape is a string');
  if (text.startsWith(' ')) throw spaceError(ErrorCode.JidLeadingSpace, 0);
  if (text.endsWith(' ')) throw spaceError(ErrorCode.JidTrailingSpace, text.length - 1);
  return text.replace(toEscape, (character) => `\\${character.charCodeAt(0).toString(16)}`);
}

/** See Jid.unescapeLocal. */
export function unescapeLocal(local: string): string {
  if (typeof local !== 'string') throw new UsageError('a localpart is a string');
  return local.replace(escaped, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

function spaceError(code: ErrorCode, index: number): JidError {
  return new JidError(code, 'local', { codePoint: 0x20, index });
}
