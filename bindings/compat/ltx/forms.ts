/*
 * Other forms of an element: a copy, indented text, plain data; and what a child is.
 */
import { Element, isElementLike, startTag, type Child } from './element.js';
import { writtenText } from './escape.js';
import type { ElementClass } from './tree-node.js';

/** An element as plain data. */
export interface JsonElement {
  name: string;
  attrs: Record<string, string>;
  children: (JsonElement | string)[];
}

interface Pair<Copy> {
  readonly element: Element;
  readonly copy: Copy;
}

/** A copy of the element and all below it, without parent; anything else is given back. */
export function clone<Node extends Child>(el: Node): Node {
  if (!isElementLike(el)) return el;
  const copyOf = (element: Element): Element => {
    const { constructor } = element as { constructor: unknown };
    return new (constructor as ElementClass)(element.name, element.attrs);
  };
  return copied(el, copyOf, (copy, child) => copy.cnode(child)) as Node;
}

/**
 * Plain data of the element and all below it; the objects of attributes are the element's own.
 *
 *     JSONify(parse('<a b="1">c</a>'))   // { name: 'a', attrs: { b: '1' }, children: ['c'] }
 */
export function toJson(el: Element): JsonElement;
export function toJson<Node>(el: Node): Node;
export function toJson(el: unknown): unknown {
  if (!isElementLike(el)) return el;
  return copied<JsonElement>(
    el,
    ({ name, attrs }) => ({ name, attrs, children: [] }),
    (copy, child) => copy.children.push(child as JsonElement),
  );
}

/** A tree of the same form, made without recursion. */
function copied<Copy>(
  root: Element,
  copyOf: (element: Element) => Copy,
  add: (copy: Copy, child: Copy | Child) => void,
): Copy {
  const result = copyOf(root);
  const waiting: Pair<Copy>[] = [{ element: root, copy: result }];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    for (const child of pair.element.children) {
      if (!isElementLike(child)) {
        add(pair.copy, child);
        continue;
      }
      const copy = copyOf(child);
      add(pair.copy, copy);
      waiting.push({ element: child, copy });
    }
  }
  return result;
}

/**
 * The element as text, indented if `indent` says by what (a text, or a number of spaces).
 *
 *     stringify(parse('<a><b>c</b><d/></a>'), 2)   // '<a>\n  <b>c</b>\n  <d/>\n</a>'
 *
 * A text that is an only child stands on the line of its element. `level` is the depth of what
 * stands below `el`, 1 by default. Throws UsageError for a value that no XML can hold.
 */
export function stringify(el: Element, indent?: string | number, level?: number): string {
  const step = typeof indent === 'number' ? ' '.repeat(indent) : (indent ?? '');
  // 0 is none either.
  const first = Math.max(level ?? 1, 1);
  const line = (depth: number): string => (step === '' ? '' : `\n${step.repeat(depth)}`);
  let source = startTag(el, el.children.length === 0);
  const open = el.children.length === 0 ? [] : [{ element: el, next: 0 }];
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    const { name, children } = frame.element;
    const isText = children.length === 1 && typeof children[0] === 'string';
    const depth = first + open.length - 1;
    if (frame.next === children.length) {
      source += isText ? `</${name}>` : `${line(depth - 1)}</${name}>`;
      open.pop();
      continue;
    }
    const child = children[frame.next++];
    if (child === null || child === undefined) continue;
    if (!isText) source += line(depth);
    if (!isElementLike(child)) {
      source += writtenText(String(child));
      continue;
    }
    const { length } = child.children;
    source += startTag(child, length === 0);
    if (length > 0) open.push({ element: child, next: 0 });
  }
  return source;
}

export function isNode(el: unknown): el is Element | string {
  return isElement(el) || isText(el);
}

export function isElement(el: unknown): el is Element {
  return el instanceof Element;
}

export function isText(el: unknown): el is string {
  return typeof el === 'string';
}
