/*
 * What other drop-ins need of ltx: its elements and how parsers make them.
 */
export { Element } from './element.js';
export { addChild, makerOf, type ElementClass, type NodeMaker } from './tree-node.js';
export { treeSax, type DirectBuilder, type SaxLtx } from './sax.js';
export { wholeBytes, wholeElement } from './whole-element.js';
