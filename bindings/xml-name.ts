/*
 * Names that a program gives to elements and attributes: qualified names of Namespaces in XML 1.0,
 * section 4. The core checks those that come from a stream.
 */
import { UsageError } from './errors.js';

// XML 1.0, section 2.3, without the colon (Namespaces in XML 1.0, section 3).
const nameStart =
  'A-Z_a-z\\u{C0}-\\u{D6}\\u{D8}-\\u{F6}\\u{F8}-\\u{2FF}\\u{370}-\\u{37D}\\u{37F}-\\u{1FFF}' +
  '\\u{200C}\\u{200D}\\u{2070}-\\u{218F}\\u{2C00}-\\u{2FEF}\\u{3001}-\\u{D7FF}\\u{F900}-\\u{FDCF}' +
  '\\u{FDF0}-\\u{FFFD}\\u{10000}-\\u{EFFFF}';
const namePattern = `[${nameStart}][-.0-9\\u{B7}\\u{300}-\\u{36F}\\u{203F}\\u{2040}${nameStart}]*`;
const qualifiedName = /* @__PURE__ */ new RegExp(`^(?:${namePattern}:)?${namePattern}$`, 'u');

/** `name` if it is a qualified name of XML; throws UsageError otherwise. */
export function checkedName(name: string): string {
  if (typeof name !== 'string' || !qualifiedName.test(name)) {
    throw new UsageError(`${JSON.stringify(name)} is not an XML name`);
  }
  return name;
}
