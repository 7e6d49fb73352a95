/*
 * The wasm module as a file: workerd refuses to compile bytes at run time, and gives a static
 * import of a .wasm file as a compiled module. Chosen by the condition "workerd" of '#wasm' in
 * package.json.
 */
import module from '../../tercet.wasm';

/** The compiled core. */
export function wasmModule(): WebAssembly.Module {
  return module;
}
