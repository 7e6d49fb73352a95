/** `node:fs` for the drivers, where there is none: what was fetched before, as bytes. */

export const files = new Map();

export function readFileSync(path, encoding) {
  const bytes = files.get(path);
  return encoding === undefined ? Buffer.from(bytes) : new TextDecoder().decode(bytes);
}
