/*
 * What becomes of an address as one line of a log, and how the reference runs a case:
 *
 *     local "juliet" domain "example.com" resource "balcony"
 *     error local disallowed U+2163 at 5
 *
 * The place is in UTF-16 units of the source; rules about a whole part or label name none. A long text
 * is shortened to its first characters and its octets.
 */

import { generalCategory, bidiClass } from '../reference/jid/character-data.js';
import { domainToAscii } from '../reference/jid/domain.js';
import { escapeLocal, unescapeLocal } from '../reference/jid/escaping.js';
import { formatAddress, type Options, parseAddress } from '../reference/jid/jid.js';
import { decode, type JidCase, type Operation } from './case-file.js';

/** Rules that a code point at a place breaks. */
const placed = new Set(['utf', 'disallowed', 'unassigned', 'context', 'excluded', 'leading-mark']);

export interface Parts {
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
}

export interface Failure {
  readonly part: string;
  readonly rule: string;
  readonly codePoint?: number | undefined;
  readonly index?: number | undefined;
}

/** What a case needs of an implementation; results are lines. */
export type Subject = Readonly<
  Record<Exclude<Operation, 'equal'>, (text: string, options: Options) => string>
> & {
  /** The canonical form, or undefined. */
  readonly canonical: (text: string) => string | undefined;
};

export function runCase(subject: Subject, { operation, options, lines }: JidCase): string[] {
  return lines.map((line) => {
    if (operation !== 'equal') return subject[operation](decode(line), options);
    const [left, right] = line.split(' | ').map((text) => subject.canonical(decode(text)));
    return left !== undefined && left === right ? 'equal' : 'different';
  });
}

export function partsLine({ local, domain, resource }: Parts): string {
  return [
    ...(local === '' ? [] : [`local ${quote(local)}`]),
    `domain ${quote(domain)}`,
    ...(resource === '' ? [] : [`resource ${quote(resource)}`]),
  ].join(' ');
}

export function failureLine({ part, rule, codePoint, index }: Failure): string {
  const line = `error ${part} ${rule}`;
  if (!placed.has(rule) || codePoint === undefined) return line;
  return `${line} U+${codePoint.toString(16).toUpperCase().padStart(4, '0')} at ${index ?? '?'}`;
}

/** Letters, digits and symbols written from left to right as they are, all else by its number. */
export function quote(text: string): string {
  const octets = new TextEncoder().encode(text).length;
  const shown = octets > 100 ? [...Array.from(text).slice(0, 4), '...'] : Array.from(text);
  const written = shown
    .map((character) => (character === '...' ? '...' : show(character)))
    .join('');
  return octets > 100 ? `"${written}" (${octets} octets)` : `"${written}"`;
}

function show(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  const isAscii = codePoint >= 0x20 && codePoint < 0x7f;
  const isPlain =
    'LNPS'.includes(generalCategory.of(codePoint).charAt(0)) &&
    !['R', 'AL', 'AN'].includes(bidiClass.of(codePoint));
  return isAscii || isPlain ? character : `\\u{${codePoint.toString(16)}}`;
}

export const reference: Subject = {
  jid(text, options) {
    const result = parseAddress(text, options);
    return result.ok ? partsLine(result) : failureLine(result);
  },
  ascii(text, options) {
    const result = parseAddress(text, options);
    if (!result.ok) return failureLine(result);
    const ascii = domainToAscii(result.domain);
    return ascii.ok ? quote(ascii.text) : failureLine({ part: 'domain', rule: ascii.rule });
  },
  escape(text) {
    const result = escapeLocal(text);
    return result.ok ? quote(result.text) : failureLine({ part: 'local', rule: result.rule });
  },
  unescape: (text) => quote(unescapeLocal(text)),
  canonical(text) {
    const result = parseAddress(text);
    return result.ok ? formatAddress(result) : undefined;
  },
};
