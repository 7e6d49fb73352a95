/*
 * The builds of the core that a program has loaded, and what each of them can do.
 *
 * The core is compiled three times from the same sources: everything, the parser alone, addresses
 * alone. An entry point of the package adds its build by importing full.ts, parser.ts or jid.ts
 * for their side effect; classes ask for a part and get the fullest build that has it. So a bundle
 * holds the builds of the entry points that it imports and no other, and whoever imports several
 * entry points gets one engine where one of the builds can do it all.
 */

/** What a build can do; values are added up. */
export const enum Part {
  /** Streams, frames and documents: the exports stream_*. */
  Xml = 1,
  /** Addresses: the exports jid_*. */
  Jid = 2,
  /** Routing. */
  Router = 4,
}

/** Writes what a new instance lacks of its data, before it is opened. */
export type Fill = (memory: WebAssembly.Memory) => void;

export interface Build {
  readonly parts: number;
  readonly module: () => WebAssembly.Module;
  readonly fill: Fill | undefined;
}

// The fullest first.
const builds: Build[] = [];

/** Makes a build known; `module` is called when the first engine of it is made. */
export function addBuild(parts: number, module: () => WebAssembly.Module, fill?: Fill): void {
  builds.push({ parts, module, fill });
  builds.sort((one, other) => other.parts - one.parts);
}

/** The fullest build that has these parts. */
export function buildWith(parts: number): Build {
  const build = builds.find((each) => (each.parts & parts) === parts);
  if (build === undefined) {
    throw new Error('no build of the core is loaded: import an entry point of the package');
  }
  return build;
}
