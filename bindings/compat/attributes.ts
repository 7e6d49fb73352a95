/*
 * Attributes as ordinary objects, which is what the originals give: `hasOwnProperty` is there, keys
 * stand in document order, and `__proto__`, a name like any other, is a property of the object's own.
 */

/** Names as written, with their prefixes, `xmlns` included. */
export type Attributes = Record<string, string>;

/**
 * Sets one property, of whatever name, as the object's own.
 *
 *     const attrs = {};
 *     put(attrs, '__proto__', 'x');
 *     Object.keys(attrs)   // ['__proto__']
 */
export function put<Value>(object: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    object[name] = value;
  }
}
