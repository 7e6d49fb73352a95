/*
 * What other drop-ins need of ltx: its elements and how parsers make them.
 */
export { Element } from './element.js';
export { addChild, makerOf, plainMakerOf, type ElementClass } from './tree-node.js';
export { wholeBytes, wholeElement } from './whole-element.js';
