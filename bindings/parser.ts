/*
 * The face of tercet/parser: reading and writing XML, without the other parts of the package.
 */
import './wasm/parser.js';

export * from './xml.js';
