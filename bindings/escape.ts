/*
 * Characters of XML in text and in attribute values: RFC 6120, section 11; XML 1.0, sections 2.2, 2.4 and 3.3.3.
 *
 * A text that needs nothing is given back as it is. A character that XML cannot hold is a UsageError,
 * never a silent change.
 */
import { UsageError } from './errors.js';

const forbidden =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const specialInText = /[&<>"'\r\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/;
const specialInValue = /[&<>"'\0-\x1f\ud800-\udfff\ufffe\uffff]/;

/**
 * A text with `& < > " '` and CR as references.
 *
 *     escapeText('Romeo & Juliet')   // 'Romeo &amp; Juliet'
 *
 * Throws UsageError for a character that XML does not allow (XML 1.0, section 2.2).
 */
export function escapeText(text: string): string {
  if (!specialInText.test(text)) return text;
  checkCharacters(text);
  return text.replace(/[&<>"'\r]/g, reference);
}

/** An attribute value: like escapeText, with tab and LF as references too. */
export function escapeValue(value: string): string {
  if (!specialInValue.test(value)) return value;
  checkCharacters(value);
  return value.replace(/[&<>"'\t\n\r]/g, reference);
}

function checkCharacters(text: string): void {
  const match = forbidden.exec(text);
  if (match === null) return;
  const code = match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  throw new UsageError(`XML cannot hold the character U+${code}`);
}

function reference(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    case "'":
      return '&apos;';
    default:
      return `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
  }
}
