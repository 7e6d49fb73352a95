/*
 * Addresses alone: imported for its side effect, by entry points only.
 */
import { wasmModule } from '#wasm/jid';
import { addBuild, Part } from './builds.js';

addBuild(Part.Jid, wasmModule);
