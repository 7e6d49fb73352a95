/*
 * The face of tercet/jid: addresses, without the other parts of the package.
 */
import './wasm/jid.js';

export * from './jid.js';
