/*
 * Comparison of elements: names as written, attributes in any order, children in theirs. Values are
 * compared by their text, as they are written; no depth overflows the stack.
 */
import type { Child, Element } from './element.js';

export function nameEqual(a: Element, b: Element): boolean {
  return a.name === b.name;
}

export function attrsEqual(a: Element, b: Element): boolean {
  const names = Object.keys(a.attrs);
  if (names.length !== Object.keys(b.attrs).length) return false;
  return names.every((name) => {
    if (!Object.hasOwn(b.attrs, name)) return false;
    const value: unknown = a.attrs[name];
    const other: unknown = b.attrs[name];
    if (isNothing(value) || isNothing(other)) return value === other;
    return String(value) === String(other);
  });
}

export function childrenEqual(a: Element, b: Element): boolean {
  // Pairs that are still to be compared.
  const waiting: [Element, Element][] = [[a, b]];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [{ children }, { children: others }] = pair;
    if (children.length !== others.length) return false;
    for (const [index, child] of children.entries()) {
      const other = others[index];
      if (!isElement(child) || !isElement(other)) {
        if (child !== other) return false;
        continue;
      }
      if (!nameEqual(child, other) || !attrsEqual(child, other)) return false;
      waiting.push([child, other]);
    }
  }
  return true;
}

/**
 * Whether two elements say the same.
 *
 *     equal(parse('<a b="1" c="2"/>'), parse("<a c='2' b='1'></a>"))   // true
 */
export function equal(a: Element, b: Element): boolean {
  return nameEqual(a, b) && attrsEqual(a, b) && childrenEqual(a, b);
}

function isElement(child: Child): child is Element {
  return typeof child === 'object' && child !== null;
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}
