/*
 * The escape helpers of ltx, and how its elements are written.
 *
 * The helpers give what the originals give. Elements are written by the other two functions: what
 * would be another value when it is read again (a tab, LF or CR in an attribute, a CR in a text) is a
 * reference, and what no XML can hold (XML 1.0, section 2.2) is a UsageError.
 */
import { escapeText } from '../../escape.js';

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

const characters: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

const reference = (character: string): string => references[character];

/**
 * A value with `& < > " '` as references.
 *
 *     escapeXML('Romeo & "Juliet"')   // 'Romeo &amp; &quot;Juliet&quot;'
 */
export function escapeXML(value: string): string {
  return value.replace(/["&'<>]/g, reference);
}

/** A text with `& < >` as references. */
export function escapeXMLText(text: string): string {
  return text.replace(/[&<>]/g, reference);
}

/**
 * Replaces references to characters and the five entities of XML; an `&` that no `;` follows stays.
 *
 *     unescapeXML('&lt;&#x41;&gt;')   // '<A>'
 *
 * Throws an Error for any other reference, also for `&#65abc;`, which the original takes for `A`.
 */
export function unescapeXML(value: string): string {
  // Up to the last ';' each '&' has an end, so that each is looked at once.
  const end = value.lastIndexOf(';') + 1;
  if (end === 0 || !value.includes('&')) return value;
  return value.substring(0, end).replace(/&[^;]*;/g, referent) + value.substring(end);
}

function referent(source: string): string {
  const name = source.slice(1, -1);
  const number = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name);
  if (number === null) {
    if (!Object.hasOwn(characters, name)) throw new Error(`Illegal XML entity ${source}`);
    return characters[name];
  }
  const [, hexadecimal, decimal] = number as (string | undefined)[];
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  if (!isCharacter(code)) throw new Error(`Illegal XML character 0x${code.toString(16)}`);
  return String.fromCodePoint(code);
}

/** XML 1.0, section 2.2. */
function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  if (code < 0xe000) return code <= 0xd7ff;
  return code <= 0xfffd || (code >= 0x10000 && code <= 0x10ffff);
}

/** The reverse of escapeXMLText; other references stay as they are. */
export function unescapeXMLText(text: string): string {
  return text.replace(/&(?:amp|#38|lt|#60|gt|#62);/g, (source) => {
    if (source === '&amp;' || source === '&#38;') return '&';
    return source === '&lt;' || source === '&#60;' ? '<' : '>';
  });
}

const specialInText = /[&<>\r\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;
const specialInValue = /[&<>"'\0-\x1f\ud800-\udfff\ufffe\uffff]/;

/** A text as an element writes it. Throws UsageError for what XML cannot hold. */
export function writtenText(text: string): string {
  if (!specialInText.test(text)) return text;
  check(text);
  return text.replace(/[&<>\r]/g, reference);
}

/** An attribute's value as an element writes it. Throws UsageError for what XML cannot hold. */
export function writtenValue(value: string): string {
  if (!specialInValue.test(value)) return value;
  check(value);
  return value.replace(/[&<>"'\t\n\r]/g, reference);
}

/** The core's writer knows which characters are allowed, and names the one that is not. */
function check(text: string): void {
  escapeText(text);
}
