/*
 * The parser alone: imported for its side effect, by entry points only.
 */
import { fill, wasmModule } from '#wasm/parser';
import { addBuild, Part } from './builds.js';

addBuild(Part.Xml, wasmModule, fill);
