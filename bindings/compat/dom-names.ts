/*
 * Names of the small DOM: what is one (XML 1.0, section 2.3), its parts, and which namespace it may be
 * in (Namespaces in XML 1.0; DOM Standard, section 1.4). Mistakes are Errors with the names of the
 * standard.
 */

export const xmlNamespace = 'http://www.w3.org/XML/1998/namespace';
export const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/';

/** '' as a namespace or prefix means that there is none. */
export function orNull(value: string | null): string | null {
  return value === '' ? null : value;
}

export function fault(name: string, message: string): Error {
  const error = new Error(message);
  error.name = name;
  return error;
}

/** The parts of a qualified name: '' becomes null, as the standard has it. */
export function partsOf(name: string): {
  readonly prefix: string | null;
  readonly localName: string;
} {
  const colon = name.indexOf(':');
  return colon < 0
    ? { prefix: null, localName: name }
    : { prefix: name.slice(0, colon), localName: name.slice(colon + 1) };
}

const nameStart =
  ':A-Z_a-z\\u{c0}-\\u{d6}\\u{d8}-\\u{f6}\\u{f8}-\\u{2ff}\\u{370}-\\u{37d}\\u{37f}-\\u{1fff}' +
  '\\u{200c}\\u{200d}\\u{2070}-\\u{218f}\\u{2c00}-\\u{2fef}\\u{3001}-\\u{d7ff}' +
  '\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{fffd}\\u{10000}-\\u{effff}';
const namePattern = /* @__PURE__ */ new RegExp(
  `^[${nameStart}][${nameStart}\\-.0-9\\u{b7}\\u{300}-\\u{36f}\\u{203f}\\u{2040}]*$`,
  'u',
);

export function checkName(name: string): void {
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw fault('InvalidCharacterError', 'the name is none of XML');
  }
}

export function checkQualifiedName(namespace: string | null, name: string): void {
  checkName(name);
  const { prefix, localName } = partsOf(name);
  const isXmlns = name === 'xmlns' || prefix === 'xmlns';
  if (
    prefix === '' ||
    localName === '' ||
    localName.includes(':') ||
    (prefix !== null && namespace === null) ||
    (prefix === 'xml' && namespace !== xmlNamespace) ||
    isXmlns !== (namespace === xmlnsNamespace)
  ) {
    throw fault('NamespaceError', 'the name does not go with the namespace');
  }
}
