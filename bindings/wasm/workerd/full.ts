/*
 * Everything, as a file: workerd refuses to compile bytes at run time, and gives a static import of a
 * .wasm file as a compiled module. Chosen by the condition "workerd" in package.json.
 */
import module from '../../../tercet.wasm';
import type { Fill } from '../builds.js';

export function wasmModule(): WebAssembly.Module {
  return module;
}

/** Nothing is missing. */
export const fill: Fill | undefined = undefined;
