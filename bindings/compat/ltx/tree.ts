/*
 * What other drop-ins need of ltx: its elements and how parsers make them.
 */
export { Element } from './element.js';
export { addChild, makerOf, type ElementClass } from './tree-node.js';
