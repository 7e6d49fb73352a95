/** What the tests use of tr46, which comes without types. */
declare module 'tr46' {
  export function toUnicode(
    domain: string,
    options: Readonly<Record<string, boolean>>,
  ): { readonly domain: string; readonly error: boolean };
}
