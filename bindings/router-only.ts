/*
 * The face of tercet/router: routing, and of the rest of the package what it is made of.
 */
import './wasm/full.js';

export * from './router.js';
