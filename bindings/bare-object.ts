/*
 * Objects without a prototype, for names that a peer chooses: `__proto__` and `constructor` are
 * ordinary names in them.
 */

const empty: Readonly<Record<string, never>> = {};

/**
 * A new object without a prototype and without properties.
 *
 * Object.create(null), and a literal that has nothing but a null prototype, are hash tables to V8:
 * slow to make, to fill and to freeze. A copy of an empty object that is to have no prototype is an
 * ordinary one, at a third of the cost.
 */
export function bareObject(): Record<string, string | undefined> {
  return { ...empty, __proto__: null as never };
}
