/*
 * Everything: imported for its side effect, by entry points only.
 */
import { fill, wasmModule } from '#wasm/full';
import { addBuild, Part } from './builds.js';

addBuild(Part.Xml | Part.Jid | Part.Router, wasmModule, fill);
