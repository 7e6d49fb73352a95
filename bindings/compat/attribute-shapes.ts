/*
 * Attribute objects by literal, for the lists of attributes that stanzas have most.
 *
 * Setting one property after the other costs V8 a search for the next hidden class each time, once a
 * place in the code has met more than a few. A literal is made at once, and no larger than it must
 * be. Lists that are not here are made the other way: nothing but time depends on this table. Order
 * matters, since keys stand in document order.
 */
import { writtenNames } from '../document.js';
import type { Attributes } from './attributes.js';

/** Makes the object of these values; more are given than it has names. */
export type Shape = (a: string, b: string, c: string, d: string, e: string) => Attributes;

/** Attributes besides a leading `xmlns`, at most; its value comes first. Those behind them are set one by one. */
export const shapeMax = 4;

/** Names without `xmlns`. */
const plain: readonly (readonly [string, Shape])[] = [
  ['id', (a) => ({ id: a })],
  ['var', (a) => ({ var: a })],
  ['type', (a) => ({ type: a })],
  ['node', (a) => ({ node: a })],
  ['jid', (a) => ({ jid: a })],
  ['name', (a) => ({ name: a })],
  ['var type', (a, b) => ({ var: a, type: b })],
  ['type var', (a, b) => ({ type: a, var: b })],
  ['name value', (a, b) => ({ name: a, value: b })],
  ['affiliation role', (a, b) => ({ affiliation: a, role: b })],
  // The attributes of stanzas in whatever order a peer writes them.
  ['from to', (a, b) => ({ from: a, to: b })],
  ['from id', (a, b) => ({ from: a, id: b })],
  ['from type', (a, b) => ({ from: a, type: b })],
  ['to from', (a, b) => ({ to: a, from: b })],
  ['to id', (a, b) => ({ to: a, id: b })],
  ['to type', (a, b) => ({ to: a, type: b })],
  ['id from', (a, b) => ({ id: a, from: b })],
  ['id to', (a, b) => ({ id: a, to: b })],
  ['id type', (a, b) => ({ id: a, type: b })],
  ['type from', (a, b) => ({ type: a, from: b })],
  ['type to', (a, b) => ({ type: a, to: b })],
  ['type id', (a, b) => ({ type: a, id: b })],
  ['from to id', (a, b, c) => ({ from: a, to: b, id: c })],
  ['from to type', (a, b, c) => ({ from: a, to: b, type: c })],
  ['from id to', (a, b, c) => ({ from: a, id: b, to: c })],
  ['from id type', (a, b, c) => ({ from: a, id: b, type: c })],
  ['from type to', (a, b, c) => ({ from: a, type: b, to: c })],
  ['from type id', (a, b, c) => ({ from: a, type: b, id: c })],
  ['to from id', (a, b, c) => ({ to: a, from: b, id: c })],
  ['to from type', (a, b, c) => ({ to: a, from: b, type: c })],
  ['to id from', (a, b, c) => ({ to: a, id: b, from: c })],
  ['to id type', (a, b, c) => ({ to: a, id: b, type: c })],
  ['to type from', (a, b, c) => ({ to: a, type: b, from: c })],
  ['to type id', (a, b, c) => ({ to: a, type: b, id: c })],
  ['id from to', (a, b, c) => ({ id: a, from: b, to: c })],
  ['id from type', (a, b, c) => ({ id: a, from: b, type: c })],
  ['id to from', (a, b, c) => ({ id: a, to: b, from: c })],
  ['id to type', (a, b, c) => ({ id: a, to: b, type: c })],
  ['id type from', (a, b, c) => ({ id: a, type: b, from: c })],
  ['id type to', (a, b, c) => ({ id: a, type: b, to: c })],
  ['type from to', (a, b, c) => ({ type: a, from: b, to: c })],
  ['type from id', (a, b, c) => ({ type: a, from: b, id: c })],
  ['type to from', (a, b, c) => ({ type: a, to: b, from: c })],
  ['type to id', (a, b, c) => ({ type: a, to: b, id: c })],
  ['type id from', (a, b, c) => ({ type: a, id: b, from: c })],
  ['type id to', (a, b, c) => ({ type: a, id: b, to: c })],
  ['from to id type', (a, b, c, d) => ({ from: a, to: b, id: c, type: d })],
  ['from to type id', (a, b, c, d) => ({ from: a, to: b, type: c, id: d })],
  ['from id to type', (a, b, c, d) => ({ from: a, id: b, to: c, type: d })],
  ['from id type to', (a, b, c, d) => ({ from: a, id: b, type: c, to: d })],
  ['from type to id', (a, b, c, d) => ({ from: a, type: b, to: c, id: d })],
  ['from type id to', (a, b, c, d) => ({ from: a, type: b, id: c, to: d })],
  ['to from id type', (a, b, c, d) => ({ to: a, from: b, id: c, type: d })],
  ['to from type id', (a, b, c, d) => ({ to: a, from: b, type: c, id: d })],
  ['to id from type', (a, b, c, d) => ({ to: a, id: b, from: c, type: d })],
  ['to id type from', (a, b, c, d) => ({ to: a, id: b, type: c, from: d })],
  ['to type from id', (a, b, c, d) => ({ to: a, type: b, from: c, id: d })],
  ['to type id from', (a, b, c, d) => ({ to: a, type: b, id: c, from: d })],
  ['id from to type', (a, b, c, d) => ({ id: a, from: b, to: c, type: d })],
  ['id from type to', (a, b, c, d) => ({ id: a, from: b, type: c, to: d })],
  ['id to from type', (a, b, c, d) => ({ id: a, to: b, from: c, type: d })],
  ['id to type from', (a, b, c, d) => ({ id: a, to: b, type: c, from: d })],
  ['id type from to', (a, b, c, d) => ({ id: a, type: b, from: c, to: d })],
  ['id type to from', (a, b, c, d) => ({ id: a, type: b, to: c, from: d })],
  ['type from to id', (a, b, c, d) => ({ type: a, from: b, to: c, id: d })],
  ['type from id to', (a, b, c, d) => ({ type: a, from: b, id: c, to: d })],
  ['type to from id', (a, b, c, d) => ({ type: a, to: b, from: c, id: d })],
  ['type to id from', (a, b, c, d) => ({ type: a, to: b, id: c, from: d })],
  ['type id from to', (a, b, c, d) => ({ type: a, id: b, from: c, to: d })],
  ['type id to from', (a, b, c, d) => ({ type: a, id: b, to: c, from: d })],
];

/** Names behind a leading `xmlns`. */
const namespaced: readonly (readonly [string, Shape])[] = [
  ['id', (x, a) => ({ xmlns: x, id: a })],
  ['node', (x, a) => ({ xmlns: x, node: a })],
  ['stamp', (x, a) => ({ xmlns: x, stamp: a })],
  ['type', (x, a) => ({ xmlns: x, type: a })],
  ['by id', (x, a, b) => ({ xmlns: x, by: a, id: b })],
  ['id by', (x, a, b) => ({ xmlns: x, id: a, by: b })],
  ['from stamp', (x, a, b) => ({ xmlns: x, from: a, stamp: b })],
  ['hash node ver', (x, a, b, c) => ({ xmlns: x, hash: a, node: b, ver: c })],
  // The attributes of stanzas in whatever order a peer writes them.
  ['from to', (x, a, b) => ({ xmlns: x, from: a, to: b })],
  ['from id', (x, a, b) => ({ xmlns: x, from: a, id: b })],
  ['from type', (x, a, b) => ({ xmlns: x, from: a, type: b })],
  ['to from', (x, a, b) => ({ xmlns: x, to: a, from: b })],
  ['to id', (x, a, b) => ({ xmlns: x, to: a, id: b })],
  ['to type', (x, a, b) => ({ xmlns: x, to: a, type: b })],
  ['id from', (x, a, b) => ({ xmlns: x, id: a, from: b })],
  ['id to', (x, a, b) => ({ xmlns: x, id: a, to: b })],
  ['id type', (x, a, b) => ({ xmlns: x, id: a, type: b })],
  ['type from', (x, a, b) => ({ xmlns: x, type: a, from: b })],
  ['type to', (x, a, b) => ({ xmlns: x, type: a, to: b })],
  ['type id', (x, a, b) => ({ xmlns: x, type: a, id: b })],
  ['from to id', (x, a, b, c) => ({ xmlns: x, from: a, to: b, id: c })],
  ['from to type', (x, a, b, c) => ({ xmlns: x, from: a, to: b, type: c })],
  ['from id to', (x, a, b, c) => ({ xmlns: x, from: a, id: b, to: c })],
  ['from id type', (x, a, b, c) => ({ xmlns: x, from: a, id: b, type: c })],
  ['from type to', (x, a, b, c) => ({ xmlns: x, from: a, type: b, to: c })],
  ['from type id', (x, a, b, c) => ({ xmlns: x, from: a, type: b, id: c })],
  ['to from id', (x, a, b, c) => ({ xmlns: x, to: a, from: b, id: c })],
  ['to from type', (x, a, b, c) => ({ xmlns: x, to: a, from: b, type: c })],
  ['to id from', (x, a, b, c) => ({ xmlns: x, to: a, id: b, from: c })],
  ['to id type', (x, a, b, c) => ({ xmlns: x, to: a, id: b, type: c })],
  ['to type from', (x, a, b, c) => ({ xmlns: x, to: a, type: b, from: c })],
  ['to type id', (x, a, b, c) => ({ xmlns: x, to: a, type: b, id: c })],
  ['id from to', (x, a, b, c) => ({ xmlns: x, id: a, from: b, to: c })],
  ['id from type', (x, a, b, c) => ({ xmlns: x, id: a, from: b, type: c })],
  ['id to from', (x, a, b, c) => ({ xmlns: x, id: a, to: b, from: c })],
  ['id to type', (x, a, b, c) => ({ xmlns: x, id: a, to: b, type: c })],
  ['id type from', (x, a, b, c) => ({ xmlns: x, id: a, type: b, from: c })],
  ['id type to', (x, a, b, c) => ({ xmlns: x, id: a, type: b, to: c })],
  ['type from to', (x, a, b, c) => ({ xmlns: x, type: a, from: b, to: c })],
  ['type from id', (x, a, b, c) => ({ xmlns: x, type: a, from: b, id: c })],
  ['type to from', (x, a, b, c) => ({ xmlns: x, type: a, to: b, from: c })],
  ['type to id', (x, a, b, c) => ({ xmlns: x, type: a, to: b, id: c })],
  ['type id from', (x, a, b, c) => ({ xmlns: x, type: a, id: b, from: c })],
  ['type id to', (x, a, b, c) => ({ xmlns: x, type: a, id: b, to: c })],
  ['from to id type', (x, a, b, c, d) => ({ xmlns: x, from: a, to: b, id: c, type: d })],
  ['from to type id', (x, a, b, c, d) => ({ xmlns: x, from: a, to: b, type: c, id: d })],
  ['from id to type', (x, a, b, c, d) => ({ xmlns: x, from: a, id: b, to: c, type: d })],
  ['from id type to', (x, a, b, c, d) => ({ xmlns: x, from: a, id: b, type: c, to: d })],
  ['from type to id', (x, a, b, c, d) => ({ xmlns: x, from: a, type: b, to: c, id: d })],
  ['from type id to', (x, a, b, c, d) => ({ xmlns: x, from: a, type: b, id: c, to: d })],
  ['to from id type', (x, a, b, c, d) => ({ xmlns: x, to: a, from: b, id: c, type: d })],
  ['to from type id', (x, a, b, c, d) => ({ xmlns: x, to: a, from: b, type: c, id: d })],
  ['to id from type', (x, a, b, c, d) => ({ xmlns: x, to: a, id: b, from: c, type: d })],
  ['to id type from', (x, a, b, c, d) => ({ xmlns: x, to: a, id: b, type: c, from: d })],
  ['to type from id', (x, a, b, c, d) => ({ xmlns: x, to: a, type: b, from: c, id: d })],
  ['to type id from', (x, a, b, c, d) => ({ xmlns: x, to: a, type: b, id: c, from: d })],
  ['id from to type', (x, a, b, c, d) => ({ xmlns: x, id: a, from: b, to: c, type: d })],
  ['id from type to', (x, a, b, c, d) => ({ xmlns: x, id: a, from: b, type: c, to: d })],
  ['id to from type', (x, a, b, c, d) => ({ xmlns: x, id: a, to: b, from: c, type: d })],
  ['id to type from', (x, a, b, c, d) => ({ xmlns: x, id: a, to: b, type: c, from: d })],
  ['id type from to', (x, a, b, c, d) => ({ xmlns: x, id: a, type: b, from: c, to: d })],
  ['id type to from', (x, a, b, c, d) => ({ xmlns: x, id: a, type: b, to: c, from: d })],
  ['type from to id', (x, a, b, c, d) => ({ xmlns: x, type: a, from: b, to: c, id: d })],
  ['type from id to', (x, a, b, c, d) => ({ xmlns: x, type: a, from: b, id: c, to: d })],
  ['type to from id', (x, a, b, c, d) => ({ xmlns: x, type: a, to: b, from: c, id: d })],
  ['type to id from', (x, a, b, c, d) => ({ xmlns: x, type: a, to: b, id: c, from: d })],
  ['type id from to', (x, a, b, c, d) => ({ xmlns: x, type: a, id: b, from: c, to: d })],
  ['type id to from', (x, a, b, c, d) => ({ xmlns: x, type: a, id: b, to: c, from: d })],
];

const slots = 128;

/** Shapes by the ids of their names, a byte each, the last one lowest. */
export class ShapeTable {
  readonly #keys = new Int32Array(slots);
  readonly #shapes: (Shape | undefined)[] = new Array<Shape | undefined>(slots).fill(undefined);

  constructor(shapes: readonly (readonly [string, Shape])[]) {
    for (const [names, shape] of shapes) {
      const key = names.split(' ').reduce((sum, name) => (sum << 8) | idOf(name), 0);
      let slot = slotOf(key);
      while (this.#shapes[slot] !== undefined) slot = (slot + 1) & (slots - 1);
      this.#keys[slot] = key;
      this.#shapes[slot] = shape;
    }
  }

  /** The shape of these ids, none of which is 0. */
  find(key: number): Shape | undefined {
    // Some slots are always free.
    for (let slot = slotOf(key); ; slot = (slot + 1) & (slots - 1)) {
      if (this.#keys[slot] === key || this.#keys[slot] === 0) return this.#shapes[slot];
    }
  }
}

function slotOf(key: number): number {
  return Math.imul(key, 0x9e3779b1 | 0) >>> 25;
}

function idOf(name: string): number {
  const id = writtenNames.indexOf(name);
  if (id <= 0 || id > 0xff) throw new Error(`${name} has no number of a byte`);
  return id;
}

export const plainShapes = /* @__PURE__ */ new ShapeTable(plain);
export const namespacedShapes = /* @__PURE__ */ new ShapeTable(namespaced);
