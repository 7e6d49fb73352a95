/*
 * Domainpart: RFC 7622, section 3.2 (with errata 4534 and 5789). IP addresses of RFC 3986; names mapped
 * as in RFC 5895, section 2, then label by label NR-LDH label, A-label or U-label of RFC 5890, section
 * 2.3.2, checked as RFC 5891, section 4.2, has it. The result has U-labels.
 */

import { caseFolding, generalCategory, lowerCaseOf, widthMappingOf } from './character-data.js';
import { idnaClass } from './classes.js';
import type { Fault, PartResult } from './faults.js';
import { resultOf } from './faults.js';
import { isIpv4Address, isIpv6Address } from './ip-address.js';
import { type Character, charactersOf, normalizeC, textOf } from './normalization.js';
import { checkSource, classFaults, codePointsOf, lengthFaults, mapCharacters } from './parts.js';
import { decodePunycode, encodePunycode } from './punycode.js';
import { hasRightToLeft, satisfiesBidiRule } from './string-rules.js';

const fullStop = 0x2e;
const underscore = 0x5f;
const ideographicFullStop = 0x3002;

export interface DomainOptions {
  /** Lets U+005F pass in labels, which no rule of the texts does. */
  readonly allowUnderscore?: boolean;
}

export function prepareDomain(source: string, start = 0, options: DomainOptions = {}): PartResult {
  const early = checkSource(source, start, 'domain');
  if (early !== undefined) return early;
  if (source.startsWith('[') || source.endsWith(']')) {
    const isLiteral = /^\[.*\]$/su.test(source) && isIpv6Address(source.slice(1, -1));
    return isLiteral
      ? { ok: true, text: source.toLowerCase() }
      : { ok: false, faults: [{ rule: 'ip-literal', index: start }] };
  }

  const name = mapName(charactersOf(source, start));
  // The root's dot is not part of the name, in whatever spelling it came, and only once.
  if (name.at(-1)?.codePoint === fullStop) name.pop();
  if (name.length === 0) return { ok: false, faults: [{ rule: 'empty-domain', index: start }] };
  if (isIpv4Address(textOf(name))) return { ok: true, text: textOf(name) };

  const labels = splitLabels(name).map((label) => prepareLabel(label, options));
  const faults = labels.flatMap((label) => label.faults);
  const names = labels.map(({ characters }) => codePointsOf(characters));
  if (names.some(hasRightToLeft) && !names.every(satisfiesBidiRule)) faults.push({ rule: 'bidi' });
  const text = labels.map(({ characters }) => textOf(characters)).join('.');
  faults.push(...lengthFaults(text, start));
  return resultOf(text, faults);
}

/** RFC 5895, section 2: lower case, width, NFC, separators. */
function mapName(source: readonly Character[]): Character[] {
  const lower = mapCharacters(source, (codePoint) => {
    // Cherokee: its capitals are PVALID, and its small letters fold to them (RFC 5892, section 2.2).
    if (idnaClass(codePoint) === 'PVALID') return undefined;
    const isCherokeeSmall =
      (codePoint >= 0xab70 && codePoint <= 0xabbf) || (codePoint >= 0x13f8 && codePoint <= 0x13fd);
    return isCherokeeSmall ? caseFolding.get(codePoint) : lowerCaseOf(codePoint);
  });
  const composed = normalizeC(mapCharacters(lower, widthMappingOf));
  return mapCharacters(composed, (codePoint) =>
    codePoint === ideographicFullStop ? [fullStop] : undefined,
  );
}

function splitLabels(name: readonly Character[]): Character[][] {
  const labels: Character[][] = [[]];
  for (const character of name) {
    if (character.codePoint === fullStop) labels.push([]);
    else labels.at(-1)?.push(character);
  }
  return labels;
}

interface Label {
  readonly characters: readonly Character[];
  readonly faults: readonly Fault[];
}

function prepareLabel(characters: readonly Character[], options: DomainOptions): Label {
  if (characters.length === 0) return { characters, faults: [{ rule: 'empty-label' }] };
  const text = textOf(characters);
  const isAscii = characters.every(({ codePoint }) => codePoint < 0x80);
  if (!isAscii) return { characters, faults: unicodeLabelFaults(characters, options) };
  const faults = ldhFaults(characters, options);
  if (!text.startsWith('xn--')) {
    return { characters, faults: [...faults, ...hyphenFaults(text)] };
  }
  if (faults.length > 0) return { characters, faults };

  const index = characters[0]?.index ?? 0;
  const decoded = decodePunycode(text.slice('xn--'.length));
  const isCanonical =
    decoded?.some((codePoint) => codePoint >= 0x80) === true &&
    `xn--${encodePunycode(decoded)}` === text;
  if (!isCanonical) return { characters, faults: [{ rule: 'punycode', index }] };
  const unicode = decoded.map((codePoint) => ({ codePoint, written: codePoint, index }));
  return { characters: unicode, faults: unicodeLabelFaults(unicode, options) };
}

function ldhFaults(characters: readonly Character[], { allowUnderscore }: DomainOptions): Fault[] {
  const allowed = allowUnderscore === true ? /^[-0-9a-z_]$/u : /^[-0-9a-z]$/u;
  return characters
    .filter(({ codePoint }) => !allowed.test(String.fromCodePoint(codePoint)))
    .map(({ written, index }) => ({ rule: 'disallowed', codePoint: written, index }));
}

function hyphenFaults(text: string): Fault[] {
  const faults: Fault[] = [];
  if (text.startsWith('-') || text.endsWith('-')) faults.push({ rule: 'hyphen' });
  const [, , third, fourth] = Array.from(text);
  if (third === '-' && fourth === '-') faults.push({ rule: 'hyphen34' });
  return faults;
}

/** RFC 5891, section 4.2: what a label must hold as it stands. */
function unicodeLabelFaults(
  characters: readonly Character[],
  { allowUnderscore }: DomainOptions,
): Fault[] {
  const faults: Fault[] = [];
  const text = textOf(characters);
  if (textOf(normalizeC(characters)) !== text) faults.push({ rule: 'nfc' });
  faults.push(...hyphenFaults(text));
  const first = characters.at(0);
  if (first !== undefined && generalCategory.of(first.codePoint).startsWith('M')) {
    faults.push({ rule: 'leading-mark', codePoint: first.written, index: first.index });
  }
  const classOf =
    allowUnderscore === true
      ? (codePoint: number) => (codePoint === underscore ? 'PVALID' : idnaClass(codePoint))
      : idnaClass;
  faults.push(...classFaults(characters, classOf, ['PVALID']));
  return faults;
}

export type AsciiResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly rule: 'label-too-long' | 'domain-too-long' };

/** The name for DNS: RFC 5891, section 4.4, with the lengths of RFC 1035. Of a prepared domainpart. */
export function domainToAscii(domain: string): AsciiResult {
  if (domain.startsWith('[')) return { ok: true, text: domain };
  const labels = domain.split('.').map((label) => {
    const codePoints = codePointsOf(charactersOf(label));
    return codePoints.every((one) => one < 0x80) ? label : `xn--${encodePunycode(codePoints)}`;
  });
  if (labels.some((label) => label.length > 63)) return { ok: false, rule: 'label-too-long' };
  const text = labels.join('.');
  return text.length > 253 ? { ok: false, rule: 'domain-too-long' } : { ok: true, text };
}
