/*
 * An instance of the core, by AssemblyScript's loader: for programs.
 */
import { instantiateSync } from '@assemblyscript/loader';

export function instanceOf(module: WebAssembly.Module): WebAssembly.Instance {
  return instantiateSync(module).instance;
}
