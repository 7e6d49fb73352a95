// What of ltx is used here; the package brings no types.
declare module 'ltx' {
  interface LtxElement {
    readonly name: string;
    readonly attrs: Readonly<Record<string, string | undefined>>;
    getChildText(name: string): string | null;
  }
  export function parse(source: string): LtxElement;
}
