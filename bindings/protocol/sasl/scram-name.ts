/*
 * User names as SCRAM writes them (RFC 5802, section 5.1): `=2C` and `=3D` stand for the comma and the
 * equals sign; another `=` is an error.
 */
export function decodeName(text: string): string | undefined {
  if (/=(?!2C|3D)/.test(text)) return undefined;
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

export const encodeName = (text: string): string =>
  text.replaceAll('=', '=3D').replaceAll(',', '=2C');
