/*
 * An instance of the core, by the platform itself: for bundles of pages and workers, where the loader would be 1.8 KB
 * and nothing of it is used. The builds that are published import nothing. Chosen by the condition "browser" in
 * package.json.
 */
export function instanceOf(module: WebAssembly.Module): WebAssembly.Instance {
  return new WebAssembly.Instance(module);
}
