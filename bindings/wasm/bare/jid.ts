/*
 * Addresses alone: this build has no vocabulary.
 */
export { wasmModule } from '../inline/jid.js';
